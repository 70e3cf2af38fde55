/**
 * Short runs of bytes in pages, named by numbers: the matches and instructions of rules.
 *
 * Sizes are multiples of eight. A page has runs of one size and goes when nothing is left in it, so
 * rules of ever new sizes cannot make the arena grow. Pages of a size begin small: most tables are.
 */

import { memory } from './shared-memory.ts';

const UNIT = 8;
const PAGE_UNIT_BITS = 11;
const PAGE_UNITS = 1 << PAGE_UNIT_BITS;
/** Longer runs have a page for themselves. */
const SHARED_UNITS_MAX = 64;
const RUNS_AT_FIRST = 8;

interface Page {
  readonly dv: DataView;
  /** Of a run, and how many there is room for. */
  readonly units: number;
  readonly limit: number;
  /** Runs that are used now, and that have ever been: the next fresh one. */
  used: number;
  fresh: number;
  /** The first free run, plus 1; each names the next in its first four bytes. */
  free: number;
}

/** Pages of one size that may have room, and how many there are. */
interface Sized {
  readonly open: number[];
  count: number;
}

export class ByteArena {
  #pages: (Page | undefined)[] = [];
  #freeNumbers: number[] = [];
  /** By size in units. */
  readonly #sized: (Sized | undefined)[] = [];

  /** The view that holds the run... */
  dv(run: number): DataView {
    return (this.#pages[run >>> PAGE_UNIT_BITS] as Page).dv;
  }

  /** ...and where it begins there. */
  at(run: number): number {
    return (run & (PAGE_UNITS - 1)) * UNIT;
  }

  /** A run of `size` bytes, whatever is in it. */
  take(size: number): number {
    const units = unitsOf(size);
    if (units > SHARED_UNITS_MAX) return this.#newPage(units, 1) * PAGE_UNITS;
    const number = this.#openPage(units);
    const page = this.#pages[number] as Page;
    page.used += 1;
    const run = page.free;
    if (run !== 0) {
      page.free = page.dv.getUint32((run - 1) * UNIT);
      return number * PAGE_UNITS + run - 1;
    }
    page.fresh += 1;
    return number * PAGE_UNITS + (page.fresh - 1) * units;
  }

  give(run: number): void {
    const number = run >>> PAGE_UNIT_BITS;
    const page = this.#pages[number] as Page;
    const { units } = page;
    page.used -= 1;
    const sized = this.#sized[units];
    const isOpen = sized?.open.at(-1) === number;
    if (page.used === 0 && !isOpen) {
      this.#pages[number] = undefined;
      this.#freeNumbers.push(number);
      if (sized !== undefined) sized.count -= 1;
      return;
    }
    page.dv.setUint32(this.at(run), page.free);
    page.free = (run & (PAGE_UNITS - 1)) + 1;
    if (page.used === page.limit - 1 && !isOpen) sized?.open.push(number);
  }

  /** Forgets everything. */
  clear(): void {
    this.#pages = [];
    this.#freeNumbers = [];
    this.#sized.length = 0;
  }

  /** The number of a page with room for a run of so many units. */
  #openPage(units: number): number {
    let sized = this.#sized[units];
    if (sized === undefined) {
      sized = { open: [], count: 0 };
      this.#sized[units] = sized;
    }
    const { open } = sized;
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const page = this.#pages[last];
      // A page may have gone since it was noted, or be another's.
      if (page?.units === units && page.used < page.limit) return last;
      open.pop();
    }
    const runs = Math.min(RUNS_AT_FIRST * 2 ** sized.count, Math.floor(PAGE_UNITS / units));
    sized.count += 1;
    const number = this.#newPage(units, runs);
    open.push(number);
    return number;
  }

  #newPage(units: number, limit: number): number {
    const number = this.#freeNumbers.pop() ?? this.#pages.length;
    const dv = memory(units * limit * UNIT);
    const used = units > SHARED_UNITS_MAX ? 1 : 0;
    this.#pages[number] = { dv, units, limit, used, fresh: used, free: 0 };
    return number;
  }
}

/** A run has four bytes at least, to name the next free one. */
function unitsOf(size: number): number {
  return Math.max(1, ((size + UNIT - 1) / UNIT) | 0);
}
