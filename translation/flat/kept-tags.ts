/**
 * Tags of ways that a flat datapath may still use, and that no way has in the next snapshot: rules
 * may set them until the last step of the move.
 */
import type { Tag, VswitchId, VswitchName } from '../../slices/ids.ts';
import { changedKeys, PersistentMap } from '../../slices/network/persistent-map.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { emptyTags, type HopTags } from '../../slices/network/tags.ts';
import { endOfKey } from '../../slices/network/wires.ts';

const none: ReadonlyMap<string, Tag> = PersistentMap.empty();

export class KeptTags {
  /** By arrival, and by the way's key. */
  readonly #late = new Map<string, Map<string, Tag>>();

  /** The tags of `next`, and those of `before` that are none there and may be sent to. */
  from(before: HopTags, next: HopTags, sendsTo: ReadonlySet<string>): HopTags {
    for (const arrival of changedKeys(before, next)) {
      if (!sendsTo.has(arrival)) continue;
      const had = before.get(arrival)?.byKey ?? none;
      const has = next.get(arrival)?.byKey ?? none;
      const late = this.#late.get(arrival) ?? new Map<string, Tag>();
      for (const key of changedKeys(had, has)) {
        const tag = had.get(key);
        if (tag !== undefined && !has.has(key)) late.set(key, tag);
      }
      if (late.size > 0) this.#late.set(arrival, late);
    }
    return this.with(next);
  }

  /** Tags, and those that are late. */
  with(hopTags: HopTags): HopTags {
    let all = hopTags;
    for (const [arrival, late] of this.#late) {
      const table = hopTags.get(arrival) ?? emptyTags;
      let byKey = PersistentMap.from(table.byKey);
      for (const [key, tag] of late) if (!byKey.has(key)) byKey = byKey.with(key, tag);
      all = all.with(arrival, { ...table, byKey });
    }
    return all;
  }

  /** Those of ways that end at these vswitches and that nothing uses any more. */
  forget({ vswitches, wires }: Snapshot, names: ReadonlySet<VswitchName>): void {
    const ids = new Set([...names].map((name) => vswitches.get(name)?.id));
    const used = new Set([...names].flatMap((name) => wires.get(name) ?? []).map(({ key }) => key));
    this.#forget((key) => ids.has(endOfKey(key)) && !used.has(key));
  }

  /** Those of vswitches that are no more. */
  forgetLeft({ vswitches }: Snapshot): void {
    const there = new Set<VswitchId>([...vswitches.values()].map(({ id }) => id));
    this.#forget((key) => !there.has(endOfKey(key)));
  }

  #forget(isOver: (key: string) => boolean): void {
    for (const [arrival, late] of this.#late) {
      for (const key of late.keys()) if (isOver(key)) late.delete(key);
      if (late.size === 0) this.#late.delete(arrival);
    }
  }
}
