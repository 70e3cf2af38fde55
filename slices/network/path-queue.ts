/**
 * Paths, or parts of them, that are still to be searched (graph.ts, path-hops.ts): the lowest cost
 * first, and of equal ones the one that was put in first. A binary heap.
 */
interface Entry<T> {
  readonly cost: number;
  readonly turn: number;
  readonly value: T;
}

export class PathQueue<T> {
  readonly #heap: Entry<T>[] = [];
  #turn = 0;

  put(cost: number, value: T): void {
    const heap = this.#heap;
    const one: Entry<T> = { cost, turn: this.#turn, value };
    this.#turn += 1;
    let i = heap.length;
    while (i > 0) {
      const above = (i - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(one, parent)) break;
      heap[i] = parent;
      i = above;
    }
    heap[i] = one;
  }

  take(): T | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.value;
    let i = 0;
    for (;;) {
      let below = 2 * i + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left !== undefined && right !== undefined && isBefore(right, left)) below += 1;
      const next = heap[below];
      if (next === undefined || isBefore(last, next)) break;
      heap[i] = next;
      i = below;
    }
    heap[i] = last;
    return first.value;
  }
}

function isBefore<T>(one: Entry<T>, other: Entry<T>): boolean {
  return one.cost < other.cost || (one.cost === other.cost && one.turn < other.turn);
}
