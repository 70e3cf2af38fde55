/**
 * A rate that may be exceeded for a moment: a bucket as large as the burst, filled by the rate.
 *
 * What must not be dropped is taken all the same, and leaves the bucket in debt: whoever asks next
 * waits until that is paid. So the rate holds in the long run, whatever is taken at once.
 */

export interface Rate {
  readonly perSec: number;
  /** How many at once, after a pause. */
  readonly burst: number;
}

export class TokenBucket {
  readonly rate: Rate;
  #level: number;
  #filledMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.rate = rate;
    this.#level = rate.burst;
    this.#filledMs = nowMs;
  }

  /** What is in it; below zero while it is in debt. */
  level(nowMs: number): number {
    const more = (Math.max(0, nowMs - this.#filledMs) * this.rate.perSec) / 1000;
    this.#level = Math.min(this.rate.burst, this.#level + more);
    this.#filledMs = Math.max(this.#filledMs, nowMs);
    return this.#level;
  }

  take(count: number, nowMs: number): void {
    this.#level = this.level(nowMs) - count;
  }

  /** How long it is in debt, in milliseconds. */
  debtMs(nowMs: number): number {
    return (Math.max(0, -this.level(nowMs)) * 1000) / this.rate.perSec;
  }
}
