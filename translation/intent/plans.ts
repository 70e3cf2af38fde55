/**
 * The ways of owners' contributions from what they are to what they are to be, and how a part of
 * one is carried out on a datapath's intent (intent.ts).
 */
import type { VswitchName } from '../../slices/ids.ts';
import type { OwnerKey } from '../datapath/contribution.ts';
import { type Keys, type Phase, phases } from '../entries/difference.ts';
import type { Tables } from '../entries/physical-tables.ts';
import type { Owned } from './owners.ts';
import type { Key } from './packed-contribution.ts';

/** One owner's contribution is to be this. */
export interface Change {
  readonly owner: OwnerKey;
  /** Whose it is; undefined when it is no vswitch's. */
  readonly vswitch: VswitchName | undefined;
  readonly tables: Tables;
  /** What it was: only where the two differ is anything done. Absent: what is there of it. */
  readonly before?: Tables;
}

export interface Planned extends Change {
  readonly parts: Readonly<Record<Phase, Keys>>;
}

/** The way of some owners from what is there to what they want. */
export class Plan {
  readonly number: number;
  readonly #changes = new Map<OwnerKey, Planned>();
  readonly #sizes: Record<Phase, number> = { make: 0, change: 0, break: 0 };
  /** Parts that are to be carried out; others, a later plan does. */
  readonly phases: readonly Phase[];
  /** Parts that were carried out. */
  readonly done = new Set<Phase>();

  constructor(number: number, wanted: readonly Phase[]) {
    this.number = number;
    this.phases = wanted;
  }

  get changes(): readonly Planned[] {
    return [...this.#changes.values()];
  }

  get isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  /** Of one owner. */
  of(owner: OwnerKey): Planned | undefined {
    return this.#changes.get(owner);
  }

  /** One of an owner at most. */
  add(planned: Planned): void {
    this.#changes.set(planned.owner, planned);
    for (const phase of phases) this.#sizes[phase] += sizeOf(planned.parts[phase]);
  }

  /** What a part is about, so much at a time: what uses something comes after it. */
  *keysOf(phase: Phase, count: number): Generator<Keys> {
    const all = (keys: (parts: Keys) => readonly (string | number)[]) => [
      ...new Set(this.changes.flatMap(({ parts }) => keys(parts[phase]))),
    ];
    const [flows, groups, meters] = [
      all((keys) => keys.flows) as string[],
      all((keys) => keys.groups) as number[],
      all((keys) => keys.meters) as number[],
    ];
    const ofFlows = chunks(flows, count).map((some) => ({ ...noKeys, flows: some }));
    const used = [
      ...chunks(meters, count).map((some) => ({ ...noKeys, meters: some })),
      ...chunks(groups, count).map((some) => ({ ...noKeys, groups: some })),
    ];
    yield* phase === 'break' ? [...ofFlows, ...used.reverse()] : [...used, ...ofFlows];
  }

  /** Changes of which there are parts that were not carried out. */
  get left(): readonly Planned[] {
    const isLeft = (phase: Phase): boolean => !this.done.has(phase);
    return this.changes.filter(({ parts }) => {
      return phases.some((phase) => isLeft(phase) && sizeOf(parts[phase]) > 0);
    });
  }

  has(phase: Phase): boolean {
    return this.#sizes[phase] > 0;
  }

  /** How many keys a part has, of all owners. */
  sizeOf(phase: Phase): number {
    return this.#sizes[phase];
  }
}

/** Of entries, groups or meters. */
export interface Shelf<K extends Key, V> {
  readonly owned: Owned<K, V>;
  /** While plans are under way: the number of the last one whose word counts there. */
  readonly written: Map<K, number>;
  readonly in: (tables: Tables) => ReadonlyMap<K, V>;
  readonly keys: (keys: Keys) => readonly K[];
  readonly isSame: (a: V, b: V) => boolean;
}

/** A change whose plan is under way. */
export interface Pending {
  readonly plan: Plan;
  readonly change: Planned;
}

export function expected<K extends Key, V>(
  { in: of, keys, written }: Shelf<K, V>,
  have: Tables,
  pending: readonly Pending[],
): ReadonlyMap<K, V> {
  const found = new Map(of(have));
  for (const { plan, change } of pending) {
    for (const phase of plan.phases) {
      if (plan.done.has(phase)) continue;
      for (const key of keys(change.parts[phase])) {
        if ((written.get(key) ?? 0) > plan.number) continue;
        const value = of(change.tables).get(key);
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
  shelf: Shelf<K, V>,
  plan: Plan,
  phase: Phase,
  some?: Keys,
): Written<K, V> {
  const { owned, written } = shelf;
  const only = some && new Set(shelf.keys(some));
  const mayWrite = (key: K): boolean => {
    return (only === undefined || only.has(key)) && (written.get(key) ?? 0) <= plan.number;
  };
  const own = plan.changes.map((change) => {
    return { change, keys: shelf.keys(change.parts[phase]).filter(mayWrite) };
  });
  const keys = [...new Set(own.flatMap((one) => one.keys))];
  const before = owned.some(keys);
  for (const { change, keys: some } of own) {
    const want = shelf.in(change.tables);
    for (const key of some) {
      const value = want.get(key);
      if (value === undefined) owned.delete(change.owner, key);
      else owned.set(change.owner, key, value);
      written.set(key, plan.number);
    }
  }
  const after = owned.some(keys);
  const differs = (key: K): boolean => {
    const [old, next] = [before.get(key), after.get(key)];
    return old === undefined || next === undefined ? old !== next : !shelf.isSame(old, next);
  };
  return { keys: keys.filter(differs), before, after };
}

const noKeys: Keys = { flows: [], groups: [], meters: [] };

function chunks<T>(all: readonly T[], count: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / count) }, (_, i) => {
    return all.slice(i * count, (i + 1) * count);
  });
}

export function sizeOf({ flows, groups, meters }: Keys): number {
  return flows.length + groups.length + meters.length;
}
