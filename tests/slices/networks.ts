/**
 * Configurations and snapshots for tests, made from plain trees as the YAML parser makes them.
 */

import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { type Config, type Problem, readConfig } from '../../slices/config/config.ts';
import type { DatapathName, Vport, VswitchName } from '../../slices/ids.ts';
import {
  compile,
  isInfeasible,
  nothingRemembered,
  type Placement,
  type Remembered,
  type Snapshot,
  type Vswitch,
  withPlacement,
} from '../../slices/network/snapshot.ts';

export const datapath = (name: string) => name as DatapathName;
export const vswitchName = (name: string) => name as VswitchName;
export const vport = (number: number) => number as Vport;

/** YAML as the shell reads it: every scalar stays text. */
export function treeOf(yaml: string): unknown {
  return parseDocument(yaml, { schema: 'failsafe', uniqueKeys: true }).toJS();
}

export function problemsOf(yaml: string, ownAddresses: readonly string[] = []): readonly Problem[] {
  const read = readConfig(treeOf(yaml), ownAddresses);
  return 'problems' in read ? read.problems : [];
}

export function configOf(yaml: string): Config {
  const read = readConfig(treeOf(yaml), []);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.config;
}

export function snapshotOf(yaml: string, remembered: Remembered = nothingRemembered): Snapshot {
  const snapshot = compile(configOf(yaml), remembered);
  if (isInfeasible(snapshot)) throw new Error(snapshot.why);
  return snapshot;
}

/** A vswitch with two hosts, and the datapath on which all of it is. */
export const oneDatapath = `
datapaths: { s1: { dpid: 101 } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
`;

/** Two datapaths with a cable; red's v1 with two hosts is on the first, and may move. */
export const twoDatapaths = (acknowledgement = 'barrier') => `
datapaths:
  s1: { dpid: 1, ack: ${acknowledgement} }
  s2: { dpid: 2, ack: ${acknowledgement} }
links: [s1:3 - s2:3]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
`;

export function exampleText(): string {
  const file = new URL('../../examples/live-migration/network.yaml', import.meta.url);
  return readFileSync(file, 'utf8');
}

export function vswitchOf(snapshot: Snapshot, name: string): Vswitch {
  const vswitch = snapshot.vswitches.get(vswitchName(name));
  if (vswitch === undefined) throw new Error(`no vswitch ${name}`);
  return vswitch;
}

/** The snapshot with a vswitch on several bodies, its vports' homes as said (the first, if not). */
export function clonedOn(
  snapshot: Snapshot,
  name: string,
  bodies: readonly string[],
  homes: Readonly<Record<number, string>> = {},
): Snapshot {
  const [primary = ''] = bodies;
  const { ports } = vswitchOf(snapshot, name);
  const placement: Placement = {
    bodies: bodies.map(datapath),
    primary: datapath(primary),
    homes: new Map([...ports.keys()].map((p) => [p, datapath(homes[p] ?? primary)])),
  };
  const placed = withPlacement(snapshot, vswitchName(name), placement);
  if (isInfeasible(placed)) throw new Error(placed.why);
  return placed;
}
