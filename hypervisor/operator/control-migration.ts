/**
 * `migrate` and `drain --everything` on the control socket (control.ts): what is wanted, its plan,
 * and what becomes of it.
 *
 * One vswitch is a migration; several, or whatever a drained datapath has, are an ensemble.
 */
import type { VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { type Ensemble, isEnded, vacatingOf } from '../../translation/migration/ensemble.ts';
import {
  type EnsemblePlan,
  planEnsemble,
  strategyOf,
} from '../../translation/migration/ensemble-plan.ts';
import type { HostMove } from '../../translation/migration/host-move.ts';
import type { MemberPlan } from '../../translation/migration/member-move.ts';
import {
  type AskedStrategy,
  type GuardKind,
  isOver,
  isSettled,
  type Migration,
  type Strategy,
} from '../../translation/migration/migration.ts';
import type { Traffic } from '../../translation/migration/move-order.ts';
import type { Plan, Problems } from '../../translation/migration/plan.ts';
import { vswitchesOf } from '../../translation/migration/traffic.ts';
import { type Found, movesOf, type Wanted } from '../../translation/migration/wanted-moves.ts';
import type { Applying } from '../migrate/applying.ts';
import type { Executor } from '../migrate/executor.ts';
import { measure } from '../migrate/traffic-meter.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { World } from '../world/world.ts';
import {
  type DrainSources,
  ensembleCircumstancesOf,
  knownTargets,
  planFor,
  withCost,
} from './control-drain.ts';
import { type HostSources, whyHostMoves } from './control-hosts.ts';
import {
  isOfMember,
  type MemberMoved,
  type MemberSources,
  migrateMember,
} from './control-members.ts';
import { isMeasured, optionsOf } from './migration-values.ts';

export interface MigrateResult {
  readonly plan: Plan | EnsemblePlan | MemberPlan | Problems;
  /** When it was over, and what came after it was seen or not waited for; absent on a dry run. */
  readonly migration?: Migration;
  /** Several, likewise, and those that it is made of. */
  readonly ensemble?: Ensemble;
  readonly members?: readonly Migration[];
  readonly hosts?: readonly HostMove[];
  /** Of a member of a big switch. */
  readonly member?: MemberMoved;
}

/** What is told meanwhile of an ensemble; of one migration, it is the migration. */
export interface EnsembleEvent {
  readonly ensemble?: Ensemble;
  readonly member?: Migration;
  readonly host?: HostMove;
}

export interface MigrateReply {
  result(value: unknown): void;
  error(code: 'usage' | 'rejected' | 'failed', message: string): void;
  event(value: unknown): void;
  onGone(run: () => void): void;
}

/** Who starts migrations, and tells of them. */
export interface MigrateSources extends DrainSources, HostSources, MemberSources {
  readonly executor: Pick<Executor, 'start' | 'undo' | 'activeOf' | 'all' | 'ensembles'>;
  readonly boundary: Boundary;
  readonly world: World;
  readonly reopening: { readonly underWay: ReadonlySet<VswitchName> };
  readonly applying: MemberSources['applying'] & Pick<Applying, 'whyNotMoved'>;
  runtime(name: VswitchName): VswitchRuntime | undefined;
  /** Calls `watcher` at every state of every migration until the returned function is called. */
  watchMigrations(watcher: (migration: Migration) => void): () => void;
  watchEnsembles(watcher: (ensemble: Ensemble) => void): () => void;
}

export interface Asked extends Wanted {
  /** The member of a big switch that moves. */
  readonly from?: string;
  /** What is left, as it was named. */
  readonly left?: string;
  /** Whether nothing is placed there afterwards. */
  readonly holds?: boolean;
  readonly strategy: AskedStrategy;
  /** Whether the order is the one in which names were given, whatever flows between them. */
  readonly isOrdered?: boolean;
  readonly portsAtOnce?: number;
  readonly guard?: GuardKind;
  readonly groupMax?: number;
  readonly isDry: boolean;
  /** Whether the seconds after it are waited for. */
  readonly isWatched: boolean;
}

export function migrateAsked(context: MigrateSources, asked: Asked, reply: MigrateReply): void {
  const { names, to, leaves } = asked;
  if (isOfMember(context, asked)) {
    migrateMember(context, asked, reply);
    return;
  }
  if (isPlain(context, asked)) {
    const [[name = ''], [target = '']] = [names, to];
    migrateOne(context, asked, name, target, reply);
    return;
  }
  const found = movesOf(context.snapshot(), asked, knownTargets(context));
  if ('problems' in found) {
    reply.result({ plan: { type: 'problems', ...found } } satisfies MigrateResult);
    return;
  }
  const [only, ...more] = found.moves;
  const isOne = more.length === 0 && found.hosts.length === 0;
  if (only !== undefined && isOne && leaves === undefined) {
    migrateOne(context, asked, only.vswitch.name, only.to, reply);
    return;
  }
  migrateSeveral(context, asked, found, reply);
}

/** One vswitch, to one datapath; what is known of neither is said by the plan of one. */
function isPlain(context: MigrateSources, { names, to, leaves }: Wanted): boolean {
  const [[name = ''], [target = '']] = [names, to];
  const { vswitches, tenants, config } = context.snapshot();
  const isOther = tenants.has(name) || config.hosts.some((host) => host.name === name);
  return (
    names.length <= 1 &&
    to.length === 1 &&
    leaves === undefined &&
    (vswitches.has(name as VswitchName) || !isOther) &&
    !(config.zones.has(target) || target.includes('='))
  );
}

/** With `auto` it is looked first whether anything flows. */
function migrateOne(
  context: MigrateSources,
  asked: Asked,
  name: string,
  to: string,
  reply: MigrateReply,
): void {
  const { strategy } = asked;
  if (strategy !== 'auto') migrateSo(context, asked, strategy, name, to, reply);
  else {
    measure(context, [name as VswitchName], (traffic) => {
      const chosen = strategyOf(name as VswitchName, strategy, traffic);
      migrateSo(context, asked, chosen, name, to, reply);
    });
  }
}

function migrateSo(
  context: MigrateSources,
  { portsAtOnce, guard, isDry, isWatched }: Asked,
  strategy: Strategy,
  name: string,
  to: string,
  reply: MigrateReply,
): void {
  const runtime = context.runtime(name as VswitchName);
  const whyNot = whyNotServed(context, name as VswitchName);
  if (whyNot !== undefined) {
    reply.error('rejected', whyNot);
    return;
  }
  const some = { ...(portsAtOnce !== undefined && { portsAtOnce }), ...(guard && { guard }) };
  const plan = planFor(context, name, to, strategy, some);
  if (plan.type === 'problems' || runtime === undefined || isDry) {
    reply.result({ plan: withCost(context, plan) } satisfies MigrateResult);
    return;
  }
  let id: number | undefined;
  const unwatch = context.watchMigrations((migration) => {
    if (migration.vswitch !== runtime.vswitch.name) return;
    // What is said of an earlier one as this one begins is not for who asked for this one.
    if (id === undefined && !isOver(migration)) id = migration.id;
    if (migration.id !== id) return;
    reply.event(migration);
    const isEnough = isWatched ? isSettled(migration) : isOver(migration);
    if (!isEnough) return;
    unwatch();
    reply.result({ plan, migration } satisfies MigrateResult);
  });
  // Whoever asked may go away (or be killed): the migration goes on.
  reply.onGone(unwatch);
  const more = { plan: plan.steps, ...some };
  context.boundary.run(runtime, () => {
    id = context.executor.start(runtime.vswitch, plan.from, plan.to, strategy, more).id;
  });
  if (id === undefined) reply.error('failed', `${name} is ${runtime.whyDown()}`);
}

/** Why it does not migrate, whatever the plan says. */
function whyNotServed(context: MigrateSources, name: VswitchName): string | undefined {
  const runtime = context.runtime(name);
  if (runtime?.isClosed === true) return `${name} is ${runtime.whyDown()}`;
  const whyNot = context.applying.whyNotMoved(name) ?? whyHostMoves(context, name);
  if (!context.reopening.underWay.has(name)) return whyNot;
  return `${name} is being reopened; ask again when "limevisor reopen" has ended`;
}

function migrateSeveral(
  context: MigrateSources,
  asked: Asked,
  found: Found,
  reply: MigrateReply,
): void {
  const problems = whyNothing(context, asked, found);
  if (problems.length > 0) {
    reply.result({ plan: { type: 'problems', problems } } satisfies MigrateResult);
    return;
  }
  const options = optionsOf(asked);
  if (!isMeasured(asked, found, options.groupMax)) planSeveral(context, asked, found, reply);
  else {
    measure(context, vswitchesOf(context.snapshot(), found), (traffic) => {
      // Another file may have been applied meanwhile.
      const now = movesOf(context.snapshot(), asked, knownTargets(context));
      if ('problems' in now) reply.result({ plan: { type: 'problems', ...now } });
      else planSeveral(context, asked, now, reply, traffic);
    });
  }
}

function planSeveral(
  context: MigrateSources,
  asked: Asked,
  found: Found,
  reply: MigrateReply,
  traffic?: Traffic,
): void {
  const { isDry, isOrdered = false, names } = asked;
  const options = optionsOf(asked);
  const order = { ...(traffic && { traffic }), ...(isOrdered && { inOrder: names }) };
  const now = { ...ensembleCircumstancesOf(context), ...order };
  const steps = planEnsemble(context.snapshot(), found, options, now);
  context.scheduler.follow(steps, (plan) => {
    // Something else may have begun meanwhile.
    const busy = found.moves.find(({ vswitch }) => context.executor.activeOf(vswitch.name));
    const why = busy && `${busy.vswitch.name} is migrating already; wait for its end`;
    const problems = [...whyNothing(context, asked, found), ...(why === undefined ? [] : [why])];
    if (problems.length > 0) {
      reply.result({ plan: { type: 'problems', problems } } satisfies MigrateResult);
    } else if (plan.type === 'problems' || isDry) reply.result({ plan } satisfies MigrateResult);
    else follow(context, asked, plan, reply);
  });
}

function whyNothing(
  context: MigrateSources,
  { leaves }: Asked,
  { moves, hosts, stays, byHand }: Found,
): readonly string[] {
  const { storeWaits } = context;
  // Each step is kept before it is made: a migration would begin, and stand still.
  if (storeWaits !== undefined) return [storeWaits];
  if (moves.length + hosts.length === 0 && leaves === undefined) {
    const why = [...stays, ...byHand].join('; ');
    return [`nothing is left to move${why === '' ? '' : `: ${why}`}`];
  }
  return moves.flatMap(({ vswitch }) => whyNotServed(context, vswitch.name) ?? []);
}

/** Starts it, and tells of it until it is over. */
function follow(
  context: MigrateSources,
  { isWatched, isOrdered = false, groupMax = limits.movesAtOnce }: Asked,
  plan: EnsemblePlan,
  reply: MigrateReply,
): void {
  const { what, groups, steps } = plan;
  const parts = {
    ...{ what, groups, plan: steps, ...vacatingOf(plan) },
    ...(!isOrdered && { groupMax }),
  };
  const { id } = context.executor.ensembles.start(parts);
  const now = (): readonly Migration[] =>
    context.executor.all().filter((one) => one.ensemble === id);
  const look = (): void => {
    const ensemble = context.executor.ensembles.all.get(id);
    if (ensemble === undefined || !isEnded(ensemble)) return;
    const members = now();
    if (isWatched && !members.every(isSettled)) return;
    for (const unwatch of unwatches) unwatch();
    const hosts = context.hostMoves.all().filter((one) => one.ensemble === id);
    const parts = hosts.length > 0 ? { members, hosts } : { members };
    reply.result({ plan, ensemble, ...parts } satisfies MigrateResult);
  };
  const unwatches = [
    context.watchEnsembles((ensemble) => {
      if (ensemble.id !== id) return;
      reply.event({ ensemble } satisfies EnsembleEvent);
      look();
    }),
    context.watchMigrations((member) => {
      if (member.ensemble !== id) return;
      reply.event({ member } satisfies EnsembleEvent);
      look();
    }),
    context.hostMoves.watch((host) => {
      if (host.ensemble === id) reply.event({ host } satisfies EnsembleEvent);
    }),
  ];
  // Whoever asked may go away (or be killed): it goes on.
  reply.onGone(() => {
    for (const unwatch of unwatches) unwatch();
  });
}
