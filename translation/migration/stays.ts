/**
 * The stays of vswitches on datapaths, as the remembered migrations tell them, and the tenants with
 * which they shared one: for tenants that do not want to share a datapath for long. Times are
 * milliseconds since 1970.
 */
import { type DatapathName, tenantOf, type VswitchName } from '../../slices/ids.ts';
import { isOver, type Migration } from './migration.ts';

/** From the moment that a body is made until it is gone: while a vswitch moves, it is at both. */
export interface Stay {
  readonly vswitch: VswitchName;
  readonly on: DatapathName;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Window {
  readonly sinceMs: number;
  readonly nowMs: number;
}

/** `bodies`: where each vswitch lives now. */
export function staysOf(
  migrations: readonly Migration[],
  bodies: ReadonlyMap<VswitchName, readonly DatapathName[]>,
  window: Window,
): readonly Stay[] {
  const byVswitch = Map.groupBy(migrations, ({ vswitch }) => vswitch);
  return [...bodies].flatMap(([vswitch, now]) => {
    const own = (byVswitch.get(vswitch) ?? []).toSorted((a, b) => a.startedMs - b.startedMs);
    return staysOfOne(vswitch, own, now, window);
  });
}

function staysOfOne(
  vswitch: VswitchName,
  migrations: readonly Migration[],
  now: readonly DatapathName[],
  { sinceMs, nowMs }: Window,
): readonly Stay[] {
  const stays: Stay[] = [];
  const add = (on: DatapathName, fromMs: number, toMs: number): void => {
    if (toMs > sinceMs) stays.push({ vswitch, on, fromMs: Math.max(fromMs, sinceMs), toMs });
  };
  const endOf = (one: Migration): number => (isOver(one) ? one.stateSinceMs : nowMs);
  let [at, since] = [migrations[0]?.from, sinceMs];
  for (const one of migrations) {
    // Something else has moved it meanwhile: another file.
    if (at !== undefined && at !== one.from) {
      add(at, since, one.startedMs);
      [at, since] = [one.from, one.startedMs];
    }
    if (one.state.type === 'undone') add(one.to, one.startedMs, endOf(one));
    else {
      add(one.from, since, endOf(one));
      [at, since] = [one.to, one.startedMs];
    }
  }
  if (at === undefined || !now.includes(at)) for (const on of now) add(on, since, nowMs);
  else add(at, since, nowMs);
  return stays;
}

/** The places of a vswitch one after the other. */
export function placesIn(stays: readonly Stay[], vswitch: VswitchName): readonly DatapathName[] {
  return stays.filter((one) => one.vswitch === vswitch).map(({ on }) => on);
}

/** How long two tenants were on a datapath together. */
export interface CoResidence {
  readonly tenants: readonly [string, string];
  readonly on: DatapathName;
  readonly totalMs: number;
  readonly longestMs: number;
}

type Span = readonly [fromMs: number, toMs: number];

/** Of each of `tenants` with each other tenant, the longest first. */
export function coResidencesOf(
  stays: readonly Stay[],
  tenants: readonly string[],
): readonly CoResidence[] {
  const found: CoResidence[] = [];
  for (const [on, there] of Map.groupBy(stays, (one) => one.on)) {
    const spans = new Map(
      [...Map.groupBy(there, ({ vswitch }) => tenantOf(vswitch))].map(([tenant, own]) => {
        return [tenant, joined(own.map(({ fromMs, toMs }) => [fromMs, toMs]))] as const;
      }),
    );
    for (const tenant of tenants) {
      for (const [other, theirs] of spans) {
        const isSaid = tenants.includes(other) && other < tenant;
        const own = spans.get(tenant);
        if (other === tenant || isSaid || own === undefined) continue;
        const both = shared(own, theirs).map(([from, to]) => to - from);
        if (both.length === 0) continue;
        const totalMs = both.reduce((sum, one) => sum + one, 0);
        found.push({ tenants: [tenant, other], on, totalMs, longestMs: Math.max(...both) });
      }
    }
  }
  return found.sort((a, b) => b.longestMs - a.longestMs || b.totalMs - a.totalMs);
}

/** Without overlaps, in order. */
function joined(spans: readonly Span[]): readonly Span[] {
  const all: Span[] = [];
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last === undefined || from > last[1]) all.push([from, to]);
    else all[all.length - 1] = [last[0], Math.max(last[1], to)];
  }
  return all;
}

function shared(some: readonly Span[], others: readonly Span[]): readonly Span[] {
  const found: Span[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [one, other] = [some[i], others[j]];
    if (one === undefined || other === undefined) return found;
    const [from, to] = [Math.max(one[0], other[0]), Math.min(one[1], other[1])];
    if (to > from) found.push([from, to]);
    if (one[1] < other[1]) i += 1;
    else j += 1;
  }
}
