/**
 * The removed rules of an arena that are remembered, the oldest first (rule-arena.ts): packets that
 * they sent up may still be on their way, and a datapath may refuse the rule that took their place.
 */

import { LazyMap } from '../lazy-collections.ts';
import { limits } from '../limits.ts';
import type { Records } from './record-pages.ts';
import { record } from './rule-record.ts';

const { get, set } = record;

export class RemovedRules {
  readonly #records: Records;
  readonly #free: (slot: number) => void;
  first = 0;
  #last = 0;
  #count = 0;
  /** Releases that are to come for rules that were held, and are back since; by serial. */
  readonly #owed = new LazyMap<number, number>();

  /** `free` takes the slot of one that is forgotten. */
  constructor(records: Records, free: (slot: number) => void) {
    this.#records = records;
    this.#free = free;
  }

  next(slot: number): number {
    return get.rankNext(this.#records.dv(slot), this.#records.at(slot));
  }

  /** Begins anew, with none. */
  clear(): void {
    this.#count = 0;
  }

  enter(slot: number): void {
    this.#setNext(slot, 0);
    if (this.#count === 0) this.first = slot;
    else this.#setNext(this.#last, slot);
    this.#last = slot;
    this.#count += 1;
    // Two, so that those who had to wait for a release become fewer.
    for (let i = 0; i < 2 && this.#count > limits.goneRulesMax; i++) {
      const oldest = this.first;
      if (this.#holdsOf(oldest) > 0) return;
      this.first = this.next(oldest);
      this.#count -= 1;
      this.#free(oldest);
    }
  }

  /** It is remembered until `release`, however many follow it. */
  hold(slot: number): void {
    this.#setHolds(slot, this.#holdsOf(slot) + 1);
  }

  /** `slot` is where the rule of this serial is gone; 0 when it is not. */
  release(serial: number, slot: number): void {
    const owed = this.#owed.get(serial);
    if (owed === undefined) {
      if (slot !== 0) this.#setHolds(slot, Math.max(0, this.#holdsOf(slot) - 1));
    } else if (owed > 1) this.#owed.set(serial, owed - 1);
    else this.#owed.delete(serial);
  }

  /** The rule has another slot: nobody finds this one again, so nobody holds it. */
  isBack(serial: number, slot: number): void {
    const holds = this.#holdsOf(slot);
    if (holds > 0) this.#owed.set(serial, (this.#owed.get(serial) ?? 0) + holds);
    if (holds > 0) this.#setHolds(slot, 0);
    set.serial(this.#records.dv(slot), this.#records.at(slot), 0);
  }

  /** 1 in the record says that it is gone. */
  #holdsOf(slot: number): number {
    return get.gone(this.#records.dv(slot), this.#records.at(slot)) - 1;
  }

  #setHolds(slot: number, holds: number): void {
    set.gone(this.#records.dv(slot), this.#records.at(slot), holds + 1);
  }

  #setNext(slot: number, next: number): void {
    set.rankNext(this.#records.dv(slot), this.#records.at(slot), next);
  }
}
