/**
 * Plans that lead owners' contributions from their present to their next values, and how a part of
 * one is carried out on a datapath's intent (intent.ts).
 */
import type { VswitchName } from '../../slices/ids.ts';
import { chunks } from '../../slices/steps.ts';
import type { OwnerKey } from '../datapath/contribution.ts';
import { type Keys, type Phase, phases } from '../entries/difference.ts';
import type { Tables } from '../entries/physical-tables.ts';
import type { Owned } from './owners.ts';
import type { Key } from './packed-entries.ts';

/** One owner's contribution is to be this. */
export interface Change {
  readonly owner: OwnerKey;
  /** Whose it is; undefined when it is no vswitch's. */
  readonly vswitch: VswitchName | undefined;
  readonly tables: Tables;
  /** What it was: only where the two differ is anything done. Absent: what is there of it. */
  readonly before?: Tables;
}

export type Parts = Readonly<Record<Phase, Keys>>;

/** What becomes of one owner. Of its contribution it has what is changed. */
export interface Planned extends Omit<Change, 'before'> {
  /** Whether it leads to all that the owner wants, not only from one contribution to another. */
  readonly isAll: boolean;
  readonly parts: Parts;
}

/** By entry, group or meter: which changes are about it, in their order. */
interface Index {
  readonly flows: Map<string, Planned[]>;
  readonly groups: Map<number, Planned[]>;
  readonly meters: Map<number, Planned[]>;
}

/** The way of some owners from what is there to what they want. */
export class Plan {
  readonly number: number;
  readonly #changes = new Map<OwnerKey, Planned>();
  readonly #index: Readonly<Record<Phase, Index>> = {
    make: newIndex(),
    change: newIndex(),
    break: newIndex(),
  };
  /** With anything in a part. */
  readonly #owners: Readonly<Record<Phase, OwnerKey[]>> = { make: [], change: [], break: [] };
  /** Parts that are to be carried out; others, a later plan does. */
  readonly phases: readonly Phase[];
  /** Parts that were carried out. */
  readonly done = new Set<Phase>();

  constructor(number: number, wanted: readonly Phase[]) {
    this.number = number;
    this.phases = wanted;
  }

  get changes(): Iterable<Planned> {
    return this.#changes.values();
  }

  get isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  /** What becomes of one owner, if anything does. */
  of(owner: OwnerKey): Planned | undefined {
    return this.#changes.get(owner);
  }

  /** One of an owner at most. */
  add(planned: Planned): void {
    this.#changes.set(planned.owner, planned);
    for (const phase of phases) {
      const { flows, groups, meters } = planned.parts[phase];
      const index = this.#index[phase];
      if (flows.length + groups.length + meters.length > 0) this.#owners[phase].push(planned.owner);
      for (const key of flows) put(index.flows, key, planned);
      for (const key of groups) put(index.groups, key, planned);
      for (const key of meters) put(index.meters, key, planned);
    }
  }

  /** What a part is about. */
  index(phase: Phase): Index {
    return this.#index[phase];
  }

  /** The same, so much at a time: what uses something comes after it, and goes before it. */
  *keysOf(phase: Phase, count: number): Generator<Keys> {
    const { flows, groups, meters } = this.#index[phase];
    const parts = [
      chunks(meters.keys(), count).map((some) => ({ ...noKeys, meters: some })),
      chunks(groups.keys(), count).map((some) => ({ ...noKeys, groups: some })),
      chunks(flows.keys(), count).map((some) => ({ ...noKeys, flows: some })),
    ];
    for (const part of phase === 'break' ? parts.reverse() : parts) yield* part;
  }

  /** Whose changes have parts that were not carried out. */
  get left(): ReadonlySet<OwnerKey> {
    const left = new Set<OwnerKey>();
    for (const phase of phases) {
      if (this.done.has(phase)) continue;
      for (const owner of this.#owners[phase]) left.add(owner);
    }
    return left;
  }

  has(phase: Phase): boolean {
    return this.sizeOf(phase) > 0;
  }

  /** How many keys a part has, of all owners. */
  sizeOf(phase: Phase): number {
    const { flows, groups, meters } = this.#index[phase];
    return flows.size + groups.size + meters.size;
  }
}

