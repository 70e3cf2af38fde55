/**
 * Records of one size in pages of memory, named by slots. A rulebook of a million rules consists of
 * these, since a million objects would stop the process whenever they are collected.
 *
 * Slots begin at 1; 0 is "none". A slot that was given back is used again. Nothing is ever copied,
 * so growing takes no longer for the millionth record than for the first.
 */

import { copyWords } from '../../openflow/layout/writer.ts';
import { memory } from './shared-memory.ts';

const PAGE_BITS = 8;
const PAGE_SLOTS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SLOTS - 1;
/** The first page grows to its size: most tables are small. */
const SLOTS_AT_FIRST = 8;

export class Records {
  readonly #size: number;
  #pages: DataView[] = [];
  #next = 1;
  /** The head of the free slots; each names the next in its first four bytes. */
  #free = 0;

  /** `size` in bytes, at least four. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Slots below this have been used. */
  get end(): number {
    return this.#next;
  }

  /** The view that holds the record... */
  dv(slot: number): DataView {
    return this.#pages[slot >>> PAGE_BITS] as DataView;
  }

  /** ...and where it begins there. */
  at(slot: number): number {
    return (slot & PAGE_MASK) * this.#size;
  }

  /** A record, whatever is in it. */
  take(): number {
    const slot = this.#free;
    if (slot !== 0) {
      this.#free = this.dv(slot).getUint32(this.at(slot));
      return slot;
    }
    const fresh = this.#next;
    this.#next += 1;
    const page = this.#pages[fresh >>> PAGE_BITS];
    if (page === undefined || this.at(fresh) >= page.byteLength) this.#grow(fresh, page);
    return fresh;
  }

  give(slot: number): void {
    this.dv(slot).setUint32(this.at(slot), this.#free);
    this.#free = slot;
  }

  /** Forgets everything. */
  clear(): void {
    this.#pages = [];
    this.#next = 1;
    this.#free = 0;
  }

  #grow(slot: number, page: DataView | undefined): void {
    const slots = slot >= PAGE_SLOTS ? PAGE_SLOTS : Math.max(SLOTS_AT_FIRST, 2 * slot);
    const larger = memory(this.#size * Math.min(slots, PAGE_SLOTS));
    if (page !== undefined) copyWords(page, 0, larger, 0, page.byteLength);
    this.#pages[slot >>> PAGE_BITS] = larger;
  }
}
