/**
 * Which outer VLAN id names which way (DESIGN 3, "Tags").
 *
 * A tag names a destination: "enters vport p of vswitch v at the body on d", or "leaves by the
 * host port of vport p". Moving a vport therefore never changes what a tag in flight means. Of the
 * free tags the one that has been free for longest is used first.
 */
import type { Tag } from './ids.ts';
import { limits } from './limits.ts';

export interface TagTable {
  readonly byKey: ReadonlyMap<string, Tag>;
  /** Tags above this one were never given out. */
  readonly last: number;
  /** Given out once and free again, the longest free first. */
  readonly freed: readonly Tag[];
}

export const emptyTags: TagTable = { byKey: new Map(), last: 0, freed: [] };

/** A table with exactly these keys, keeping the tags they have. Undefined when there is no room. */
export function allocateTags(table: TagTable, keys: readonly string[]): TagTable | undefined {
  const wanted = new Set(keys);
  if (wanted.size > limits.tagMax) return undefined;
  const kept = [...table.byKey].filter(([key]) => wanted.has(key));
  const gone = [...table.byKey].filter(([key]) => !wanted.has(key)).map(([, tag]) => tag);
  const byKey = new Map(kept);
  const freed = [...table.freed, ...gone];
  let { last } = table;
  let used = 0;
  for (const key of wanted) {
    if (byKey.has(key)) continue;
    if (last < limits.tagMax) {
      last += 1;
      byKey.set(key, last as Tag);
      continue;
    }
    const tag = freed[used];
    if (tag === undefined) throw new Error('a tag is neither given out nor free');
    used += 1;
    byKey.set(key, tag);
  }
  return { byKey, last, freed: freed.slice(used) };
}
