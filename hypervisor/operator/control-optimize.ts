/**
 * `optimize` on the control socket (control.ts): a better placement of some tenants, by the
 * measured traffic; it is only proposed, and `migrate` carries it out.
 */
import { pairText } from '../../slices/config/config-names.ts';
import { isCopyName } from '../../slices/config/mirrors.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import type { Landscape } from '../../slices/placement/landscape.ts';
import {
  type Figures,
  figuresOf,
  isObjective,
  type Objective,
  objectives,
  scoreOf,
} from '../../slices/placement/objectives.ts';
import { optimize as search } from '../../slices/placement/optimize.ts';
import { surveying } from '../../slices/placement/terrain.ts';
import type { Steps } from '../../slices/steps.ts';
import { moveTimeOf } from '../../translation/migration/estimate.ts';
import type { World } from '../world/world.ts';
import { planFor } from './control-drain.ts';
import { type Params, textOf, textsOf } from './control-values.ts';
import type { MigrateSources } from './migration-asked.ts';
import type { TrafficSources } from './traffic-report.ts';

export interface OptimizeSources extends TrafficSources, MigrateSources {
  readonly world: World;
}

/** A vswitch that would be better elsewhere. */
export interface ProposedMove {
  readonly vswitch: string;
  readonly from: string;
  readonly to: string;
  readonly rules: number;
  readonly groups: number;
  readonly meters: number;
  /** Bytes a second that pass by its ports: what leads elsewhere while it moves. */
  readonly rate: number;
  /** Bytes that are led from the old place to the new one meanwhile, at most, at that rate. */
  readonly bytes: number;
  /** How long it takes if it moves alone, by what others took. */
  readonly tookMs: number;
}

/** One direction of a cable: how far it is used, of its bandwidth. */
export interface CableUse {
  readonly from: string;
  readonly to: string;
  readonly before: number;
  readonly after: number;
}

export interface OptimizeReport {
  readonly objective: Objective;
  /** As the objective counts. */
  readonly score: { readonly before: number; readonly after: number };
  readonly before: Figures;
  readonly after: Figures;
  readonly moves: readonly ProposedMove[];
  /** The busiest ones, before or after. */
  readonly cables: readonly CableUse[];
  /** What would be better, and cannot be. */
  readonly whyNot: readonly string[];
  /** False when there was no time to look at everything. */
  readonly isWhole: boolean;
  /** Nothing passed: every virtual cable counted alike. */
  readonly isUnmeasured: boolean;
}

interface OptimizeReply {
  result(value: unknown): void;
  error(code: 'usage' | 'rejected', message: string): void;
}

export const optimizeMethods = { optimize } as const;

function optimize(context: OptimizeSources, params: Params, reply: OptimizeReply): void {
  const known = [...context.snapshot().tenants.keys()];
  const named = textsOf(params, 'tenant');
  const unknown = named.find((one) => !known.includes(one));
  const objective = textOf(params, 'objective');
  const [windowMs, budgetMs] = ['windowMs', 'budgetMs'].map((key) => Number(textOf(params, key)));
  if (unknown !== undefined) {
    reply.error('rejected', noSuchText('tenant', unknown, known));
  } else if (!isObjective(objective)) {
    const what = `"${objective}" is nothing to optimize for`;
    reply.error('usage', `${what}; known: ${objectives.join(', ')}`);
  } else if (!isFine(windowMs, Number.POSITIVE_INFINITY)) {
    reply.error('usage', '"windowMs" is a number of milliseconds');
  } else if (!isFine(budgetMs, limits.optimizeLongestMs)) {
    reply.error('usage', `"budgetMs" is from 1 to ${limits.optimizeLongestMs}`);
  } else {
    const tenants = named.length > 0 ? named : known.filter((one) => !isCopyName(`${one}/`));
    context.traffic.want(tenants, () => {
      const untilMs = context.world.nowMs() + budgetMs;
      const isOver = (): boolean => context.world.nowMs() >= untilMs;
      const asked = { tenants: new Set(tenants), objective, windowMs, isOver };
      context.scheduler.follow(proposed(context, asked), (report) => reply.result(report));
    });
  }
}

function isFine(ms: number | undefined, most: number): ms is number {
  return ms !== undefined && ms > 0 && ms <= most;
}

/** Of which tenants, what for, and by what passed when. */
export interface Asked {
  readonly tenants: ReadonlySet<string>;
  readonly objective: Objective;
  readonly windowMs: number;
  isOver(): boolean;
}

