/**
 * The ports of datapaths that the file names: where hosts and links are plugged in. What a datapath
 * tells of others is nothing that anybody waits for.
 */

import type { DatapathName } from '../ids.ts';
import type { Config } from './config.ts';

export type NamedPorts = ReadonlyMap<DatapathName, ReadonlySet<number>>;

export function namedPorts({ links, hosts }: Pick<Config, 'links' | 'hosts'>): NamedPorts {
  const named = new Map<DatapathName, Set<number>>();
  const plugs = hosts.flatMap(({ at, offers = [at] }) => offers);
  for (const { device, port } of [...links.flat(), ...plugs]) {
    const there = named.get(device) ?? new Set();
    named.set(device, there.add(port));
  }
  return named;
}
