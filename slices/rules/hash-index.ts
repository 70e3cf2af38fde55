/**
 * The index from hashes to records (record-pages.ts): an open-addressing table of hashes and slots.
 *
 * A hash that nobody has is one look at memory, whatever the table's size: a rulebook that grows
 * looks for rules that are not there. Cells are in the order of the hashes' upper bits, so that a
 * table moves to a larger one from one end to the other, a few cells with every change: one that
 * is made anew at once would stop the process for a tenth of a second at a million rules.
 */

const CELLS_AT_FIRST = 16;
/** A third of a table is enough for what comes while the whole of it moves. */
const MOVED_AT_ONCE = 8;
/** Instead of a slot: never used, which ends every search, and used once. */
const FREE = 0;
const LEFT = -1;

const NONE = -1;
/** Cells of the smaller table have numbers from here on. */
const OLD = 0x4000_0000;

class Table {
  /** Hash and slot of each cell. */
  readonly cells: Int32Array;
  readonly mask: number;
  readonly shift: number;
  /** Cells that do not end a search. */
  used = 0;

  /** `size` is a power of two. */
  constructor(size: number) {
    this.cells = new Int32Array(2 * size);
    this.mask = size - 1;
    this.shift = Math.clz32(this.mask);
  }

  get size(): number {
    return this.mask + 1;
  }

  home(hash: number): number {
    return hash >>> this.shift;
  }

  slot(cell: number): number {
    return this.cells[2 * cell + 1] as number;
  }

  /** The first cell from `from` on that has the hash. */
  seek(hash: number, from: number): number {
    const { cells, mask } = this;
    for (let cell = from & mask; ; cell = (cell + 1) & mask) {
      const slot = cells[2 * cell + 1] as number;
      if (slot === FREE) return NONE;
      if (cells[2 * cell] === hash && slot !== LEFT) return cell;
    }
  }

  put(hash: number, slot: number): void {
    const { cells, mask } = this;
    let cell = this.home(hash);
    while ((cells[2 * cell + 1] as number) > FREE) cell = (cell + 1) & mask;
    if (cells[2 * cell + 1] === FREE) this.used += 1;
    cells[2 * cell] = hash;
    cells[2 * cell + 1] = slot;
  }

  leave(cell: number): void {
    this.cells[2 * cell + 1] = LEFT;
  }
}

/** Of all that have had no hash yet: nothing is ever put into it. */
const nothing = new Table(2);

export class HashIndex {
  #table = nothing;
  /** The table before, while its cells from `#moved` on are still there. */
  #old: Table | undefined;
  #moved = 0;
  #count = 0;
  /** What `touch` saw: a look whose result nobody keeps is not done. */
  touched = 0;

  /** A cell whose record has this hash, 32 bits; -1 when none has. */
  first(hash: number): number {
    const cell = this.#table.seek(hash | 0, this.#table.home(hash));
    return cell !== NONE || this.#old === undefined ? cell : this.#inOld(hash, undefined);
  }

  /** The one after it. */
  next(hash: number, cell: number): number {
    if (cell >= OLD) return this.#inOld(hash, cell - OLD + 1);
    const next = this.#table.seek(hash | 0, cell + 1);
    return next !== NONE || this.#old === undefined ? next : this.#inOld(hash, undefined);
  }

  slot(cell: number): number {
    return cell < OLD ? this.#table.slot(cell) : (this.#old?.slot(cell - OLD) ?? FREE);
  }

  /** Looks where they would be, for nothing but that it is near when it is asked for. Hot. */
  touch(hashes: Int32Array, count: number): void {
    const { cells, shift } = this.#table;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      seen ^= cells[2 * ((hashes[i] as number) >>> shift)] as number;
    }
    this.touched = seen;
  }

  put(hash: number, slot: number): void {
    this.#count += 1;
    if (this.#table === nothing) this.#table = new Table(CELLS_AT_FIRST);
    else if (3 * this.#table.used >= 2 * this.#table.size) this.#renew();
    if (this.#old !== undefined) this.#move(this.#old);
    this.#table.put(hash | 0, slot);
  }

  /** It must be there. */
  remove(hash: number, slot: number): void {
    this.#count -= 1;
    let cell = this.first(hash);
    while (this.slot(cell) !== slot) cell = this.next(hash, cell);
    if (cell < OLD) this.#table.leave(cell);
    else this.#old?.leave(cell - OLD);
    if (this.#old !== undefined) this.#move(this.#old);
  }

  clear(): void {
    this.#table = nothing;
    this.#old = undefined;
    this.#count = 0;
  }

  #inOld(hash: number, from: number | undefined): number {
    const old = this.#old;
    if (old === undefined) return NONE;
    const cell = old.seek(hash | 0, from ?? old.home(hash));
    return cell === NONE ? NONE : cell + OLD;
  }

  /** Larger if it is rules that fill it; else what has left makes room. */
  #renew(): void {
    while (this.#old !== undefined) this.#move(this.#old);
    const { size } = this.#table;
    this.#old = this.#table;
    this.#moved = 0;
    this.#table = new Table(3 * this.#count > size ? 2 * size : size);
  }

  #move(old: Table): void {
    const { cells, size } = old;
    const end = Math.min(this.#moved + MOVED_AT_ONCE, size);
    for (let cell = this.#moved; cell < end; cell++) {
      const slot = cells[2 * cell + 1] as number;
      if (slot <= FREE) continue;
      this.#table.put(cells[2 * cell] as number, slot);
      old.leave(cell);
    }
    this.#moved = end;
    if (end === size) this.#old = undefined;
  }
}
