/**
 * A walk over all rules of a rulebook a part at a time, while rules come and go between the parts.
 *
 * It goes through memory, where a rule stays as long as it lives: whatever was there when it began
 * and is still there at the end has been looked at once. What came meanwhile may be missed.
 */
import { limits } from '../limits.ts';
import type { RuleArena } from './rule-arena.ts';

export interface Cursor {
  /** Where the next part begins. */
  slot: number;
  isOver: boolean;
  /** How many rules have passed. */
  found: number;
  /** Rules that had been put back when it began, or began again (rulebook.ts, `revert`). */
  putBack: number;
}

export function newCursor(): Cursor {
  return { slot: 1, isOver: false, found: 0, putBack: 0 };
}

/**
 * The next part's rules that are wanted: by table, then the highest priority first, then the
 * oldest. A book of few rules is one part.
 */
export function nextPart(
  arena: RuleArena,
  cursor: Cursor,
  isWanted: (slot: number) => boolean,
  count: number = limits.slotsPerStep,
): readonly number[] {
  const slots: number[] = [];
  const { end } = arena.records;
  const isShort = arena.size <= limits.rulesAtOnce;
  const stop = isShort ? end : Math.min(end, cursor.slot + count);
  for (; cursor.slot < stop; cursor.slot++) {
    const { slot } = cursor;
    if (arena.isOccupied(slot) && isWanted(slot)) slots.push(slot);
  }
  cursor.isOver = cursor.slot >= end;
  cursor.found += slots.length;
  return arena.lists.inOrder(slots);
}
