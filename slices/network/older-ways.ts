/**
 * Numbers of ways in older stores, where a way's name was only its goal, and all senders to that
 * goal shared one tree. The first of the ways to a goal takes its number, and at each arrival its
 * tag; the others are given their own.
 */
import { arrivalsOf } from './hop-tags.ts';
import { PersistentMap } from './persistent-map.ts';
import type { HopTags, WayNumbers } from './tags.ts';
import type { Wire } from './values.ts';

type Renames = ReadonlyMap<string, string>;

/** Names of goals, by which nothing is called any more. */
function isOlder(key: string): boolean {
  return !key.includes('@');
}

function renamesOf(wires: readonly Wire[]): Renames {
  const renames = new Map<string, string>();
  for (const { goal, key } of wires) if (!renames.has(goal)) renames.set(goal, key);
  return renames;
}

export function renamedNumbers<T extends WayNumbers<number>>(table: T, wires: readonly Wire[]): T {
  if (![...table.byKey.keys()].some(isOlder)) return table;
  return renamed(table, renamesOf(wires));
}

function renamed<T extends WayNumbers<number>>(table: T, renames: Renames): T {
  const byKey = [...table.byKey].map(([key, number]) => [renames.get(key) ?? key, number] as const);
  return { ...table, byKey: PersistentMap.from(byKey) };
}

export function renamedTags(hopTags: HopTags, wires: readonly Wire[]): HopTags {
  let tags = hopTags;
  for (const [arrival, table] of hopTags) {
    if (![...table.byKey.keys()].some(isOlder)) continue;
    const there = wires.filter((wire) => arrivalsOf(wire).includes(arrival));
    tags = tags.with(arrival, renamed(table, renamesOf(there)));
  }
  return tags;
}
