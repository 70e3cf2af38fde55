/**
 * Events to come, the earliest first, and of one moment those that were put first: the order of a
 * simulated world. A heap, since there are very many.
 */
export interface Event {
  readonly atMs: number;
  /** How many were put before it, and it. */
  readonly number: number;
  readonly run: () => void;
}

export class EventQueue {
  readonly #heap: Event[] = [];
  #number = 0;

  get size(): number {
    return this.#heap.length;
  }

  get first(): Event | undefined {
    return this.#heap[0];
  }

  put(atMs: number, run: () => void): void {
    this.#number += 1;
    const heap = this.#heap;
    heap.push({ atMs, number: this.#number, run });
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!isBefore(heap[i], heap[parent])) break;
      swap(heap, i, parent);
      i = parent;
    }
  }

  /** Takes the first out. */
  pop(): Event | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let i = 0; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      const least = isBefore(heap[right], heap[left]) ? right : left;
      if (!isBefore(heap[least], heap[i])) return first;
      swap(heap, i, least);
      i = least;
    }
  }
}

function isBefore(one: Event | undefined, other: Event | undefined): boolean {
  if (one === undefined || other === undefined) return one !== undefined;
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);
}

function swap(heap: Event[], i: number, j: number): void {
  const [one, other] = [heap[i], heap[j]];
  if (one === undefined || other === undefined) return;
  heap[i] = other;
  heap[j] = one;
}