function newIndex(): Index {
  return { flows: new Map(), groups: new Map(), meters: new Map() };
}

function put<K>(index: Map<K, Planned[]>, key: K, planned: Planned): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, [planned]);
  else known.push(planned);
}

/** Of entries, groups or meters. */
export interface EntryKind<K extends Key, V> {
  readonly owned: Owned<K, V>;
  /** While plans are under way: by owner, the number of the last one whose word counts there. */
  readonly written: Map<K, Map<OwnerKey, number>>;
  readonly in: (tables: Tables) => ReadonlyMap<K, V>;
  readonly keys: (keys: Keys) => readonly K[];
  readonly planned: (index: Index) => ReadonlyMap<K, readonly Planned[]>;
  readonly isSame: (a: V, b: V) => boolean;
}

/** A change whose plan is under way. */
export interface Pending {
  readonly plan: Plan;
  readonly change: Planned;
}

export function expected<K extends Key, V>(
  { in: of, keys, written }: EntryKind<K, V>,
  have: Tables,
  pending: readonly Pending[],
): ReadonlyMap<K, V> {
  const found = new Map(of(have));
  for (const { plan, change } of pending) {
    for (const phase of plan.phases) {
      if (plan.done.has(phase)) continue;
      for (const key of keys(change.parts[phase])) {
        const value = of(change.tables).get(key);
        if (isOutdated(written.get(key), plan, change.owner, value !== undefined)) continue;
        if (value === undefined) found.delete(key);
        else found.set(key, value);
      }
    }
  }
  return found;
}

/** Where something becomes another, what stood there, and what stands now. */
interface Written<K, V> {
  readonly keys: readonly K[];
  readonly before: ReadonlyMap<K, V>;
  readonly after: ReadonlyMap<K, V>;
}

/** `some`: only those keys of the part; absent: all of them. */
export function write<K extends Key, V>(
  kind: EntryKind<K, V>,
  plan: Plan,
  phase: Phase,
  some?: Keys,
): Written<K, V> {
  const { owned, written } = kind;
  const planned = kind.planned(plan.index(phase));
  const keys = some === undefined ? [...planned.keys()] : kind.keys(some);
  const before = owned.some(keys);
  for (const key of keys) {
    for (const { owner, tables } of planned.get(key) ?? []) {
      const value = kind.in(tables).get(key);
      const numbers = written.get(key) ?? new Map<OwnerKey, number>();
      if (isOutdated(numbers, plan, owner, value !== undefined)) continue;
      if (value === undefined) owned.delete(owner, key);
      else owned.set(owner, key, value);
      written.set(key, numbers.set(owner, plan.number));
    }
  }
  const after = owned.some(keys);
  const differs = (key: K): boolean => {
    const [old, next] = [before.get(key), after.get(key)];
    return old === undefined || next === undefined ? old !== next : !kind.isSame(old, next);
  };
  return { keys: keys.filter(differs), before, after };
}

/**
 * Whether a later plan has the last word where one wants something; what an owner wants no more is
 * its own affair, for the place may be another's by then (owners.ts).
 */
function isOutdated(
  numbers: ReadonlyMap<OwnerKey, number> | undefined,
  { number }: Plan,
  owner: OwnerKey,
  isWanted: boolean,
): boolean {
  if (numbers === undefined) return false;
  if (!isWanted) return (numbers.get(owner) ?? 0) > number;
  return [...numbers.values()].some((one) => one > number);
}

const noKeys: Keys = { flows: [], groups: [], meters: [] };

export function sizeOf({ flows, groups, meters }: Keys): number {
  return flows.length + groups.length + meters.length;
}

/** Of a contribution what a plan changes: the rest of it does not wait with the plan. */
export function only({ flows, groups, meters }: Tables, { make, change }: Parts): Tables {
  return {
    flows: at(flows, [make.flows, change.flows]),
    groups: at(groups, [make.groups, change.groups]),
    meters: at(meters, [make.meters, change.meters]),
  };
}

function at<K, V>(all: ReadonlyMap<K, V>, parts: readonly (readonly K[])[]): ReadonlyMap<K, V> {
  const some = new Map<K, V>();
  for (const key of parts.flat()) {
    const value = all.get(key);
    if (value !== undefined) some.set(key, value);
  }
  return some;
}
