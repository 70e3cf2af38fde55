/**
 * The ports of datapaths that the file names, for hosts and links. Nobody waits for other ports
 * that a datapath reports.
 */

import { type DatapathName, isSameEnd } from '../ids.ts';
import type { Config, PhysicalEnd } from './config.ts';

export type NamedPorts = ReadonlyMap<DatapathName, ReadonlySet<number>>;

/** What runs, and where hosts are being moved to. */
interface Running {
  readonly config: Config;
  readonly moving: ReadonlyMap<string, PhysicalEnd>;
}

/** Computed once for each configuration: with other moves it is another. */
const known = new WeakMap<Config, NamedPorts>();

export function namedPorts({ config, moving }: Running): NamedPorts {
  const before = known.get(config);
  if (before !== undefined) return before;
  const named = byDatapath([...config.links.flat(), ...plugsOf(config), ...moving.values()]);
  known.set(config, named);
  return named;
}

/** Of those, the ports where hosts are, or may be. */
export function hostPorts(config: Config): NamedPorts {
  return byDatapath(plugsOf(config));
}

/** Who is plugged in there by the file. */
export function hostsAt({ hosts }: Config, end: PhysicalEnd): readonly string[] {
  return hosts.flatMap(({ name, at, offers = [at] }) => {
    return offers.some((one) => isSameEnd(one, end)) ? [name] : [];
  });
}

function plugsOf({ hosts }: Config): readonly PhysicalEnd[] {
  return hosts.flatMap(({ at, offers = [at] }) => offers);
}

function byDatapath(ends: readonly PhysicalEnd[]): NamedPorts {
  const named = new Map<DatapathName, Set<number>>();
  for (const { device, port } of ends) {
    const there = named.get(device) ?? new Set();
    named.set(device, there.add(port));
  }
  return named;
}
