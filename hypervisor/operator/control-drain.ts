/**
 * `drain` and `undrain` on the control socket (control.ts): plans, and what is left to do by hand.
 */
import type { PhysicalEnd } from '../../slices/config/config.ts';
import type { VswitchName } from '../../slices/ids.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { TenantAccounts } from '../../slices/network/tenant-account.ts';
import type { TenantTables } from '../../translation/entries/tenant-tables.ts';
import { type DrainPlan, drainText, planDrain } from '../../translation/migration/drain-plan.ts';
import { isOver, type Strategy } from '../../translation/migration/migration.ts';
import { type Problems, planMigration } from '../../translation/migration/plan.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Draining } from '../migrate/draining.ts';
import type { Executor } from '../migrate/executor.ts';
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
  readonly draining: Pick<Draining, 'lead' | 'isUnderWay'>;
  readonly reopening: { readonly underWay: ReadonlySet<VswitchName> };
  datapaths(): readonly Datapath[];
}

/** Leads ways around a datapath, or through it again; whoever asked may go away meanwhile. */
export function lead(
  context: DrainSources,
  datapath: string,
  isAvoided: boolean,
  reply: DrainReply,
): void {
  const circumstances = {
    isUp: ({ device, port }: PhysicalEnd) => context.datapath(device).isPortUp(port),
    booksOf: (vswitch: VswitchName) => context.runtime(vswitch),
    underWay: () => underWay(context),
  };
  const steps = planDrain(context.snapshot(), datapath, isAvoided, circumstances);
  context.scheduler.follow(steps, (plan) => {
    if (plan.type === 'plan') carryOut(context, plan, reply);
    else reply.result({ plan } satisfies DrainResult);
  });
}

function carryOut(context: DrainSources, plan: DrainPlan, reply: DrainReply): void {
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
  const avoided = new Set(context.snapshot().avoiding.now);
  if (plan.isAvoided) avoided.add(plan.datapath);
  else avoided.delete(plan.datapath);
  context.draining.lead(avoided, done);
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
export function planFor(context: PlanSources, name: string, to: string, strategy: Strategy) {
  const { storeWaits } = context;
  // Each step is kept before it is made: a migration would begin, and stand still.
  if (storeWaits !== undefined) return { type: 'problems', problems: [storeWaits] } as const;
  const books = context.runtime(name as VswitchName);
  return planMigration(context.snapshot(), name, to, strategy, {
    books,
    booksOf: (vswitch) => context.runtime(vswitch),
    isReady: (datapath) => context.datapath(datapath).isReady,
    isUp: (end) => context.datapath(end.device).isPortUp(end.port),
    whyNoRoom: (on, entriesPerRule) => {
      const account = context.tenants.accounts.ofVswitch(name as VswitchName);
      const why = account.whyNotOn(name as VswitchName, on, entriesPerRule);
      return why && `${why}; see "limits" of the tenant in the file`;
    },
    underWay: context.executor.activeOf(name as VswitchName)?.id,
  });
}
