/**
 * Rules that are still raw frames on a flat datapath (rule-bytes.ts), and that are decoded to
 * values in steps before something is done to all of them in one turn.
 */
import { limits } from '../../slices/limits.ts';
import type { Steps } from '../../slices/steps.ts';

/** What is settled in steps, of a body or of all bodies of a datapath. */
export interface Settles {
  /** Whether so many stand as bytes that to settle them at once would take long. */
  readonly isUnsettled: boolean;
  /** Some of them. */
  settleSome(): void;
  /** Until the end, none comes to stand as bytes: whoever waits would wait for ever. */
  await(): void;
  endAwait(): void;
}

/** Of one body. */
interface Unsettled {
  readonly size: number;
  settleSome(): void;
}

export class UnsettledRules implements Settles {
  readonly #bodies: ReadonlyMap<unknown, { readonly bytes: Unsettled }>;
  #waits = 0;
  /** Moves that have begun, and are to write all rules anew in the turn of their first part. */
  readonly #unmade = new Set<number>();

  constructor(bodies: ReadonlyMap<unknown, { readonly bytes: Unsettled }>) {
    this.#bodies = bodies;
  }

  /** Whether somebody waits, or has waited. */
  get isAwaited(): boolean {
    return this.#waits > 0 || this.#unmade.size > 0;
  }

  /** A move has begun; they are settled. */
  begun(move: number): void {
    this.#unmade.add(move);
  }

  /** Its first part is carried out, or never will be. */
  made(move: number): void {
    this.#unmade.delete(move);
  }

  /** In steps, before a move begins. */
  *settling(): Steps<void> {
    this.await();
    while (this.isUnsettled) {
      this.settleSome();
      yield;
    }
    this.endAwait();
  }

  get isUnsettled(): boolean {
    let size = 0;
    for (const { bytes } of this.#bodies.values()) size += bytes.size;
    return size > limits.rulesSettledMax;
  }

  settleSome(): void {
    for (const { bytes } of this.#bodies.values()) {
      if (bytes.size === 0) continue;
      bytes.settleSome();
      return;
    }
  }

  await(): void {
    this.#waits += 1;
  }

  endAwait(): void {
    this.#waits -= 1;
  }
}
