/**
 * The delay of writes to the store that nobody waits for: they are written after
 * limits.commitDelayMs, or earlier with one that somebody waits for.
 *
 * Whoever asks takes along what was written before. What was written since has a while of its own:
 * else it would be a commit of its own, for which whoever asks next would have to wait.
 */
import { limits } from '../../slices/limits.ts';
import type { World } from '../world/world.ts';

export class CommitDelay {
  readonly #world: Pick<World, 'nowMs' | 'after'>;
  readonly #flush: () => void;
  #isPlanned = false;
  /** Since when something waits to be appended, milliseconds; undefined while nothing does. */
  #writtenMs: number | undefined;

  constructor(world: Pick<World, 'nowMs' | 'after'>, flush: () => void) {
    this.#world = world;
    this.#flush = flush;
  }

  /** Something waits to be appended. Hot. */
  wrote(): void {
    this.#writtenMs ??= this.#world.nowMs();
    if (!this.#isPlanned) this.#flushAfter(limits.commitDelayMs);
  }

  /** All of it is being appended. */
  flushed(): void {
    this.#writtenMs = undefined;
  }

  #flushAfter(waitMs: number): void {
    this.#isPlanned = true;
    this.#world.after(waitMs, () => {
      this.#isPlanned = false;
      if (this.#writtenMs === undefined) return;
      const leftMs = this.#writtenMs + limits.commitDelayMs - this.#world.nowMs();
      if (leftMs > 0) this.#flushAfter(leftMs);
      else this.#flush();
    });
  }
}
