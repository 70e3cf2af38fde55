/**
 * Traffic, measured by counters that are read again and again: for each counter a series of bytes
 * in a second; and the latency of cables and of replies, in milliseconds.
 *
 * A counter that shows less than before began anew, and one that nobody has read for a while says
 * nothing of what was when: there is a gap then. Memory is bounded: no more series are begun than
 * so many, and those that nobody measures any more are forgotten.
 */
import type { PhysicalEnd, VirtualEnd } from '../config/values.ts';
import { type DatapathName, endText } from '../ids.ts';
import { limits } from '../limits.ts';
import { Series } from './series.ts';

/** Of a vport, as its host or the other end of its virtual link sees it. */
export type Sense = 'from' | 'to';

interface Counted {
  readonly series: Series;
  bytes: bigint;
  readMs: number;
}

export class Measured {
  readonly #all = new Map<string, Counted>();
  /** Things that are not kept, since there are too many. */
  #leftOut = new Set<string>();

  get leftOut(): number {
    return this.#leftOut.size;
  }

  get size(): number {
    return this.#all.size;
  }

  /** What a counter shows now. */
  read(key: string, nowMs: number, bytes: bigint): void {
    const known = this.#all.get(key);
    if (known === undefined) {
      this.#begin(key, nowMs, bytes);
      return;
    }
    const { series, bytes: before, readMs } = known;
    // Of a moment the difference says nothing: counters follow packets when they have time.
    if (nowMs - readMs < MOMENT_MS && bytes >= before) return;
    known.bytes = bytes;
    known.readMs = nowMs;
    if (bytes < before || nowMs - readMs > GAP_MS) return;
    series.add(readMs, nowMs, Number(bytes - before) / ((nowMs - readMs) / 1_000));
  }

  /** How long something takes now: it has taken so long since it was looked at before. */
  took(key: string, nowMs: number, ms: number): void {
    const known = this.#all.get(key);
    if (known === undefined) this.#begin(key, nowMs, 0n);
    const own = this.#all.get(key);
    if (own === undefined) return;
    const sinceMs = nowMs - own.readMs <= GAP_MS ? own.readMs : nowMs;
    own.series.add(Math.min(sinceMs, nowMs - 1), nowMs, ms);
    own.readMs = nowMs;
  }

  #begin(key: string, nowMs: number, bytes: bigint): void {
    if (this.#all.size < limits.trafficSeriesMax) {
      this.#leftOut.delete(key);
      this.#all.set(key, { series: new Series(), bytes, readMs: nowMs });
    } else if (this.#leftOut.size < limits.trafficSeriesMax) this.#leftOut.add(key);
  }

  /** Lets go of what nobody has measured for long. */
  forgetOld(nowMs: number): void {
    this.#leftOut = new Set();
    for (const [key, { readMs }] of this.#all) {
      if (nowMs - readMs > limits.trafficSeriesIdleMs) this.#all.delete(key);
    }
  }

  of(key: string): Series | undefined {
    return this.#all.get(key)?.series;
  }

  /** Whether it was measured a moment ago. */
  isFresh(key: string, nowMs: number): boolean {
    const { measuredMs = Number.NEGATIVE_INFINITY } = this.of(key) ?? {};
    return nowMs - measuredMs <= GAP_MS;
  }
}

const MOMENT_MS = limits.trafficSoonMs / 2;
/** Somebody has not looked in between. */
const GAP_MS = 3 * limits.trafficEveryMs;

/** What comes by a vport from its other end, or goes there. */
export function vportKey(end: VirtualEnd, sense: Sense): string {
  return `${sense} ${endText(end)}`;
}

/** What leaves a datapath by a cable of the file. */
export function cableKey(from: PhysicalEnd): string {
  return `cable ${endText(from)}`;
}

/** How long a small frame takes on a cable, by its two ends as the file has them. */
export function latencyKey(ends: string): string {
  return `latency ${ends}`;
}

/** How long a datapath takes to answer. */
export function answeredKey(name: DatapathName): string {
  return `answered ${name}`;
}

/** What comes into a datapath by all its ports. */
export function datapathKey(name: DatapathName): string {
  return `datapath ${name}`;
}
