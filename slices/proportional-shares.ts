/**
 * Divides a number in proportion to counts that come one by one. Rounding errors carry over to the
 * next share, so the sum is exact.
 */
export class Shares {
  readonly #all: bigint;
  #total = 0n;
  /** Of each table, since a packet meets one rule in each: what is left, and what is owed. */
  readonly #left = new Map<number, bigint>();
  readonly #owed = new Map<number, bigint>();

  constructor(all: bigint) {
    this.#all = all;
  }

  /** Counts that make up the whole: those of the first table. */
  add(count: bigint): void {
    this.#total += count;
  }

  /** The share of a rule of this table, when all has been added. Counts may have grown since. */
  take(table: number, count: bigint): bigint {
    if (this.#total === 0n || count === 0n) return 0n;
    const left = this.#left.get(table) ?? this.#all;
    // Half of the whole in advance: shares are rounded to the nearest.
    const owed = (this.#owed.get(table) ?? this.#total / 2n) + this.#all * count;
    const share = owed / this.#total < left ? owed / this.#total : left;
    this.#left.set(table, left - share);
    this.#owed.set(table, owed - share * this.#total);
    return share;
  }
}
