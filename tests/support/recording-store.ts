/**
 * A store in memory that remembers every state that it was in: what a process would find that died
 * there. A group of entries is in it as a whole or not at all, as on disk.
 */
import type { Store } from '../../hypervisor/world.ts';
import { memoryStore } from './memory-store.ts';

/** The first `count` groups of a log. */
interface State {
  readonly log: readonly Uint8Array[];
  readonly count: number;
}

export class RecordingStore implements Store {
  readonly states: State[] = [];
  /** Whether it says that it has grown: then it is made anew. */
  isLarge = false;
  #log: Uint8Array[] = [];
  #fresh: Uint8Array[] | undefined;
  #finish: (() => void) | undefined;

  load(): Iterable<Uint8Array> {
    return [...this.#log];
  }

  append(entries: Uint8Array, done: () => void): void {
    const copy = entries.slice();
    this.#log.push(copy);
    this.#fresh?.push(copy);
    this.#note();
    done();
  }

  size(): number {
    if (this.isLarge) return 1e12;
    return this.#log.reduce((sum, one) => sum + one.length, 0);
  }

  rewrite() {
    const made: Uint8Array[] = [];
    this.#fresh = made;
    return {
      add: (entries: Uint8Array) => void made.push(entries.slice()),
      finish: (done: () => void) => {
        this.#finish = done;
      },
    };
  }

  close(): void {}

  /** The new log, if it is whole, becomes the store some time after it is. */
  replace(): void {
    if (this.#finish === undefined || this.#fresh === undefined) return;
    this.#log = this.#fresh;
    this.#fresh = undefined;
    this.#note();
    const done = this.#finish;
    this.#finish = undefined;
    done();
  }

  /** A store in that state. */
  static in({ log, count }: State): Store & { load(): Iterable<Uint8Array> } {
    const store = memoryStore();
    for (const group of log.slice(0, count)) store.append(group, () => undefined);
    return store;
  }

  #note(): void {
    this.states.push({ log: this.#log, count: this.#log.length });
  }
}
