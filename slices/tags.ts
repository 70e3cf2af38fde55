/**
 * Which outer VLAN id names which way (DESIGN 3, "Tags").
 *
 * A tag names a destination: "enters vport p of vswitch v at the body on d", or "leaves by the
 * host port of vport p". Moving a vport therefore never changes what a tag in flight means. A
 * freed tag is the last to be used again.
 */
import type { Tag } from './ids.ts';
import { limits } from './limits.ts';

export interface TagTable {
  readonly byKey: ReadonlyMap<string, Tag>;
  /** The tag that was given out last; the search for a free one starts behind it. */
  readonly last: number;
}

export const emptyTags: TagTable = { byKey: new Map(), last: 0 };

/** A table with exactly these keys, keeping the tags they have. Undefined when there is no room. */
export function allocateTags(table: TagTable, keys: readonly string[]): TagTable | undefined {
  if (keys.length > limits.tagMax) return undefined;
  const wanted = new Set(keys);
  const byKey = new Map([...table.byKey].filter(([key]) => wanted.has(key)));
  const taken = new Set<number>(byKey.values());
  let last = table.last;
  for (const key of wanted) {
    if (byKey.has(key)) continue;
    do last = (last % limits.tagMax) + 1;
    while (taken.has(last));
    taken.add(last);
    byKey.set(key, last as Tag);
  }
  return { byKey, last };
}
