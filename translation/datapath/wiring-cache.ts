/**
 * Caches the part of a vswitch's wiring that has not changed since it was asked for last: while its
 * ports move one by one, that is most of it, and it is neither computed nor compared again. The
 * least recently used part is dropped when there is too much.
 */
import { LRUCache } from 'lru-cache';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { LazyMap } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';
import {
  peersOf,
  placementOf,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import type { Wire } from '../../slices/network/wires.ts';
import { sameEntry } from '../entries/difference.ts';
import {
  flowKey,
  noTables,
  type PhysicalFlow,
  type PhysicalGroup,
  type PhysicalMeter,
  sameGroup,
  type Tables,
  trimmedFlow,
  trimmedGroup,
} from '../entries/physical-tables.ts';
import { learnsOn } from '../wiring/normal.ts';
import { hasNeighbour } from '../wiring/recirculation.ts';

/** Some entries, groups and meters. */
export interface Parts {
  readonly flows: readonly PhysicalFlow[];
  readonly groups: readonly PhysicalGroup[];
  readonly meters: readonly PhysicalMeter[];
}

/** All that it follows from; each is a value that is never changed. */
export interface Basis {
  readonly vswitch: Vswitch;
  readonly isBody: boolean;
  readonly isNeighbour: boolean;
  readonly missesUp: boolean;
  readonly learns: boolean;
  /** With the same ways the numbers are the same, too (slices/network/changed-ways.ts). */
  readonly wires: readonly Wire[] | undefined;
  /** What tenants configured of its ports, and of those at the other ends of its links. */
  readonly configs: readonly (ReadonlyMap<Vport, number> | undefined)[];
}

/** The entries of hosts' ports, and where their vports were at home. */
export type KnownHosts = LazyMap<
  Vport,
  {
    readonly home: DatapathName;
    readonly isSecond: boolean;
    readonly flows: readonly PhysicalFlow[];
  }
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
  const names = [vswitch.name, ...peersOf(vswitch)];
  return {
    vswitch,
    isBody: placementOf(snapshot, vswitch.name).bodies.includes(datapath),
    isNeighbour: hasNeighbour(snapshot, vswitch, datapath),
    missesUp: snapshot.missesUp.has(vswitch.name),
    learns: learnsOn(snapshot, vswitch, datapath),
    wires: snapshot.wires.get(vswitch.name),
    configs: names.map((name) => portConfigs.get(name)),
  };
}

/** What is kept; made of these parts when it is not, or of another basis. */
export function kept(basis: Basis, datapath: DatapathName, parts: Iterable<Parts>): Kept {
  const steps = keeping(basis, datapath, parts);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/**
 * The same a part at a time. What is as it was in the last basis is the very value of then: whoever
 * compares it sees that at once.
 */
export function* keeping(
  basis: Basis,
  datapath: DatapathName,
  parts: Iterable<Parts>,
): Generator<void, Kept> {
  const key = `${basis.vswitch.name} ${datapath}`;
  const before = all.get(key);
  if (before !== undefined && isSame(before.basis, basis)) return before;
  const flows = new Map<string, PhysicalFlow>();
  const groups = new Map<number, PhysicalGroup>();
  const meters = new Map<number, PhysicalMeter>();
  for (const part of parts) {
    for (const flow of part.flows) {
      const at = flowKey(flow);
      flows.set(at, asBefore(before?.tables.flows.get(at), trimmedFlow(flow), sameEntry));
    }
    for (const group of part.groups) {
      const { groupId: id } = group;
      groups.set(id, asBefore(before?.tables.groups.get(id), trimmedGroup(group), sameGroup));
    }
    for (const meter of part.meters) meters.set(meter.meterId, meter);
    yield;
  }
  const tables: Tables = {
    flows: flows.size === 0 ? noTables.flows : flows,
    groups: groups.size === 0 ? noTables.groups : groups,
    meters: meters.size === 0 ? noTables.meters : meters,
  };
  const made: Kept = { basis, tables, hosts: new LazyMap() };
  all.set(key, made);
  return made;
}

function asBefore<T>(old: T | undefined, now: T, same: (a: T, b: T) => boolean): T {
  return old !== undefined && same(old, now) ? old : now;
}

function isSame(one: Basis, other: Basis): boolean {
  return (
    one.vswitch === other.vswitch &&
    one.wires === other.wires &&
    one.isBody === other.isBody &&
    one.isNeighbour === other.isNeighbour &&
    one.missesUp === other.missesUp &&
    one.learns === other.learns &&
    one.configs.length === other.configs.length &&
    one.configs.every((config, i) => config === other.configs[i])
  );
}
