/**
 * How hard it is to know where a tenant's vswitches are: the tenants with which they shared a
 * datapath and for how long, and how well simple adversaries would have guessed the next place
 * (`limevisor mtd`).
 */
import { tenantOf, type VswitchName } from '../../slices/ids.ts';
import {
  entropyOf,
  type Guesses,
  guessesOf,
  type PredictorName,
  predictors,
} from '../../slices/placement/predictors.ts';
import type { Probed } from '../../translation/migration/loss-probe-counts.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import type { MigrationCost } from '../../translation/migration/migration-costs.ts';
import {
  type CoResidence,
  coResidencesOf,
  type Stay,
  staysOf,
} from '../../translation/migration/stays.ts';
import type { World } from '../world/world.ts';
import type { MigrateSources } from './migration-asked.ts';

export interface VswitchSecrecy {
  readonly vswitch: string;
  readonly moves: number;
  readonly places: number;
  readonly longestMs: number;
  /** In bits, of where it was for how long; and of as many places as there are. */
  readonly entropy: number;
  readonly entropyMax: number;
  readonly guesses: Readonly<Record<PredictorName, Guesses>>;
}

export interface MtdReport {
  readonly tenants: readonly string[];
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly moves: number;
  readonly undone: number;
  /** Of moves that are done, on average. */
  readonly tookMs: number;
  /** Packets that came an old way after a move; none of them is lost. */
  readonly stale: number;
  /** Messages that changed datapaths while it moved, of all moves. */
  readonly messages: number;
  /** Packets that guards dropped ("--guard drop"). */
  readonly dropped: number;
  /** How many moves were by freeze-and-copy, which loses what comes meanwhile. */
  readonly frozen: number;
  /** Of probes, where migrations measure loss; absent: none did. */
  readonly probed?: { readonly sent: number; readonly lost: number; readonly twice: number };
  /** The most entries that a datapath held while one moved there, or from there. */
  readonly peak?: MigrationCost['peak'];
  readonly vswitches: readonly VswitchSecrecy[];
  readonly together: readonly CoResidence[];
  readonly stays: readonly Stay[];
}

export interface MtdSources extends Pick<MigrateSources, 'executor' | 'snapshot'> {
  readonly world: World;
  readonly startedMs: number;
}

/** Nothing is known of the time before this process but what migrations say that are remembered. */
export function mtdReport(
  context: MtdSources,
  tenants: readonly string[],
  windowMs: number,
): MtdReport {
  const { datapaths } = context.snapshot();
  const { stays, migrations, sinceMs, nowMs } = rememberedStays(context, windowMs);
  const own = stays.filter(({ vswitch }) => tenants.includes(tenantOf(vswitch)));
  const theirs = migrations.filter(({ vswitch }) => tenants.includes(tenantOf(vswitch)));
  const done = theirs.filter(({ state }) => state.type === 'done');
  const took = done.reduce((sum, one) => sum + one.stateSinceMs - one.startedMs, 0);
  return {
    ...{ tenants, sinceMs, nowMs },
    moves: done.length,
    undone: theirs.filter(({ state }) => state.type === 'undone').length,
    tookMs: done.length === 0 ? 0 : Math.round(took / done.length),
    stale: done.reduce((sum, { watched }) => sum + (watched?.stale ?? 0), 0),
    ...costIn(done),
    vswitches: [...Map.groupBy(own, ({ vswitch }) => vswitch)].map(([vswitch, all]) => {
      return secrecyOf(vswitch, all, done, datapaths.size);
    }),
    together: coResidencesOf(stays, tenants),
    stays: own,
  };
}

interface Remembered {
  readonly stays: readonly Stay[];
  readonly migrations: readonly Migration[];
  readonly sinceMs: number;
  readonly nowMs: number;
}

/** Where everybody was in that time, as far as it is remembered. */
export function rememberedStays(context: MtdSources, windowMs: number): Remembered {
  const { world, executor, startedMs } = context;
  const { placements } = context.snapshot();
  const nowMs = world.wallClockMs();
  const remembered = executor.all();
  const beganMs = Math.floor(nowMs - (world.nowMs() - startedMs));
  const knownMs = remembered.reduce((first, one) => Math.min(first, one.startedMs), beganMs);
  const sinceMs = Math.max(nowMs - windowMs, knownMs);
  const migrations = remembered.filter((one) => !isOver(one) || one.stateSinceMs > sinceMs);
  const inOrder = [...placements].sort(([one], [other]) => (one < other ? -1 : 1));
  const bodies = new Map(inOrder.map(([name, one]) => [name, one.bodies]));
  const stays = staysOf(migrations, bodies, { sinceMs, nowMs });
  return { stays, migrations, sinceMs, nowMs };
}

function costIn(done: readonly Migration[]) {
  const peaks = done.flatMap(({ cost }) => cost?.peak ?? []);
  const probed = done.flatMap((one) => (one.probed === undefined ? [] : [one.probed]));
  const sum = (count: (one: Probed) => number): number =>
    probed.reduce((all, one) => all + count(one), 0);
  const probes = { sent: sum((one) => one.sent), lost: sum((one) => one.lost) };
  const peak = peaks.toSorted((one, other) => other.entries - one.entries)[0];
  return {
    messages: done.reduce((sum, { cost }) => sum + (cost?.messages ?? 0), 0),
    dropped: done.reduce((sum, { handOver }) => sum + (handOver?.dropped ?? 0), 0),
    frozen: done.filter(({ strategy }) => strategy === 'freeze').length,
    ...(probed.length > 0 && { probed: { ...probes, twice: sum((one) => one.twice) } }),
    ...(peak && { peak }),
  };
}

function secrecyOf(
  vswitch: VswitchName,
  stays: readonly Stay[],
  done: readonly Migration[],
  datapaths: number,
): VswitchSecrecy {
  const moves = done
    .filter((one) => one.vswitch === vswitch)
    .toSorted((a, b) => a.startedMs - b.startedMs);
  const [first] = moves;
  const places = first === undefined ? [] : [first.from, ...moves.map(({ to }) => to)];
  const times = [...Map.groupBy(stays, ({ on }) => on).values()].map((all) =>
    all.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0),
  );
  const names = Object.keys(predictors) as PredictorName[];
  return {
    ...{ vswitch, moves: moves.length, places: times.length },
    longestMs: Math.max(0, ...stays.map(({ fromMs, toMs }) => toMs - fromMs)),
    entropy: entropyOf(times),
    entropyMax: Math.log2(datapaths),
    guesses: Object.fromEntries(
      names.map((name) => [name, guessesOf(name, places)]),
    ) as VswitchSecrecy['guesses'],
  };
}
