/**
 * Caches the part of a vswitch's wiring that has not changed since somebody asked last: while its
 * ports move one by one, that is most of it, and neither made nor compared again. The least
 * recently used part is forgotten when there is too much.
 */
import { LRUCache } from 'lru-cache';
import type { DatapathName, Vport } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import { placementOf, type Snapshot, type Vswitch } from '../slices/network/snapshot.ts';
import type { Wire } from '../slices/network/wires.ts';
import type { PhysicalFlow, Tables } from './physical-tables.ts';
import { hasNeighbour } from './recirculation.ts';

/** All that it follows from; each is a value that is never changed. */
export interface Basis {
  readonly vswitch: Vswitch;
  readonly isBody: boolean;
  readonly isNeighbour: boolean;
  readonly missesUp: boolean;
  /** With the same ways the numbers are the same, too (slices/network/changed-ways.ts). */
  readonly wires: readonly Wire[] | undefined;
  /** What tenants configured of its ports, and of those at the other ends of its links. */
  readonly configs: readonly (ReadonlyMap<Vport, number> | undefined)[];
}

/** The entries of hosts' ports, and where their vports were at home. */
export type KnownHosts = Map<
  Vport,
  { readonly home: DatapathName; readonly isSecond: boolean; readonly flow: PhysicalFlow }
>;

interface Kept {
  readonly basis: Basis;
  readonly tables: Tables;
  readonly hosts: KnownHosts;
}

const all = new LRUCache<string, Kept>({
  maxSize: limits.keptEntriesMax,
  sizeCalculation: ({ tables }) => 1 + tables.flows.size + tables.groups.size,
});

export function steadyBasis(snapshot: Snapshot, vswitch: Vswitch, datapath: DatapathName): Basis {
  const { portConfigs } = snapshot;
  const names = [vswitch.name];
  for (const one of vswitch.ports.values()) if (one.type === 'link') names.push(one.peer.device);
  return {
    vswitch,
    isBody: placementOf(snapshot, vswitch.name).bodies.includes(datapath),
    isNeighbour: hasNeighbour(snapshot, vswitch, datapath),
    missesUp: snapshot.missesUp.has(vswitch.name),
    wires: snapshot.wires.get(vswitch.name),
    configs: names.map((name) => portConfigs.get(name)),
  };
}

export function kept(basis: Basis, datapath: DatapathName, make: () => Tables): Kept {
  const key = `${basis.vswitch.name} ${datapath}`;
  const found = all.get(key);
  if (found !== undefined && isSame(found.basis, basis)) return found;
  const made: Kept = { basis, tables: make(), hosts: new Map() };
  all.set(key, made);
  return made;
}

function isSame(one: Basis, other: Basis): boolean {
  return (
    one.vswitch === other.vswitch &&
    one.wires === other.wires &&
    one.isBody === other.isBody &&
    one.isNeighbour === other.isNeighbour &&
    one.missesUp === other.missesUp &&
    one.configs.length === other.configs.length &&
    one.configs.every((config, i) => config === other.configs[i])
  );
}
