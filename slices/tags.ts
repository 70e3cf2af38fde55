/**
 * Which number on a frame names which way (docs/DESIGN.md section 3): labels between datapaths of
 * the pipeline encoding, VLAN tags wherever a flat one is on the way.
 *
 * A number names a destination: "enters vport p of vswitch v at the body on d", or "leaves by the
 * host port of vport p". Moving a vport therefore never changes what a number in flight means. Of
 * the free ones that is used first which has been free for longest.
 */
import type { Label, Tag } from './ids.ts';
import { limits } from './limits.ts';

export interface WayNumbers<N extends number> {
  readonly byKey: ReadonlyMap<string, N>;
  /** Numbers above this one were never given out. */
  readonly last: number;
  /** Given out once and free again, the longest free first. */
  readonly freed: readonly N[];
}

export type TagTable = WayNumbers<Tag>;
export type LabelTable = WayNumbers<Label>;

export const emptyTags: TagTable = { byKey: new Map(), last: 0, freed: [] };
export const emptyLabels: LabelTable = { byKey: new Map(), last: 0, freed: [] };

/** As `allocate`, of VLAN tags. */
export function allocateTags(table: TagTable, keys: readonly string[]): TagTable | undefined {
  return allocate(table, keys, limits.tagMax);
}

/** As `allocate`, of labels. */
export function allocateLabels(
  table: LabelTable,
  keys: readonly string[],
  max: number = limits.labelMax,
): LabelTable | undefined {
  return allocate(table, keys, max);
}

/** A table with exactly these keys and the numbers they have; undefined when there is no room. */
function allocate<N extends number>(
  table: WayNumbers<N>,
  keys: readonly string[],
  max: number,
): WayNumbers<N> | undefined {
  const wanted = new Set(keys);
  if (wanted.size > max) return undefined;
  const kept = [...table.byKey].filter(([key]) => wanted.has(key));
  const gone = [...table.byKey].filter(([key]) => !wanted.has(key)).map(([, number]) => number);
  const byKey = new Map(kept);
  const freed = [...table.freed, ...gone];
  let { last } = table;
  let used = 0;
  for (const key of wanted) {
    if (byKey.has(key)) continue;
    if (last < max) {
      last += 1;
      byKey.set(key, last as N);
      continue;
    }
    const number = freed[used];
    if (number === undefined) throw new Error('a number is neither given out nor free');
    used += 1;
    byKey.set(key, number);
  }
  return { byKey, last, freed: freed.slice(used) };
}
