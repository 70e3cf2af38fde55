/**
 * The numbers that name ways (docs/DESIGN.md section 3): labels between datapaths of the pipeline
 * encoding; where a flat one is on the way, a VLAN tag on each hop (hop-tags.ts), and a number for
 * all of them, which is in no frame.
 *
 * A number names a destination: "enters vport p of vswitch v at the body on d", or "leaves by the
 * host port of vport p". Moving a vport therefore never changes what a number in flight means. Of
 * the free ones that is used first which has been free for longest.
 */

import type { Label, Tag, WayNumber } from '../ids.ts';
import { limits } from '../limits.ts';
import { atOnce, flatMapped, type Steps, withEach } from '../steps.ts';
import { FreedNumbers } from './freed-numbers.ts';
import { PersistentMap } from './persistent-map.ts';

export interface WayNumbers<N extends number> {
  readonly byKey: ReadonlyMap<string, N>;
  /** Numbers above this one were never given out. */
  readonly last: number;
  /** Given out once and free again, the longest free first. */
  readonly freed: FreedNumbers<N>;
}

/** Of frames that arrive by one port of one datapath. */
export type TagTable = WayNumbers<Tag>;
/** By the port where frames arrive (hop-tags.ts). */
export type HopTags = PersistentMap<string, TagTable>;
export type TaggedWays = WayNumbers<WayNumber>;
export type LabelTable = WayNumbers<Label>;

export const emptyTags: TagTable = noNumbers();
export const noHopTags: HopTags = PersistentMap.empty();
export const noTaggedWays: TaggedWays = noNumbers();
export const emptyLabels: LabelTable = noNumbers();

function noNumbers<N extends number>(): WayNumbers<N> {
  return { byKey: new Map(), last: 0, freed: FreedNumbers.from<N>([]) };
}

/** Keys that are to have a number, and keys that are to have none any more. */
export interface KeyChange {
  readonly wanted: Iterable<string>;
  readonly gone: readonly string[];
}

/** The table with exactly these keys; undefined when there is no room. */
export function allocateTags(table: TagTable, keys: readonly string[]): TagTable | undefined {
  return changed(table, changeTo(table, keys), limits.tagMax);
}

/** As `allocateTags`, of what has as many numbers as there are labels. */
export function allocateNumbers<N extends Label | WayNumber>(
  table: WayNumbers<N>,
  keys: readonly string[],
  max: number = limits.labelMax,
): WayNumbers<N> | undefined {
  return changed(table, changeTo(table, keys), max);
}

/** The table with some other keys, in steps; undefined when there is no room. */
export function changingTags(table: TagTable, change: KeyChange): Steps<TagTable | undefined> {
  return changing(table, change, limits.tagMax);
}

/** As `changingTags`, of what has as many numbers as there are labels. */
export function changingNumbers<N extends Label | WayNumber>(
  table: WayNumbers<N>,
  change: KeyChange,
): Steps<WayNumbers<N> | undefined> {
  return changing(table, change, limits.labelMax);
}

function changeTo({ byKey }: WayNumbers<number>, keys: readonly string[]): KeyChange {
  const wanted = new Set(keys);
  return { wanted: [...wanted], gone: [...byKey.keys()].filter((key) => !wanted.has(key)) };
}

function changed<N extends number>(
  table: WayNumbers<N>,
  change: KeyChange,
  max: number,
): WayNumbers<N> | undefined {
  return atOnce(changing(table, change, max));
}

/** What stays keeps its number. What goes is free before anything is given out. */
function* changing<N extends number>(
  table: WayNumbers<N>,
  { wanted, gone }: KeyChange,
  max: number,
): Steps<WayNumbers<N> | undefined> {
  const before = PersistentMap.from(table.byKey);
  const fresh = new Set<string>();
  yield* withEach(wanted, (key) => {
    if (!before.has(key)) fresh.add(key);
  });
  const given = [...(yield* flatMapped(gone, (key) => numbersAt(before, key)))];
  given.sort((one, other) => one - other);
  if (before.size - given.length + fresh.size > max) return undefined;
  if (given.length + fresh.size === 0) return table;
  const freed = table.freed.with(given);
  let { last } = table;
  let used = 0;
  const made = yield* flatMapped(fresh, (key): readonly (readonly [string, N])[] => {
    if (last < max) {
      last += 1;
      return [[key, last as N]];
    }
    const number = freed.at(used);
    if (number === undefined) throw new Error('a number is neither given out nor free');
    used += 1;
    return [[key, number]];
  });
  const byKey = yield* edited(before, gone, made);
  return { byKey, last, freed: freed.withoutFirst(used) };
}

function numbersAt<N extends number>(byKey: PersistentMap<string, N>, key: string): readonly N[] {
  const number = byKey.get(key);
  return number === undefined ? [] : [number];
}

/** One that begins is put together as a whole, which is quicker. */
function* edited<N extends number>(
  before: PersistentMap<string, N>,
  gone: readonly string[],
  made: readonly (readonly [string, N])[],
): Steps<PersistentMap<string, N>> {
  let byKey = before;
  yield* withEach(gone, (key) => {
    byKey = byKey.without(key);
  });
  if (before.size === 0) return yield* PersistentMap.of(made);
  yield* withEach(made, ([key, number]) => {
    byKey = byKey.with(key, number);
  });
  return byKey;
}
