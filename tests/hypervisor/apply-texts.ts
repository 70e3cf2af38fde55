/**
 * The network in which files are applied, and a tenant of it; and what serves, for who plans one.
 */
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Running } from '../../translation/migration/reconfiguration.ts';

const datapaths = 'datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }';
const links = 'links: [s1:3 - s3:1, s2:3 - s3:2]';

export const blue = `
  blue:
    vswitches: { v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7003] } }
    hosts: { h1: { port: v1:1, at: s1:2 }, h2: { port: v1:2, at: s2:2 } }`;

export const textOf = (...tenants: readonly string[]): string =>
  [datapaths, links, 'tenants:', ...tenants].join('\n');

/** Nobody has left, and nobody moves. */
export function runningOf(snapshot: Snapshot): Running {
  const all = [...snapshot.vswitches.values()];
  const ids = new Map(all.map(({ name, id }) => [name, id] as const));
  const contents = () => ({ rules: 0, groups: 0, meters: 0 });
  const census = { names: new Set(ids.keys()), left: new Map(), who: new Map(), contents };
  const { placements, portConfigs } = snapshot;
  const known = { ids, freedIds: [], placements, portConfigs };
  const { told } = snapshot.config;
  return {
    snapshot,
    known,
    census,
    departure: 1,
    migrations: [],
    nowMs: 0,
    told,
    isDown: () => false,
  };
}
