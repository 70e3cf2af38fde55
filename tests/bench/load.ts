/**
 * How much is sent when, and what is measured: a closed loop, one at a time, or a steady pace.
 *
 * Every run ends when everything that was sent has arrived: a lost message is an error, not speed.
 */
import type { Kind } from './kinds.ts';
import { type Lane, type Sandwich, send } from './sandwich.ts';

const DRAIN_MS = 20_000;
/** Messages of a lane on their way in a paced run; more means that the pace cannot be kept. */
const PACED_IN_FLIGHT_MAX = 4_096;

const SETTLE_MS = 100;

export interface Rate {
  readonly perSecond: number;
  /** Microseconds of the middle's CPU for each message. */
  readonly cpuUs: number;
}

export interface Delay {
  readonly p50Us: number;
  readonly p99Us: number;
}

/** How the next messages of a lane follow the last: each at once, or all when all have arrived. */
export type Pace = 'singly' | 'together';

/**
 * `window` messages of each lane are always on their way, until `runMs` have passed; from the first
 * that is sent to the last that arrives.
 */
export async function closedLoop(
  sandwich: Sandwich,
  kind: Kind,
  lanes: readonly Lane[],
  window: number,
  runMs: number,
  pace: Pace = 'singly',
): Promise<Rate> {
  let arrived = 0;
  let sent = 0;
  let isSending = true;
  let endMs = 0;
  sandwich.arrivals = {
    kind,
    onArrival(lane) {
      arrived += 1;
      lane.missing -= 1;
      const due = pace === 'singly' ? 1 : lane.missing === 0 ? window : 0;
      if (isSending) {
        for (let i = 0; i < due; i++) send(lane, kind);
        lane.missing += due;
        sent += due;
      } else if (arrived === sent) endMs = performance.now();
    },
  };
  const cpuNs = sandwich.middle.cpuNs();
  const startMs = performance.now();
  for (const lane of lanes) {
    for (let i = 0; i < window; i++) send(lane, kind);
    lane.missing = window;
    sent += window;
  }
  await sleep(runMs);
  isSending = false;
  await drained(sandwich, () => sent - arrived);
  const cpuUs = (sandwich.middle.cpuNs() - cpuNs) / 1e3 / arrived;
  return { perSecond: (arrived * 1000) / (endMs - startMs), cpuUs };
}

/** One message on its way in all, `count` times: what nobody else's load explains. */
export async function oneAtATime(
  sandwich: Sandwich,
  kind: Kind,
  count: number,
): Promise<readonly number[]> {
  const samplesUs: number[] = [];
  const lane = sandwich.lanes[0];
  if (lane === undefined) throw new Error(`${sandwich.name} has no lanes`);
  let sentMs = 0;
  let left = count;
  const next = (): void => {
    sentMs = performance.now();
    send(lane, kind).flush();
  };
  sandwich.arrivals = {
    kind,
    onArrival() {
      samplesUs.push((performance.now() - sentMs) * 1000);
      left -= 1;
      if (left > 0) setImmediate(next);
    },
  };
  next();
  await drained(sandwich, () => left);
  return samplesUs;
}

/**
 * So many messages a second over all lanes, in a burst each millisecond, whether earlier ones have
 * arrived or not. We sleep between bursts: beside a process that spins the kernel keeps what it
 * wakes on the same core. The first moments do not count.
 */
export async function paced(
  sandwich: Sandwich,
  kind: Kind,
  perSecond: number,
  runMs: number,
): Promise<readonly number[]> {
  const samplesUs: number[] = [];
  const { lanes } = sandwich;
  const sentAt = new Map<Lane, number[]>(lanes.map((lane) => [lane, []]));
  let onTheirWay = 0;
  const startedMs = performance.now();
  sandwich.arrivals = {
    kind,
    onArrival(lane) {
      onTheirWay -= 1;
      const sentMs = sentAt.get(lane)?.shift() ?? 0;
      if (sentMs > startedMs + SETTLE_MS) samplesUs.push((performance.now() - sentMs) * 1000);
    },
  };
  for (let sent = 0; ; ) {
    const nowMs = performance.now();
    if (nowMs - startedMs > SETTLE_MS + runMs) break;
    const due = ((nowMs - startedMs) * perSecond) / 1000;
    while (sent < due) {
      const lane = lanes[sent % lanes.length];
      const waiting = lane && sentAt.get(lane);
      if (waiting === undefined || waiting.length >= PACED_IN_FLIGHT_MAX) break;
      waiting.push(nowMs);
      send(lane as Lane, kind);
      sent += 1;
      onTheirWay += 1;
    }
    await sleep(1);
  }
  await drained(sandwich, () => onTheirWay);
  return samplesUs;
}

export function delayOf(samplesUs: readonly number[]): Delay {
  const sorted = [...samplesUs].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
  return { p50Us: at(0.5), p99Us: at(0.99) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? 0;
  return Number.isInteger(half) ? (upper + (sorted[half - 1] ?? 0)) / 2 : upper;
}

async function drained(sandwich: Sandwich, missing: () => number): Promise<void> {
  const startedMs = performance.now();
  while (missing() > 0) {
    const isOver = performance.now() - startedMs > DRAIN_MS;
    if (sandwich.trouble !== undefined) throw new Error(sandwich.trouble);
    if (isOver) throw new Error(`${sandwich.name}: ${missing()} messages never arrived`);
    await sleep(5);
  }
  sandwich.arrivals = undefined;
  if (missing() < 0) throw new Error(`${sandwich.name}: ${-missing()} messages came twice`);
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
