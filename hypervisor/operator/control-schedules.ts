/**
 * `schedules` and `mtd` on the control socket (control.ts).
 */
import { optimizeFields } from '../../slices/config/optimize.ts';
import { movedBy, schedulesFields } from '../../slices/config/schedules.ts';
import { noSuchText } from '../../slices/near-names.ts';
import type { World } from '../world/world.ts';
import { type Params, textOf, textsOf } from './control-values.ts';
import { type MtdSources, mtdReport } from './mtd-report.ts';
import type { OptimizingState } from './optimizing.ts';
import type { Remaps } from './remaps.ts';
import { type SchedulesContext, spentOf } from './schedules.ts';

export interface ScheduledSources extends SchedulesContext, MtdSources {
  readonly world: World;
  readonly remaps: Remaps;
}

export interface ScheduleReport {
  readonly name: string;
  /** As the file has it. */
  readonly fields: unknown;
  readonly vswitches: readonly string[];
  /** Begun in the last hour. */
  readonly moves: number;
  readonly last: string;
  /** Since 1970; absent: it was not its time yet. */
  readonly lastMs?: number;
  /** Until its next time. */
  readonly inMs: number;
}

interface Reply {
  result(value: unknown): void;
  error(code: 'usage' | 'rejected', message: string): void;
}

export const scheduleMethods = { schedules, mtd } as const;

function schedules(context: ScheduledSources, _: Params, reply: Reply): void {
  const all = context.remaps.schedules.all.map(
    ({ schedule, nextMs, last, lastMs }): ScheduleReport => {
      const { vswitches } = context.snapshot().config;
      return {
        name: schedule.name,
        fields: schedulesFields([schedule])[schedule.name],
        vswitches: movedBy(schedule, vswitches).map(({ name }) => name),
        moves: spentOf(context.executor.all(), schedule, context),
        last,
        ...(lastMs !== undefined && { lastMs }),
        inMs: Math.max(0, nextMs - context.world.nowMs()),
      };
    },
  );
  const { state } = context.remaps.optimizing;
  reply.result(state === undefined ? all : [...all, optimizeReport(context, state)]);
}

/** What is optimized by itself, as a schedule of that name. */
function optimizeReport(context: ScheduledSources, state: OptimizingState): ScheduleReport {
  const { optimize, tenants, nextMs, last, lastMs } = state;
  const { vswitches } = context.snapshot();
  const own = [...vswitches.values()].filter(({ tenant }) => tenants.includes(tenant));
  return {
    name: '(optimize)',
    fields: optimizeFields(optimize),
    vswitches: own.map(({ name }) => name),
    moves: context.remaps.optimizing.spent(),
    last,
    ...(lastMs !== undefined && { lastMs }),
    inMs: Math.max(0, nextMs - context.world.nowMs()),
  };
}

function mtd(context: ScheduledSources, params: Params, reply: Reply): void {
  const known = [...context.snapshot().tenants.keys()];
  const named = textsOf(params, 'tenant');
  const unknown = named.find((one) => !known.includes(one));
  const windowMs = Number(textOf(params, 'windowMs'));
  const { config } = context.snapshot();
  const scheduled = new Set(
    config.schedules.flatMap((one) => movedBy(one, config.vswitches).map(({ tenant }) => tenant)),
  );
  const tenants = named.length > 0 ? named : [...scheduled];
  if (unknown !== undefined) {
    reply.error('rejected', noSuchText('tenant', unknown, known));
  } else if (!(windowMs > 0)) reply.error('usage', '"windowMs" is a number of milliseconds');
  else if (tenants.length === 0) {
    reply.error('rejected', 'nothing is under "schedules" in the file; name tenants');
  } else reply.result(mtdReport(context, tenants, windowMs));
}
