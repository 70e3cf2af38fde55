/**
 * Records of one size in pages of memory, named by slots: what a rulebook of a million rules is
 * made of, since a million objects would stop the process whenever they are collected.
 *
 * Slots begin at 1; 0 is "none". A slot that was given back is used again. Nothing is ever copied,
 * so growing takes no longer for the millionth record than for the first.
 */

const PAGE_BITS = 6;
const PAGE_SLOTS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SLOTS - 1;

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

  /** A record of zeros. */
  take(): number {
    const slot = this.#free;
    if (slot !== 0) {
      const [dv, at] = [this.dv(slot), this.at(slot)];
      this.#free = dv.getUint32(at);
      dv.setUint32(at, 0);
      return slot;
    }
    const fresh = this.#next;
    this.#next += 1;
    const page = fresh >>> PAGE_BITS;
    this.#pages[page] ??= new DataView(new ArrayBuffer(this.#size * PAGE_SLOTS));
    return fresh;
  }

  give(slot: number): void {
    const [dv, at] = [this.dv(slot), this.at(slot)];
    new Uint8Array(dv.buffer, at, this.#size).fill(0);
    dv.setUint32(at, this.#free);
    this.#free = slot;
  }

  /** Forgets everything. */
  clear(): void {
    this.#pages = [];
    this.#next = 1;
    this.#free = 0;
  }
}
