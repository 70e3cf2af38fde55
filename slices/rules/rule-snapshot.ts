/**
 * The rules that stood at one moment, read a part at a time while rules come and go.
 *
 * What becomes another, or goes, before it was looked at is asked about once (`leaves`): whoever
 * looks has to look at it then, as it was. So all parts together are one moment.
 */
import type { Rule } from './rule.ts';
import type { RuleArena } from './rule-arena.ts';
import { record } from './rule-record.ts';
import type { Rulebook } from './rulebook.ts';

export class RuleSnapshot {
  readonly #rulebook: Rulebook;
  /** Of all of them, ascending. */
  readonly #serials: Uint32Array;
  /** How many were looked at. */
  #looked = 0;
  /** Serials of those that were looked at before their turn. */
  readonly #early = new Set<number>();

  /** Of all rules, or of those that were put or changed after a revision. */
  constructor(rulebook: Rulebook, since?: number) {
    this.#rulebook = rulebook;
    this.#serials = rulebook.isUnused ? new Uint32Array(0) : serialsOf(rulebook.arena, since);
  }

  get isOver(): boolean {
    return this.#looked >= this.#serials.length;
  }

  /** The next ones, of `count` serials. */
  next(count: number): readonly Rule[] {
    const rules: Rule[] = [];
    const end = Math.min(this.#serials.length, this.#looked + count);
    for (; this.#looked < end; this.#looked++) {
      const serial = this.#serials[this.#looked] as number;
      if (this.#early.delete(serial)) continue;
      const rule = this.#rulebook.bySerial(serial);
      if (rule !== undefined) rules.push(rule);
    }
    return rules;
  }

  /** A rule is no more what it was; whether it was to be looked at yet. */
  leaves({ serial }: Rule): boolean {
    if (this.#early.has(serial) || !this.#isAhead(serial)) return false;
    this.#early.add(serial);
    return true;
  }

  #isAhead(serial: number): boolean {
    let low = this.#looked;
    let high = this.#serials.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#serials[middle] as number) < serial) low = middle + 1;
      else high = middle;
    }
    return this.#serials[low] === serial;
  }
}

/** Serials of rules that stand; of those that were put or changed after `since`. */
function serialsOf(arena: RuleArena, since: number | undefined): Uint32Array {
  const serials = new Uint32Array(arena.size);
  let count = 0;
  let isInOrder = true;
  for (let slot = 1; slot < arena.records.end; slot++) {
    if (!arena.isOccupied(slot)) continue;
    if (since !== undefined && !isAfter(arena, slot, since)) continue;
    const serial = arena.serialOf(slot);
    if (count > 0 && serial < (serials[count - 1] as number)) isInOrder = false;
    serials[count] = serial;
    count += 1;
  }
  const all = serials.subarray(0, count);
  // Mostly they are: memory is taken in the order of serials.
  return isInOrder ? all : all.sort();
}

/** Revisions are numbers of 32 bits that begin again. */
function isAfter(arena: RuleArena, slot: number, since: number): boolean {
  return ((record.get.revision(arena.dv(slot), arena.at(slot)) - since) | 0) > 0;
}
