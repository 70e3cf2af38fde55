/**
 * The order of all rules of a rulebook, by table, then the highest priority first, then the oldest:
 * collected a part at a time.
 */
import { type Cursor, nextPart } from './cursor.ts';
import type { RuleArena } from './rule-arena.ts';
import { rankAt } from './rule-lists.ts';

export class RuleOrder {
  readonly #arena: RuleArena;
  /** By rank, that is table and priority. */
  readonly #serials = new Map<number, number[]>();

  constructor(arena: RuleArena) {
    this.#arena = arena;
  }

  /** The next part. */
  take(cursor: Cursor): void {
    const arena = this.#arena;
    for (const slot of nextPart(arena, cursor, () => true)) {
      const rank = rankAt(arena.dv(slot), arena.at(slot));
      const serial = arena.serialOf(slot);
      const beside = this.#serials.get(rank);
      if (beside === undefined) this.#serials.set(rank, [serial]);
      else beside.push(serial);
    }
  }

  /** When all was taken; some of these rules may be gone since. */
  *serials(): Iterable<number> {
    // Typed: a hundred thousand numbers are sorted in a few ms, without a call for each pair.
    for (const rank of Float64Array.from(this.#serials.keys()).sort()) {
      yield* Uint32Array.from(this.#serials.get(rank) ?? []).sort();
    }
  }
}
