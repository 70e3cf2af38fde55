/**
 * Measured traffic for `limevisor traffic`: of each tenant between its hosts and vswitches, of
 * cables, of datapaths. Rates are bytes in a second.
 */
import { pairText } from '../../slices/config/config-names.ts';
import type { Kbps } from '../../slices/config/reservations.ts';
import type { PhysicalEnd } from '../../slices/config/values.ts';
import { endText } from '../../slices/ids.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import {
  answeredKey,
  cableKey,
  datapathKey,
  latencyKey,
  vportKey,
} from '../../slices/traffic/measured.ts';
import type { Point } from '../../slices/traffic/series.ts';
import type { Probing } from '../datapath/probing.ts';
import type { Traffic } from '../tenant/traffic.ts';

export interface TrafficSources {
  readonly traffic: Traffic;
  readonly probing: Probing;
  snapshot(): Snapshot;
}

/** Of a window: now, on average, at most; absent: it was not measured. */
export interface Rates {
  readonly now?: number;
  readonly mean?: number;
  readonly peak?: number;
  /** Each slot that was measured, by how long before the answer it began. */
  readonly points?: readonly (Omit<Point, 'atMs'> & { readonly agoMs: number })[];
}

/** A row of a tenant's matrix. */
export interface PairTraffic extends Rates {
  readonly tenant: string;
  readonly from: string;
  readonly to: string;
}

/** One direction of a cable. */
export interface CableTraffic extends Rates {
  readonly from: string;
  readonly to: string;
  /** As the file says. */
  readonly kbps?: Kbps;
  readonly latencyMs?: number;
  /** The same over the window, in milliseconds. */
  readonly latency?: Rates;
}

/** What comes in by all ports of a datapath, and what it holds. */
export interface DatapathTraffic extends Rates {
  readonly datapath: string;
  readonly entries?: number;
  readonly answeredMs?: number;
  /** The same over the window, in milliseconds. */
  readonly answered?: Rates;
}

export interface TrafficReport {
  readonly windowMs: number;
  readonly pairs: readonly PairTraffic[];
  readonly cables: readonly CableTraffic[];
  readonly datapaths: readonly DatapathTraffic[];
  /** Of more things than are kept. */
  readonly leftOut: number;
}

/** What is asked about. */
export interface TrafficAsked {
  readonly tenants: readonly string[];
  readonly windowMs: number;
  readonly hasPoints: boolean;
}

/** As JSON, a row at a time: tenants may be many. */
export function* trafficPieces(context: TrafficSources, asked: TrafficAsked): Iterable<string> {
  const { traffic } = context;
  yield `{"windowMs":${asked.windowMs},"leftOut":${traffic.measured.leftOut},"pairs":`;
  yield* listed(pairsOf(context, asked));
  yield ',"cables":';
  yield* listed(cablesOf(context, asked));
  yield ',"datapaths":';
  yield* listed(datapathsOf(context, asked));
  yield '}';
}

function* listed(rows: Iterable<object>): Iterable<string> {
  let before = '[';
  for (const row of rows) {
    yield before + JSON.stringify(row);
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

function* pairsOf(context: TrafficSources, asked: TrafficAsked): Iterable<PairTraffic> {
  for (const tenant of asked.tenants) {
    for (const { name, ports } of context.snapshot().tenants.get(tenant) ?? []) {
      for (const [vport, attachment] of ports) {
        const end = { device: name, port: vport };
        const rates = (sense: 'from' | 'to') => ratesOf(context, vportKey(end, sense), asked);
        if (attachment.type === 'link') {
          // What comes from there is a row of the other end.
          const to = endText(attachment.peer);
          yield { tenant, from: endText(end), to, ...rates('to') };
        } else {
          const host = attachment.host;
          yield { tenant, from: host, to: endText(end), ...rates('from') };
          yield { tenant, from: endText(end), to: host, ...rates('to') };
        }
      }
    }
  }
}

function* cablesOf(context: TrafficSources, asked: TrafficAsked): Iterable<CableTraffic> {
  const { config } = context.snapshot();
  const latencies = new Map(
    context.probing.linkWatch.states().flatMap(({ ends, state }) => {
      return state.type === 'up' ? [[pairText(ends), state.latencyMs] as const] : [];
    }),
  );
  for (const ends of config.links) {
    const key = pairText(ends);
    const kbps = config.linkBandwidths.get(key);
    const latencyMs = latencies.get(key);
    const latency = ratesOf(context, latencyKey(key), asked);
    const row = (from: PhysicalEnd, to: PhysicalEnd): CableTraffic => ({
      from: endText(from),
      to: endText(to),
      ...ratesOf(context, cableKey(from), asked),
      ...(kbps !== undefined && { kbps }),
      ...(latencyMs !== undefined && { latencyMs }),
      ...(latency.mean !== undefined && { latency }),
    });
    const [one, other] = ends;
    yield row(one, other);
    yield row(other, one);
  }
}

function* datapathsOf(context: TrafficSources, asked: TrafficAsked): Iterable<DatapathTraffic> {
  for (const name of context.snapshot().datapaths.keys()) {
    const rates = ratesOf(context, datapathKey(name), asked);
    const answered = ratesOf(context, answeredKey(name), asked);
    const more = answered.mean === undefined ? {} : { answered };
    yield { datapath: name, ...rates, ...context.traffic.occupancies.get(name), ...more };
  }
}

function ratesOf(
  { traffic }: TrafficSources,
  key: string,
  { windowMs, hasPoints }: TrafficAsked,
): Rates {
  const series = traffic.measured.of(key);
  const { nowMs } = traffic;
  const level = series?.level(nowMs, windowMs);
  if (series === undefined || level === undefined) return {};
  const now = traffic.measured.isFresh(key, nowMs) ? { now: series.now } : {};
  if (!hasPoints) return { ...now, ...level };
  const points = [...series.points(nowMs, windowMs)].map(({ atMs, ...rest }) => {
    return { agoMs: nowMs - atMs, ...rest };
  });
  return { ...now, ...level, points };
}
