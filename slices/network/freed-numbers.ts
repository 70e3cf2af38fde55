/**
 * Numbers that were given out once and are free again, the longest free first (tags.ts). A copy
 * with a few more or fewer shares the rest, and so does the store (hypervisor/store/journal.ts),
 * which keeps them by blocks.
 */
import { PersistentMap } from './persistent-map.ts';

/** Numbers in one block. */
const BLOCK = 128;

export class FreedNumbers<N extends number> implements Iterable<N> {
  /** By their place in the row, over `BLOCK`. */
  readonly blocks: PersistentMap<number, readonly N[]>;
  /** The place of the first, and behind the last. */
  readonly from: number;
  readonly to: number;

  private constructor(blocks: PersistentMap<number, readonly N[]>, from: number, to: number) {
    this.blocks = blocks;
    this.from = from;
    this.to = to;
  }

  static from<N extends number>(numbers: Iterable<N>): FreedNumbers<N> {
    return new FreedNumbers<N>(PersistentMap.empty(), 0, 0).with([...numbers]);
  }

  /** As a store has kept them; undefined when some are missing. */
  static restored<N extends number>(
    blocks: ReadonlyMap<number, readonly N[]>,
    from: number,
    to: number,
  ): FreedNumbers<N> | undefined {
    const numbers = new FreedNumbers(PersistentMap.from(blocks), from, to);
    return [...numbers].length === numbers.length ? numbers : undefined;
  }

  get length(): number {
    return this.to - this.from;
  }

  with(numbers: readonly N[]): FreedNumbers<N> {
    let { blocks, to } = this;
    for (let i = 0; i < numbers.length; ) {
      const block = Math.floor(to / BLOCK);
      const room = BLOCK - (to % BLOCK);
      const more = numbers.slice(i, i + room);
      blocks = blocks.with(block, [...(blocks.get(block) ?? []), ...more]);
      i += more.length;
      to += more.length;
    }
    return new FreedNumbers(blocks, this.from, to);
  }

  /** Without the first of them; what a place had is kept until its block is empty. */
  withoutFirst(count: number): FreedNumbers<N> {
    const from = Math.min(this.from + count, this.to);
    let { blocks } = this;
    const kept = Math.floor(from / BLOCK);
    for (let i = Math.floor(this.from / BLOCK); i < kept; i++) blocks = blocks.without(i);
    return new FreedNumbers(blocks, from, this.to);
  }

  at(index: number): N | undefined {
    const place = this.from + index;
    if (place >= this.to) return undefined;
    return this.blocks.get(Math.floor(place / BLOCK))?.[place % BLOCK];
  }

  *[Symbol.iterator](): Iterator<N> {
    for (let i = 0; i < this.length; i++) {
      const number = this.at(i);
      if (number !== undefined) yield number;
    }
  }
}
