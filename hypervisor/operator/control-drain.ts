/**
 * `drain` and `undrain` on the control socket (control.ts): plans, and what is left to do by hand.
 */
import { type DrainPlan, drainText, planDrain } from '../../translation/drain-plan.ts';
import { isOver, type Strategy } from '../../translation/migration.ts';
import { type Problems, planMigration } from '../../translation/plan.ts';
import type { Hypervisor } from '../hypervisor.ts';

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

/** Leads ways around a datapath, or through it again; whoever asked may go away meanwhile. */
export function lead(
  hypervisor: Hypervisor,
  datapath: string,
  isAvoided: boolean,
  reply: DrainReply,
): void {
  const plan = planDrain(hypervisor.snapshot(), datapath, isAvoided, {
    isUp: ({ device, port }) => hypervisor.datapath(device).isPortUp(port),
    booksOf: (vswitch) => hypervisor.runtime(vswitch),
    underWay: underWay(hypervisor),
  });
  if (plan.type === 'problems') {
    reply.result({ plan } satisfies DrainResult);
    return;
  }
  const done = (trouble?: string): void => {
    if (trouble !== undefined) {
      reply.error('failed', trouble);
      return;
    }
    const text = drainText(plan, targetsOf(hypervisor, plan.bodies));
    reply.result({ plan, text } satisfies DrainResult);
  };
  if (plan.isDone) {
    done();
    return;
  }
  const avoided = new Set(hypervisor.snapshot().avoiding.now);
  if (isAvoided) avoided.add(plan.datapath);
  else avoided.delete(plan.datapath);
  hypervisor.draining.lead(avoided, done);
}

function underWay({ draining, executor, reopening }: Hypervisor): string | undefined {
  if (draining.isUnderWay) return 'ways are being led elsewhere';
  const [reopened] = reopening.underWay;
  if (reopened !== undefined) return `${reopened} is being reopened`;
  const migration = executor.all().find((one) => !isOver(one));
  return migration && `migration ${migration.id} of ${migration.vswitch} is under way`;
}

/** For each vswitch a datapath that it can move to, if there is one. */
function targetsOf(
  hypervisor: Hypervisor,
  vswitches: readonly string[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of vswitches) {
    const to = hypervisor.datapaths().find((one) => {
      return planFor(hypervisor, name, one.name, 'lime').type === 'plan';
    });
    if (to !== undefined) found.set(name, to.name);
  }
  return found;
}

/** What a migration would do now, or what stands against it. */
export function planFor(hypervisor: Hypervisor, name: string, to: string, strategy: Strategy) {
  const { storeWaits } = hypervisor;
  // Each step is kept before it is made: a migration would begin, and stand still.
  if (storeWaits !== undefined) return { type: 'problems', problems: [storeWaits] } as const;
  const runtime = hypervisor.runtimes().find((one) => one.vswitch.name === name);
  return planMigration(hypervisor.snapshot(), name, to, strategy, {
    books: runtime,
    booksOf: (vswitch) => hypervisor.runtime(vswitch),
    isReady: (datapath) => hypervisor.datapath(datapath).isReady,
    isUp: (end) => hypervisor.datapath(end.device).isPortUp(end.port),
    underWay: runtime && hypervisor.executor.activeOf(runtime.vswitch.name)?.id,
  });
}
