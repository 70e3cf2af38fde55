/**
 * The control messages of one tenant, counted by direction and class, and limited to the rates that
 * the file gives it.
 *
 *   to its controllers    packet-ins are dropped beyond their own rate, and when the rate of the
 *                         direction is half used up: first of all
 *   from its controllers  statistics requests are refused beyond their own rate, and when a
 *                         direction's rate is used up; all others wait, since nothing is read from
 *                         any of the tenant's connections while a bucket is in debt
 *
 * Pure: time is an argument, in milliseconds of a clock that never goes back.
 */
import { plural } from './plural.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';

/** Messages to controllers. */
export const upward = ['packetIns', 'replies', 'events'] as const;
export type Upward = (typeof upward)[number];

/** Messages from controllers. Those that others wait for are in none of the limited classes. */
export const downward = ['changes', 'packetOuts', 'statistics', 'barriers', 'others'] as const;
export type Downward = (typeof downward)[number];

/** The classes and directions that a file may limit. */
export interface ControlRates {
  readonly packetIns?: Rate;
  readonly toControllers?: Rate;
  readonly changes?: Rate;
  readonly packetOuts?: Rate;
  readonly statistics?: Rate;
  readonly fromControllers?: Rate;
}

/** What is left for others when packet-ins are dropped, of a direction's burst. */
const PACKET_INS_LEAVE = 0.5;

/** How long ago is still now, for people. */
const RECENT_MS = 10_000;

/** What was not carried, and how long it was waited. */
export interface Shed {
  packetIns: number;
  statistics: number;
}

export class ControlTraffic {
  readonly up: Record<Upward, number> = { packetIns: 0, replies: 0, events: 0 };
  readonly down: Record<Downward, number> = {
    ...{ changes: 0, packetOuts: 0, statistics: 0, barriers: 0, others: 0 },
  };
  readonly shed: Shed = { packetIns: 0, statistics: 0 };
  readonly #ratesOf: () => ControlRates;
  #rates: ControlRates = {};
  #buckets: Partial<Record<keyof ControlRates, TokenBucket>> = {};
  #isLimited = false;
  /** When something was shed, or had to wait, last. */
  #shedMs: Record<keyof Shed, number> = {
    packetIns: Number.NEGATIVE_INFINITY,
    statistics: Number.NEGATIVE_INFINITY,
  };
  #waitedMs = Number.NEGATIVE_INFINITY;

  /** `ratesOf` is asked again and again: another file may have others. */
  constructor(ratesOf: () => ControlRates) {
    this.#ratesOf = ratesOf;
  }

  /** Whether any rate is limited: if not, nobody needs to look at a clock for it. Hot. */
  get isLimited(): boolean {
    const rates = this.#ratesOf();
    if (rates !== this.#rates) this.#follow(rates);
    return this.#isLimited;
  }

  #follow(rates: ControlRates): void {
    this.#rates = rates;
    const before = this.#buckets;
    this.#buckets = {};
    for (const key of rateKeys) {
      const rate = rates[key];
      if (rate === undefined) continue;
      const known = before[key];
      const isSame = known?.rate.perSec === rate.perSec && known.rate.burst === rate.burst;
      this.#buckets[key] = isSame ? known : new TokenBucket(rate, 0);
    }
    this.#isLimited = Object.keys(this.#buckets).length > 0;
  }

  /** Whether a packet may go up; one that may not is counted. */
  letsUp(nowMs: number): boolean {
    if (!this.isLimited) return true;
    const { packetIns, toControllers } = this.#buckets;
    const isLeft =
      (packetIns?.level(nowMs) ?? 1) >= 1 &&
      (toControllers === undefined ||
        toControllers.level(nowMs) >= toControllers.rate.burst * PACKET_INS_LEAVE);
    if (!isLeft) this.#sheds('packetIns', nowMs);
    return isLeft;
  }

  /** Whether a statistics request may be begun; one that may not is counted. */
  letsAsk(nowMs: number): boolean {
    if (!this.isLimited) return true;
    const { statistics, fromControllers, toControllers } = this.#buckets;
    const all = [statistics, fromControllers, toControllers];
    const isLeft = all.every((bucket) => (bucket?.level(nowMs) ?? 0) >= 0);
    if (!isLeft) this.#sheds('statistics', nowMs);
    return isLeft;
  }

  #sheds(kind: keyof Shed, nowMs: number): void {
    this.shed[kind] += 1;
    this.#shedMs[kind] = nowMs;
  }

  /** Packets that datapaths dropped for the tenant's limit before they came to us. */
  shedBelow(count: number): void {
    this.shed.packetIns += count;
  }

  /** What was shed, or waited, a moment ago, for people. */
  held(nowMs: number): readonly string[] {
    const isRecent = (ms: number): boolean => nowMs - ms < RECENT_MS;
    return [
      ...(isRecent(this.#shedMs.packetIns)
        ? [`${plural(this.shed.packetIns, 'packet-in')} dropped since the start`]
        : []),
      ...(isRecent(this.#shedMs.statistics)
        ? [`${plural(this.shed.statistics, 'statistics request')} refused since the start`]
        : []),
      ...(isRecent(this.#waitedMs) ? ['its requests wait for their rate'] : []),
    ];
  }

  /** Messages went to a controller. Hot. */
  sent(kind: Upward, count: number, nowMs: number): void {
    this.up[kind] += count;
    if (!this.isLimited) return;
    if (kind === 'packetIns') this.#buckets.packetIns?.take(count, nowMs);
    this.#buckets.toControllers?.take(count, nowMs);
  }

  /** Messages came from a controller. Hot. */
  heard(kind: Downward, count: number, nowMs: number): void {
    this.down[kind] += count;
    if (!this.isLimited) return;
    if (kind === 'changes' || kind === 'packetOuts' || kind === 'statistics') {
      this.#buckets[kind]?.take(count, nowMs);
    }
    this.#buckets.fromControllers?.take(count, nowMs);
  }

  /** How many of so many changes may be taken together: one, whatever the rates are. Hot. */
  mostChanges(count: number, nowMs: number): number {
    if (!this.isLimited) return count;
    const { changes, fromControllers } = this.#buckets;
    const left = Math.min(
      changes?.level(nowMs) ?? count,
      fromControllers?.level(nowMs) ?? count,
      count,
    );
    return Math.min(count, Math.max(1, Math.ceil(left)));
  }

  /** How long nothing is to be read from the tenant's controllers; 0: not at all. Hot. */
  waitMs(nowMs: number): number {
    if (!this.isLimited) return 0;
    const { changes, packetOuts, fromControllers } = this.#buckets;
    const waitMs = Math.max(
      changes?.debtMs(nowMs) ?? 0,
      packetOuts?.debtMs(nowMs) ?? 0,
      fromControllers?.debtMs(nowMs) ?? 0,
    );
    if (waitMs > 0) this.#waitedMs = nowMs;
    return waitMs;
  }
}

const rateKeys = [
  ...['packetIns', 'toControllers', 'changes', 'packetOuts', 'statistics', 'fromControllers'],
] as readonly (keyof ControlRates)[];
