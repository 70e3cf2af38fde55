/**
 * A hash table of record slots (records.ts): each record has its hash and the next of its chain.
 *
 * Grows a few chains at a time, with every change: a table that is made anew at once would stop
 * the process for a tenth of a second at a million rules.
 */
import type { Records } from './records.ts';

const HEADS_AT_FIRST = 16;
/** Chains that move to the larger table with each change; one would be just enough. */
const MOVED_AT_ONCE = 4;

export class Chains {
  readonly #records: Records;
  /** Where a record has its hash, and the next slot of its chain. */
  readonly #hashAt: number;
  readonly #nextAt: number;
  #heads = new Uint32Array(HEADS_AT_FIRST);
  /** The smaller table, while its chains from `#moved` on are still there. */
  #old: Uint32Array | undefined;
  #moved = 0;
  #count = 0;

  constructor(records: Records, hashAt: number, nextAt: number) {
    this.#records = records;
    this.#hashAt = hashAt;
    this.#nextAt = nextAt;
  }

  /** The first slot whose record may have this hash; 0 when none has. */
  first(hash: number): number {
    const old = this.#old;
    if (old !== undefined) {
      const chain = hash & (old.length - 1);
      if (chain >= this.#moved) return old[chain] as number;
    }
    return this.#heads[hash & (this.#heads.length - 1)] as number;
  }

  next(slot: number): number {
    const { dv, at } = { dv: this.#records.dv(slot), at: this.#records.at(slot) };
    return dv.getUint32(at + this.#nextAt);
  }

  /** Its hash is in the record. */
  put(slot: number): void {
    this.#count += 1;
    if (this.#count > this.#heads.length && this.#old === undefined) {
      this.#old = this.#heads;
      this.#moved = 0;
      this.#heads = new Uint32Array(this.#old.length * 2);
    }
    this.#move();
    this.#link(slot);
  }

  remove(slot: number): void {
    this.#count -= 1;
    this.#move();
    const after = this.next(slot);
    const hash = this.#hashOf(slot);
    let before = this.first(hash);
    if (before === slot) {
      this.#setFirst(hash, after);
      return;
    }
    for (let next = this.next(before); next !== slot; next = this.next(before)) before = next;
    this.#setNext(before, after);
  }

  clear(): void {
    this.#heads = new Uint32Array(HEADS_AT_FIRST);
    this.#old = undefined;
    this.#count = 0;
  }

  #hashOf(slot: number): number {
    return this.#records.dv(slot).getUint32(this.#records.at(slot) + this.#hashAt);
  }

  #setNext(slot: number, next: number): void {
    this.#records.dv(slot).setUint32(this.#records.at(slot) + this.#nextAt, next);
  }

  #setFirst(hash: number, slot: number): void {
    const old = this.#old;
    const chain = old === undefined ? 0 : hash & (old.length - 1);
    if (old !== undefined && chain >= this.#moved) old[chain] = slot;
    else this.#heads[hash & (this.#heads.length - 1)] = slot;
  }

  #link(slot: number): void {
    const hash = this.#hashOf(slot);
    this.#setNext(slot, this.first(hash));
    this.#setFirst(hash, slot);
  }

  #move(): void {
    const old = this.#old;
    if (old === undefined) return;
    for (let i = 0; i < MOVED_AT_ONCE; i++) {
      let slot = old[this.#moved] as number;
      this.#moved += 1;
      while (slot !== 0) {
        const next = this.next(slot);
        this.#link(slot);
        slot = next;
      }
      if (this.#moved < old.length) continue;
      this.#old = undefined;
      return;
    }
  }
}
