/**
 * One run of the benchmark: the middles that are compared, and how they are compared.
 */
import { type Version, version } from '../../openflow/values/constants.ts';
import { type Kind, type KindName, kinds } from './kinds.ts';
import { closedLoop, median, type Pace, type Rate } from './load.ts';
import { nothing, startLimevisor, startRelay } from './middle.ts';
import type { Options } from './options.ts';
import { fixed, type Verdict } from './report.ts';
import { type Lane, Sandwich, SWITCHES } from './sandwich.ts';

export interface Bench {
  readonly options: Options;
  readonly direct: Sandwich;
  readonly relay: Sandwich;
  /** Limevisor with one tenant. */
  readonly limevisor: Sandwich;
  /** Limevisors with more tenants. */
  readonly crowded: ReadonlyMap<number, Sandwich>;
  /** Budgets that were missed. */
  readonly missed: string[];
}

/** Starts everything; all stay connected for the whole run, and only one has load at a time. */
export async function openAll(options: Options, speaks: Version): Promise<Bench> {
  const direct = await Sandwich.open('direct', 1, async (port) => nothing(port), false, speaks);
  const relay = await Sandwich.open('relay', 1, startRelay, false, speaks);
  for (const one of [direct, relay]) await probe(one);
  const limevisor = await openLimevisor(1, options, speaks);
  const crowded = new Map<number, Sandwich>();
  for (const tenants of options.tenants.slice(1)) {
    crowded.set(tenants, await openLimevisor(tenants, options, speaks));
  }
  return { options, direct, relay, limevisor, crowded, missed: [] };
}

export async function closeAll({ direct, relay, limevisor, crowded }: Bench): Promise<void> {
  for (const one of [direct, relay, limevisor, ...crowded.values()]) await one.close();
}

async function openLimevisor(
  tenants: number,
  { profileTo }: Options,
  speaks: Version,
): Promise<Sandwich> {
  const startedMs = performance.now();
  const name = `limevisor with ${tenants} tenants, OpenFlow ${versionName(speaks)}`;
  const start = (controllerPort: number) =>
    startLimevisor({ tenants, switches: SWITCHES, controllerPort, profileTo });
  const sandwich = await Sandwich.open(name, tenants, start, true, speaks);
  await probe(sandwich);
  const seconds = fixed((performance.now() - startedMs) / 1000, 1);
  console.log(`${name}: ${sandwich.lanes.length} vswitches, all serving after ${seconds} s`);
  return sandwich;
}

/** A barrier and a packet-in on every lane: all is there, and comes to the right place. */
async function probe(sandwich: Sandwich): Promise<void> {
  for (const kind of [kinds.barrier, kinds['packet-in']]) {
    await closedLoop(sandwich, kind, sandwich.lanes, 1, 0);
  }
}

export function versionName(speaks: Version): string {
  return speaks === version.of10 ? '1.0' : '1.3';
}

export interface Case {
  readonly sandwich: Sandwich;
  readonly lanes: readonly Lane[];
  /** Messages of each lane in flight. */
  readonly window: number;
}

/** What was measured: the median rate, and the medians of its ratios to the other cases. */
export interface Measured {
  readonly perSecond: number;
  readonly cpuUs: number;
  /** To the rate of the case at `index`, measured at about the same moment. */
  of(index: number): number;
}

/** Until all is compiled that will be: what runs for months begins once. */
const WARM_MS = 700;
/** Rules of a lane meanwhile: the new ones are kept for when it counts. */
const WARM_RULES = 100;

/** The cases take turns, as often as asked for: what disturbs one disturbs all. */
export async function compare(
  { repeats, runMs }: Options,
  name: KindName,
  cases: readonly Case[],
  pace: Pace = 'singly',
): Promise<readonly Measured[]> {
  const once = async (ms: number, kind: Kind): Promise<Rate[]> => {
    const round: Rate[] = [];
    for (const { sandwich, lanes, window } of cases) {
      round.push(await closedLoop(sandwich, kind, lanes, window, ms, pace));
    }
    return round;
  };
  const kind = kinds[name];
  await once(WARM_MS, { ...kind, rules: Math.min(kind.rules, WARM_RULES) });
  const rounds: Rate[][] = [];
  for (let i = 0; i < repeats; i++) rounds.push(await once(runMs, kind));
  const over = (value: (round: readonly Rate[]) => number): number => median(rounds.map(value));
  return cases.map((_, i) => ({
    perSecond: over((round) => round[i]?.perSecond ?? Number.NaN),
    cpuUs: over((round) => round[i]?.cpuUs ?? Number.NaN),
    of: (to) =>
      over((round) => (round[i]?.perSecond ?? Number.NaN) / (round[to]?.perSecond ?? Number.NaN)),
  }));
}

/** The verdict's text; a missed budget is remembered. */
export function noted({ missed }: Bench, what: string, verdict: Verdict): string {
  if (verdict.isMissed) missed.push(what);
  return verdict.text;
}
