/**
 * Durations as a histogram for Prometheus: for each of some bounds, the number of durations that
 * were no longer.
 */

/** Milliseconds. */
export const durationBoundsMs = [
  ...[0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000],
] as const;

export class Durations {
  /** By bound; the last has what took longer. */
  readonly #counts = new Float64Array(durationBoundsMs.length + 1);
  sumMs = 0;
  count = 0;

  took(ms: number): void {
    const found = durationBoundsMs.findIndex((bound) => ms <= bound);
    const at = found < 0 ? durationBoundsMs.length : found;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.sumMs += ms;
    this.count += 1;
  }

  /** How many took no longer than each bound. */
  upTo(): readonly number[] {
    let sum = 0;
    return durationBoundsMs.map((_, i) => {
      sum += this.#counts[i] ?? 0;
      return sum;
    });
  }
}

/** Of several kinds, which are few and known: types of messages, say. */
export class DurationsByKind<K extends string> {
  readonly #all = new Map<K, Durations>();

  took(kind: K, ms: number): void {
    const known = this.#all.get(kind);
    if (known !== undefined) known.took(ms);
    else {
      const made = new Durations();
      made.took(ms);
      this.#all.set(kind, made);
    }
  }

  get all(): ReadonlyMap<K, Durations> {
    return this.#all;
  }
}
