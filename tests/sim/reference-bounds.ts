/** When the reference model's switch can have carried out each of its changes. */
import type { Step } from './reference-steps.ts';
import type { Course } from './reference-walks.ts';

export class Bounds {
  readonly #steps: readonly Step[];
  readonly #lieMs: number;
  readonly #low: number[];
  readonly #high: number[];
  /** Until when barriers have promised them. */
  readonly #promised: readonly number[];
  readonly #idleMs = new Map<bigint, number>();

  constructor({ steps }: Course, lieMs: number) {
    this.#steps = steps;
    this.#lieMs = lieMs;
    // Version 0 is there from the beginning; e(k) is the moment of step k - 1.
    this.#low = [-Infinity, ...steps.map(({ atMs }) => atMs), Infinity];
    this.#high = [-Infinity, ...steps.map(({ ackedMs }) => ackedMs + lieMs), Infinity];
    this.tighten();
    this.#promised = [...this.#high];
    for (const { mod } of steps) {
      if (mod !== undefined && mod.idleTimeoutSec > 0) {
        this.#idleMs.set(mod.cookie, mod.idleTimeoutSec * 1_000);
      }
    }
  }

  /** Changes come in their order. */
  tighten(): void {
    for (let k = 1; k < this.#low.length; k += 1) {
      this.#low[k] = Math.max(this.#at(this.#low, k), this.#at(this.#low, k - 1));
    }
    for (let k = this.#high.length - 2; k >= 0; k -= 1) {
      this.#high[k] = Math.min(this.#at(this.#high, k), this.#at(this.#high, k + 1));
    }
  }

  /** Whether some of these versions may have been there between two moments. */
  allows(from: number, to: number, firstMs: number, sentMs: number): boolean {
    return this.#at(this.#low, from) < firstMs && this.#at(this.#high, to + 1) > sentMs;
  }

  /** Whether a barrier, and nothing else, says that a version was over then. */
  isOver(version: number, sentMs: number): boolean {
    const high = this.#at(this.#high, version + 1);
    return high <= sentMs && high === this.#promised[version + 1];
  }

  /** A packet that was sent then met one of these versions, and there was a sign of it. */
  met(from: number, to: number, firstMs: number, sentMs: number): void {
    this.#high[from] = Math.min(this.#at(this.#high, from), firstMs);
    // Not before its time after the last packet (LIME 4.2: "for a period of time").
    const expiry = this.#steps[to]?.expired;
    const idleMs = this.#idleMs.get(expiry?.cookie ?? -1n) ?? 0;
    this.#low[to + 1] = Math.max(this.#at(this.#low, to + 1), sentMs + idleMs);
  }

  /** So many changes that were asked for were done then. */
  done(changes: number, atMs: number): void {
    const step = this.#steps.findIndex(({ change }) => change === changes - 1);
    if (step < 0) return;
    this.#high[step + 1] = Math.min(this.#at(this.#high, step + 1), atMs + this.#lieMs);
  }

  isChanging(fromMs: number, toMs: number): boolean {
    return this.#steps.some((one) => one.atMs < toMs && one.ackedMs + this.#lieMs > fromMs);
  }

  /** Why there are no such moments, if there are none. */
  whyNot(): string | undefined {
    for (let k = 1; k <= this.#steps.length; k += 1) {
      const [low, high] = [this.#at(this.#low, k), this.#at(this.#high, k)];
      // A packet takes some time from its host, and to it.
      if (low < high) continue;
      const isPromised = high === this.#promised[k];
      const until = isPromised ? 'and a barrier had promised it by' : 'and before';
      return `change ${k} took effect after ${low.toFixed(1)} ${until} ${high.toFixed(1)}`;
    }
    return undefined;
  }

  #at(bounds: readonly number[], k: number): number {
    return bounds[k] ?? Infinity;
  }
}
