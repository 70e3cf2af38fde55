/**
 * A store in memory that remembers every state that it was in: what a process would find that died
 * there. A group of entries is in it as a whole or not at all, as on disk.
 */
import type { Store } from '../../hypervisor/world/world.ts';
import { type MemoryStore, memoryStore, placedIn, readFrom, sizeOf } from './memory-store.ts';

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
  #finish: ((isMade: boolean) => void) | undefined;

  watch(): void {}

  follow(): void {}

  scan() {
    return placedIn(this.#log);
  }

  read(into: Uint8Array, at: number): void {
    readFrom(this.#log, into, at);
  }

  pendingBytes(): number {
    return 0;
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
    return sizeOf(this.#log);
  }

  rewrite() {
    const made: Uint8Array[] = [];
    this.#fresh = made;
    return {
      add: (entries: Uint8Array) => void made.push(entries.slice()),
      isGivenUp: () => false,
      giveUp: () => {
        this.#fresh = undefined;
      },
      pendingBytes: () => 0,
      finish: (done: (isMade: boolean) => void) => {
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
    done(true);
  }

  /** A store in that state. */
  static in({ log, count }: State): MemoryStore {
    const store = memoryStore();
    for (const group of log.slice(0, count)) store.append(group, () => undefined);
    return store;
  }

  #note(): void {
    this.states.push({ log: this.#log, count: this.#log.length });
  }
}
