/**
 * Who reaches whom: every host sends every kind of frame to every other host of its tenant, and
 * all hosts listen for frames of others (mesh.py).
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Lab } from './lab.ts';
import { root } from './programs.ts';

/** Of one tenant. */
export interface Reached {
  /** Frames: pairs of hosts, times kinds of frames. */
  readonly due: number;
  readonly came: number;
  readonly twice: number;
  /** Arrived with other bytes than they were sent with. */
  readonly changed: number;
  /** Frames of other tenants that one of its hosts got. */
  readonly foreign: number;
  /** The first 20 that did not come, in words. */
  readonly missing: readonly string[];
}

/** What mesh.py has, in its order. */
export const kinds = [
  'IPv4',
  'IPv6',
  'VLAN 10',
  'VLAN 4094 with IPv6',
  'QinQ',
  'MPLS',
  'an ethertype of no protocol',
  '1,500 bytes',
] as const;

/** By tenant, which is what a host's name begins with, up to a dash. */
export async function everybodySends(
  lab: Lab,
  seconds = 2,
): Promise<Readonly<Record<string, Reached>>> {
  const file = path.join(lab.dir, 'mesh.json');
  const hosts = lab.spec.hosts.map(({ name, mac }) => ({
    name,
    tenant: name.split('-', 1)[0],
    mac,
  }));
  fs.writeFileSync(file, JSON.stringify(hosts));
  const script = path.join(root, 'examples/lab/mesh.py');
  const out = await lab.inside.run(['/usr/bin/python3', script, file, String(seconds)]);
  return JSON.parse(out) as Readonly<Record<string, Reached>>;
}
