/**
 * `drain` and `undrain` on the control socket (control.ts): plans, and what remains to be done by
 * hand.
 */
import type { PhysicalEnd } from '../../slices/config/config.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { TenantAccounts } from '../../slices/network/tenant-account.ts';
import type { TenantTables } from '../../translation/entries/tenant-tables.ts';
import {
  avoidedAfter,
  type DrainCircumstances,
  type DrainPlan,
  drainText,
  planDrain,
} from '../../translation/migration/drain-plan.ts';
import { costOfPlan } from '../../translation/migration/ensemble-costs.ts';
import type { EnsembleCircumstances } from '../../translation/migration/ensemble-plan.ts';
import { type How, isOver, type Strategy } from '../../translation/migration/migration.ts';
import { type Plan, type Problems, planMigration } from '../../translation/migration/plan.ts';
import type { Targets } from '../../translation/migration/wanted-moves.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Draining } from '../migrate/draining.ts';
import type { Executor } from '../migrate/executor.ts';
import type { HostMoves } from '../migrate/host-moves.ts';
import type { Scheduler } from '../world/scheduler.ts';

/** What `drain` and `undrain` answer. */
export interface DrainResult {
  readonly plan: DrainPlan | Problems;
  /** What happened and what remains, for people; absent when nothing was done. */
  readonly text?: string;
}

interface DrainReply {
  result(value: unknown): void;
  error(code: 'failed', message: string): void;
}

/** What plans are made of. */
export interface PlanSources extends Datapaths {
  /** What the store waits for. */
  readonly storeWaits: string | undefined;
  readonly executor: Pick<Executor, 'activeOf' | 'all'>;
  readonly tenants: { readonly accounts: TenantAccounts };
  snapshot(): Snapshot;
  runtime(name: VswitchName): TenantTables | undefined;
}

/** Who leads ways elsewhere, and what it must not meet. */
export interface DrainSources extends PlanSources {
  readonly scheduler: Scheduler;
  readonly draining: Pick<Draining, 'lead' | 'isUnderWay' | 'hold'>;
  readonly reopening: { readonly underWay: ReadonlySet<VswitchName> };
  datapaths(): readonly Datapath[];
}

/**
 * Leads ways around a datapath, or those of a zone, or through them again; whoever asked may go
 * away meanwhile.
 */
export function lead(
  context: DrainSources,
  name: string,
  isAvoided: boolean,
  reply: DrainReply,
  isHeld = false,
): void {
  const now = drainCircumstancesOf(context);
  const steps = planDrain(context.snapshot(), name, isAvoided, now, { isHeld });
  context.scheduler.follow(steps, (plan) => {
    if (plan.type === 'plan') startDrain(context, plan, reply);
    else reply.result({ plan } satisfies DrainResult);
  });
}

function startDrain(context: DrainSources, plan: DrainPlan, reply: DrainReply): void {
  const done = (trouble?: string): void => {
    if (trouble !== undefined) {
      reply.error('failed', trouble);
      return;
    }
    const text = drainText(plan, targetsOf(context, plan.bodies));
    reply.result({ plan, text } satisfies DrainResult);
  };
  if (plan.isDone) {
    done();
    return;
  }
  const { now, held } = avoidedAfter(context.snapshot().avoiding, plan.datapaths, plan);
  context.draining.lead(now, done, held);
}

export function drainCircumstancesOf(context: DrainSources): DrainCircumstances {
  return {
    isUp: ({ device, port }) => context.datapath(device).isPortUp(port),
    tablesOf: (vswitch) => context.runtime(vswitch),
    underWay: () => underWay(context),
  };
}

function underWay({ draining, executor, reopening }: DrainSources): string | undefined {
  if (draining.isUnderWay) return 'ways are being led elsewhere';
  const [reopened] = reopening.underWay;
  if (reopened !== undefined) return `${reopened} is being reopened`;
  const migration = executor.all().find((one) => !isOver(one));
  return migration && `migration ${migration.id} of ${migration.vswitch} is under way`;
}

/** For each vswitch a datapath that it can move to, if there is one. */
function targetsOf(
  context: DrainSources,
  vswitches: readonly string[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of vswitches) {
    const to = context.datapaths().find((one) => {
      return planFor(context, name, one.name, 'lime').type === 'plan';
    });
    if (to !== undefined) found.set(name, to.name);
  }
  return found;
}

/** What a migration would do now, or what stands against it. */
export function planFor(
  context: PlanSources,
  name: string,
  to: string,
  strategy: Strategy,
  how?: Omit<How, 'emptiesFirst'>,
) {
  const { storeWaits } = context;
  // Each step is kept before it is made: a migration would begin, and stand still.
  if (storeWaits !== undefined) return { type: 'problems', problems: [storeWaits] } as const;
  const { whyNoRoom, underWay, ...rest } = circumstancesOf(context);
  const circumstances = {
    ...rest,
    tables: context.runtime(name as VswitchName),
    whyNoRoom: (on: DatapathName, entriesPerRule: number) =>
      whyNoRoom(name as VswitchName, on, entriesPerRule),
    underWay: underWay(name as VswitchName),
  };
  return planMigration(context.snapshot(), name, to, strategy, circumstances, how);
}

/** What plans need to know of the moment. */
export function circumstancesOf(context: PlanSources) {
  return {
    tablesOf: (vswitch: VswitchName) => context.runtime(vswitch),
    isReady: (datapath: DatapathName) => context.datapath(datapath).isReady,
    isUp: (end: PhysicalEnd) => context.datapath(end.device).isPortUp(end.port),
    whyNoRoom: (vswitch: VswitchName, on: DatapathName, entriesPerRule: number) => {
      const account = context.tenants.accounts.ofVswitch(vswitch);
      const why = account.whyNotOn(vswitch, on, entriesPerRule);
      return why && `${why}; see "limits" of the tenant in the file`;
    },
    underWay: (vswitch: VswitchName) => context.executor.activeOf(vswitch)?.id,
  };
}

/** What is known of datapaths where something is to go. */
export function knownTargets(context: Datapaths): Targets {
  return {
    isReady: (name) => context.datapath(name).isReady,
    hasPort: ({ device, port }) => context.datapath(device).ports.has(port),
  };
}

export function ensembleCircumstancesOf(
  context: DrainSources & {
    readonly hostMoves: Pick<HostMoves, 'whyNoDriver' | 'underWay' | 'all'>;
  },
): EnsembleCircumstances {
  const { hostMoves } = context;
  return {
    ...circumstancesOf(context),
    drain: drainCircumstancesOf(context),
    whyNoDriver: (driver) => hostMoves.whyNoDriver(driver),
    hostUnderWay: (host, vswitch) => hostMoves.underWay(host, vswitch),
    remembered: { migrations: context.executor.all(), hostMoves: hostMoves.all() },
  };
}

/** The same plan, with what it costs. */
export function withCost(
  context: PlanSources & { readonly hostMoves: Pick<HostMoves, 'all'> },
  plan: Plan | Problems,
): Plan | Problems {
  if (plan.type === 'problems') return plan;
  const remembered = { migrations: context.executor.all(), hostMoves: context.hostMoves.all() };
  const cost = costOfPlan(context.snapshot(), plan, circumstancesOf(context), remembered);
  return cost === undefined ? plan : { ...plan, cost };
}
