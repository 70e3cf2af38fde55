/**
 * Short runs of bytes in large pages, named by numbers: the matches and instructions of rules.
 *
 * Sizes are multiples of eight. A run that was given back is used again for one of the same size;
 * a page goes when nothing is left in the arena.
 */

const UNIT = 8;
const PAGE_UNIT_BITS = 9;
const PAGE_UNITS = 1 << PAGE_UNIT_BITS;
const PAGE_BYTES = PAGE_UNITS * UNIT;

export class ByteArena {
  #pages: DataView[] = [];
  /** Where the last page goes on, in units. */
  #next = PAGE_UNITS;
  /** By size in units, the first free run: each names the next in its first four bytes, plus 1. */
  readonly #free = new Map<number, number>();
  #used = 0;

  /** The view that holds the run... */
  dv(run: number): DataView {
    return this.#pages[run >>> PAGE_UNIT_BITS] as DataView;
  }

  /** ...and where it begins there. */
  at(run: number): number {
    return (run & (PAGE_UNITS - 1)) * UNIT;
  }

  /** A run of `size` bytes, whatever is in it. */
  take(size: number): number {
    const units = ((size + UNIT - 1) / UNIT) | 0;
    this.#used += 1;
    const free = this.#free.get(units) ?? 0;
    if (free !== 0) {
      this.#free.set(units, this.dv(free - 1).getUint32(this.at(free - 1)));
      return free - 1;
    }
    if (units > PAGE_UNITS) return this.#page(units) * PAGE_UNITS;
    if (this.#next + units > PAGE_UNITS) {
      this.#page(PAGE_UNITS);
      this.#next = 0;
    }
    const run = (this.#pages.length - 1) * PAGE_UNITS + this.#next;
    this.#next += units;
    return run;
  }

  give(run: number, size: number): void {
    this.#used -= 1;
    if (this.#used === 0) {
      this.#pages = [];
      this.#next = PAGE_UNITS;
      this.#free.clear();
      return;
    }
    const units = ((size + UNIT - 1) / UNIT) | 0;
    if (units === 0) return;
    this.dv(run).setUint32(this.at(run), this.#free.get(units) ?? 0);
    this.#free.set(units, run + 1);
  }

  /** The number of a new page; a long run has one of its own, and none goes on behind it. */
  #page(units: number): number {
    this.#pages.push(new DataView(new ArrayBuffer(Math.max(units * UNIT, PAGE_BYTES))));
    this.#next = PAGE_UNITS;
    return this.#pages.length - 1;
  }
}
