/**
 * The common part of the group table and the meter table: objects by the tenant's ids, whose
 * changes may be reverted, and the ids of such objects on datapaths.
 */
import { LazyMap, LazySet } from '../lazy-collections.ts';

/** Ids on datapaths, from `first` to `last`, of all vswitches. */
export class BelowIds {
  readonly #first: number;
  readonly #end: number;
  readonly #used: Set<number>;
  /** Of those that the store remembers, the ones that are somebody's. */
  readonly #claimed = new LazySet<number>();
  #last: number;

  /** `remembered` are those that the store has. */
  constructor(first: number, last: number, remembered: readonly number[] = []) {
    this.#first = first;
    this.#end = last;
    this.#used = new Set(remembered);
    this.#last = remembered.reduce((high, one) => Math.max(high, one), first - 1);
  }

  /** How many are free. */
  get left(): number {
    return this.#end - this.#first + 1 - this.#used.size;
  }

  /** One that is free, and was free for as long as possible; look at `left` before. */
  take(): number {
    if (this.left === 0) throw new Error(`no id is left up to ${this.#end}`);
    do {
      this.#last = this.#last >= this.#end ? this.#first : this.#last + 1;
    } while (this.#used.has(this.#last));
    this.#used.add(this.#last);
    return this.#last;
  }

  free(below: number): void {
    this.#used.delete(below);
    this.#claimed.delete(below);
  }

  /** What the store remembers of something: that id, or another when two have the same there. */
  claim(below: number): number {
    const own = this.#claimed.has(below) ? this.take() : below;
    this.#claimed.add(own);
    return own;
  }
}

export class IdTable<T extends object> {
  readonly #items = new LazyMap<number, T>();
  /** Those that a datapath refused, and what stands instead. */
  #refused: WeakMap<T, T | undefined> | undefined;
  /** Those that took the place of one that was to go, and did not. */
  #beneath: WeakMap<T, T> | undefined;
  #revision = 0;

  /** Another after each change. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#items.size;
  }

  /** By the tenant's id. */
  all(): readonly T[] {
    return [...this.#items].sort(([a], [b]) => a - b).map(([, item]) => item);
  }

  /** In no order. */
  items(): Iterable<T> {
    return this.#items.values();
  }

  byId(id: number): T | undefined {
    return this.#items.get(id);
  }

  put(id: number, item: T): void {
    this.#revision += 1;
    this.#items.set(id, item);
  }

  delete(id: number): void {
    this.#revision += 1;
    this.#items.delete(id);
  }

  /**
   * A datapath refused to let `item` go: it stands again, or will if what stands in its place is
   * refused, too. True when the table has changed by it.
   */
  putBack(id: number, item: T): boolean {
    const existing = this.#items.get(id);
    if (existing !== undefined) {
      this.#beneath ??= new WeakMap();
      this.#beneath.set(existing, item);
      return false;
    }
    this.put(id, item);
    return true;
  }

  /**
   * A datapath refused `item`, which had taken the place of `before`: that stands again, or what
   * stood before it if it was refused, too. True when the table has changed by it.
   */
  revert(id: number, item: T, before: T | undefined): boolean {
    const wasRefused = before !== undefined && this.#refused?.has(before) === true;
    const back = wasRefused ? this.#refused?.get(before) : (before ?? this.#beneath?.get(item));
    this.#refused ??= new WeakMap();
    this.#refused.set(item, back);
    if (this.#items.get(id) !== item) return false;
    if (back === undefined) this.delete(id);
    else this.put(id, back);
    return true;
  }
}