/** What turns out to be impossible for reasons that the search does not know is left out of it. */
export function* proposed(context: OptimizeSources, asked: Asked): Steps<OptimizeReport> {
  const barred = new Map<string, string>();
  for (let again = 0; ; again++) {
    const { land, isUnmeasured } = yield* landNow(context, asked, barred);
    const before = { figures: figuresOf(land), score: scoreOf(land, asked.objective) };
    const uses = usesOf(land);
    const isWhole = yield* search(land, asked);
    const moves = movesIn(context, land, isUnmeasured);
    const isLast = again >= limits.optimizeAgainMax;
    let isBarred = false;
    for (const { vswitch, to } of moves) {
      const plan = planFor(context, vswitch, to, 'lime');
      yield;
      if (plan.type !== 'problems' || isLast) continue;
      barred.set(`${vswitch} ${to}`, plan.problems.join('; '));
      isBarred = true;
    }
    if (isBarred) continue;
    return {
      objective: asked.objective,
      score: { before: before.score, after: scoreOf(land, asked.objective) },
      before: before.figures,
      after: figuresOf(land),
      cables: busiestIn(land, uses),
      whyNot: [...new Set(barred.values())],
      ...{ moves, isWhole, isUnmeasured },
    };
  }
}

function usesOf(land: Landscape): readonly number[] {
  return [...land.loads.keys()].map((direction) => land.usedBy(direction));
}

function busiestIn(land: Landscape, before: readonly number[]): readonly CableUse[] {
  const { cables } = land.terrain.substrate;
  const all = usesOf(land).flatMap((after, direction): readonly CableUse[] => {
    const ends = cables[direction >> 1]?.key.split(' - ') ?? [];
    const own = cables[direction >> 1]?.ends[direction & 1] ?? '';
    const isFirst = ends[0]?.split(':')[0] === own;
    const [from = '', to = ''] = isFirst ? ends : ends.toReversed();
    const use = { from, to, before: before[direction] ?? 0, after };
    return use.before + after > 0 ? [use] : [];
  });
  const most = (one: CableUse): number => Math.max(one.before, one.after);
  return all.toSorted((a, b) => most(b) - most(a)).slice(0, limits.optimizeCablesMax);
}

function* landNow(
  context: OptimizeSources,
  { tenants, windowMs }: Asked,
  barred: ReadonlyMap<string, string>,
): Steps<{ readonly land: Landscape; readonly isUnmeasured: boolean }> {
  const { traffic, probing, executor } = context;
  const latencies = new Map(
    probing.linkWatch.states().flatMap(({ ends, state }) => {
      return state.type === 'up' ? [[pairText(ends), state.latencyMs] as const] : [];
    }),
  );
  const mayGo = (vswitch: VswitchName, to: DatapathName): boolean =>
    context.datapath(to).isReady &&
    executor.activeOf(vswitch) === undefined &&
    context.runtime(vswitch)?.isClosed === false &&
    !barred.has(`${vswitch} ${to}`);
  const now = { mayGo, latencyMs: (key: string) => latencies.get(key) ?? 0 };
  const rateOf = (key: string): number =>
    traffic.measured.of(key)?.level(traffic.nowMs, windowMs)?.mean ?? 0;
  const land = yield* surveying(context.snapshot(), tenants, { ...now, rateOf });
  if (land.totalRate > 0) return { land, isUnmeasured: false };
  const alike = { ...now, rateOf: (key: string) => (key.startsWith('cable ') ? 0 : 1) };
  const even = yield* surveying(context.snapshot(), tenants, alike);
  return { land: even, isUnmeasured: true };
}

function movesIn(
  context: OptimizeSources,
  land: Landscape,
  isUnmeasured: boolean,
): readonly ProposedMove[] {
  const { executor, hostMoves } = context;
  const remembered = { migrations: executor.all(), hostMoves: hostMoves.all() };
  return land.terrain.movers.flatMap(({ name, at }, mover) => {
    const to = land.places[mover];
    if (to === undefined || to === at) return [];
    const vswitch = name as VswitchName;
    const tables = context.runtime(vswitch);
    const rules = tables?.rulebook.size ?? 0;
    const move = { type: 'vswitch', vswitch, from: at, to, strategy: 'lime' } as const;
    const { ms, ledMs } = moveTimeOf(move, rules, remembered);
    const rate = isUnmeasured ? 0 : land.rateOf(mover);
    return [
      {
        vswitch: name,
        from: at,
        to,
        rules,
        groups: tables?.groups.table.groups().length ?? 0,
        meters: tables?.meters.table.meters().length ?? 0,
        rate,
        bytes: Math.round((rate * ledMs) / 1_000),
        tookMs: ms,
      },
    ];
  });
}
