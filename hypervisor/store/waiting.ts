/**
 * Callbacks that wait for the next append to the store (journal.ts): until it is on the disk, or
 * only appended. While there are any, it is appended at the end of the turn.
 */
import type { World } from '../world/world.ts';

/** How a store tells them, once, in their order: early if none of them waits for the disk. */
interface Told {
  readonly isAwaited: boolean;
  readonly done: () => void;
  readonly written: (() => void) | undefined;
}

export class WaitingForStore {
  readonly #world: Pick<World, 'soon'>;
  readonly #flush: () => void;
  #all: (() => void)[] = [];
  #isForDisk = false;
  #isDue = false;

  constructor(world: Pick<World, 'soon'>, flush: () => void) {
    this.#world = world;
    this.#flush = flush;
  }

  add(done: () => void, isForDisk: boolean): void {
    this.#all.push(done);
    this.#isForDisk ||= isForDisk;
    if (this.#isDue) return;
    this.#isDue = true;
    this.#world.soon(() => this.#flush());
  }

  /** Those that wait now. */
  take(): Told {
    const [all, isForDisk] = [this.#all, this.#isForDisk];
    [this.#all, this.#isForDisk, this.#isDue] = [[], false, false];
    const done = (): void => {
      for (const one of all.splice(0)) one();
    };
    return { isAwaited: all.length > 0, done, written: isForDisk ? undefined : done };
  }
}
