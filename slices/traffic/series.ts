/**
 * A rate over time, in bounded memory: a day in slots of 10 s, and a month in slots of 10 min, with
 * the peak of each. Older slots are dropped; a time without a measurement is a gap, and not zero.
 *
 * A measurement is what something was on average between two moments. It may lie in several slots,
 * each of which gets its part of the time.
 */
import { limits } from '../limits.ts';

/** Of a window: on average, and at most. */
export interface Level {
  readonly mean: number;
  readonly peak: number;
}

/** A slot that was measured. */
export interface Point extends Level {
  /** When it began, and how long it is. */
  readonly atMs: number;
  readonly lastsMs: number;
}

/** What two slots of the same time come to. */
type Joined = 'mean' | 'most';

/** The last so many slots; each is a number, or none. */
class Slots {
  readonly #slotMs: number;
  readonly #slotsMax: number;
  readonly #joined: Joined;
  /** In a ring, by slot number; as long as needed so far. */
  #values: Float32Array = new Float32Array(SLOTS_AT_FIRST).fill(Number.NaN);
  /** The newest, and how much of it was measured. */
  #last = Number.NEGATIVE_INFINITY;
  #lastMs = 0;
  /** The oldest. */
  #first = 0;

  constructor(slotMs: number, slotsMax: number, joined: Joined) {
    this.#slotMs = slotMs;
    this.#slotsMax = slotsMax;
    this.#joined = joined;
  }

  add(fromMs: number, toMs: number, value: number): void {
    const last = Math.floor((toMs - 1) / this.#slotMs);
    const first = Math.max(Math.floor(fromMs / this.#slotMs), last - this.#slotsMax + 1);
    for (let slot = first; slot <= last; slot++) {
      const begins = Math.max(fromMs, slot * this.#slotMs);
      this.#put(slot, value, Math.min(toMs, (slot + 1) * this.#slotMs) - begins);
    }
  }

  /** What lies behind the newest came too late: a clock that went back. */
  #put(slot: number, value: number, ms: number): void {
    if (slot < this.#last || ms <= 0) return;
    if (slot > this.#last) {
      this.#makeRoom(slot);
      this.#lastMs = 0;
    }
    const at = slot % this.#values.length;
    const was = this.#values[at] ?? Number.NaN;
    const all = this.#lastMs + ms;
    const isFirst = this.#lastMs === 0;
    const mean = isFirst ? value : (was * this.#lastMs + value * ms) / all;
    this.#values[at] = this.#joined === 'mean' || isFirst ? mean : Math.max(was, value);
    this.#last = slot;
    this.#lastMs = all;
  }

  #makeRoom(slot: number): void {
    const isFirst = this.#last === Number.NEGATIVE_INFINITY;
    if (isFirst || slot - this.#last >= this.#slotsMax) {
      this.#values.fill(Number.NaN);
      this.#first = slot;
      return;
    }
    const count = Math.min(this.#slotsMax, slot - this.#first + 1);
    if (count > this.#values.length) this.#grow(count);
    // Those in between are gaps, and so is what stood in their places.
    for (let gap = this.#last + 1; gap <= slot; gap++) {
      this.#values[gap % this.#values.length] = Number.NaN;
    }
    this.#first = Math.max(this.#first, slot - this.#slotsMax + 1);
  }

  #grow(count: number): void {
    let size = this.#values.length;
    while (size < count) size *= 2;
    const values = new Float32Array(Math.min(size, this.#slotsMax)).fill(Number.NaN);
    for (let slot = this.#first; slot <= this.#last; slot++) {
      values[slot % values.length] = this.#values[slot % this.#values.length] ?? Number.NaN;
    }
    this.#values = values;
  }

  /** Those that were measured and end after a moment, oldest first. */
  *since(ms: number): Iterable<readonly [atMs: number, value: number]> {
    if (this.#last === Number.NEGATIVE_INFINITY) return;
    const first = Math.max(this.#first, Math.floor(ms / this.#slotMs));
    for (let slot = first; slot <= this.#last; slot++) {
      const value = this.#values[slot % this.#values.length] ?? Number.NaN;
      if (!Number.isNaN(value)) yield [slot * this.#slotMs, value];
    }
  }
}

const SLOTS_AT_FIRST = 16;
const { trafficEveryMs, trafficSlotsMax, trafficLongMs, trafficLongSlotsMax } = limits;

/** A rate; times are the wall clock's, in milliseconds. */
export class Series {
  readonly #short = new Slots(trafficEveryMs, trafficSlotsMax, 'mean');
  readonly #long = new Slots(trafficLongMs, trafficLongSlotsMax, 'mean');
  readonly #peaks = new Slots(trafficLongMs, trafficLongSlotsMax, 'most');
  /** What was measured last, until when. */
  now = 0;
  measuredMs = Number.NEGATIVE_INFINITY;

  add(fromMs: number, toMs: number, rate: number): void {
    if (!(toMs > fromMs)) return;
    for (const slots of [this.#short, this.#long, this.#peaks]) slots.add(fromMs, toMs, rate);
    this.now = rate;
    this.measuredMs = toMs;
  }

  /** Of what was measured since then; undefined when nothing was. */
  level(nowMs: number, windowMs: number): Level | undefined {
    let [count, sum, peak] = [0, 0, 0];
    for (const point of this.points(nowMs, windowMs)) {
      count += 1;
      sum += point.mean;
      peak = Math.max(peak, point.peak);
    }
    return count === 0 ? undefined : { mean: sum / count, peak };
  }

  /** A window of more than a day is of the longer slots. */
  *points(nowMs: number, windowMs: number): Iterable<Point> {
    if (windowMs <= trafficEveryMs * trafficSlotsMax) {
      for (const [atMs, mean] of this.#short.since(nowMs - windowMs)) {
        yield { atMs, lastsMs: trafficEveryMs, mean, peak: mean };
      }
      return;
    }
    const peaks = this.#peaks.since(nowMs - windowMs)[Symbol.iterator]();
    for (const [atMs, mean] of this.#long.since(nowMs - windowMs)) {
      const peak: readonly [number, number] = peaks.next().value ?? [atMs, mean];
      yield { atMs, lastsMs: trafficLongMs, mean, peak: peak[1] };
    }
  }
}
