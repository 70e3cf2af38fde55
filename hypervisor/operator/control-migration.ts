/**
 * `migrate` and `drain --everything` on the control socket (control.ts): the request, its plan, and
 * its result.
 *
 * One vswitch is a migration; several, or whatever a drained datapath has, are an ensemble.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { planEnsemble, strategyOf } from '../../translation/migration/ensemble-plan.ts';
import { isOver, isSettled } from '../../translation/migration/migration.ts';
import type { Traffic } from '../../translation/migration/move-order.ts';
import { vswitchesOf } from '../../translation/migration/traffic.ts';
import { type Found, movesOf, type Wanted } from '../../translation/migration/wanted-moves.ts';
import { measure } from '../migrate/traffic-meter.ts';
import { ensembleCircumstancesOf, knownTargets, planFor, withCost } from './control-drain.ts';
import { follow } from './control-ensembles.ts';
import { whyHostMoves } from './control-hosts.ts';
import { isOfMember, migrateMember } from './control-members.ts';
import { migratePart } from './control-partial.ts';
import type { Asked, MigrateReply, MigrateResult, MigrateSources } from './migration-asked.ts';
import { isMeasured, optionsOf, whyNoHosts } from './migration-values.ts';

export function migrateAsked(context: MigrateSources, asked: Asked, reply: MigrateReply): void {
  const { names, to, leaves, isPartial = false } = asked;
  if (isPartial && leaves !== undefined) {
    reply.error('usage', '"partial" leaves a body where it is: write lime, freeze or auto');
    return;
  }
  const noHosts = whyNoHosts(context.snapshot(), asked);
  if (noHosts !== undefined) {
    reply.error('usage', noHosts);
    return;
  }
  if (isPartial && names.length > 1) {
    migratePart(context, asked, reply);
    return;
  }
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

/** One vswitch, to one datapath. */
function isPlain(context: MigrateSources, { names, to, leaves }: Wanted): boolean {
  const [[name = ''], [target = '']] = [names, to];
  const { vswitches, datapaths } = context.snapshot();
  const isOne = names.length === 1 && to.length === 1 && leaves === undefined;
  const isKnown = vswitches.has(name as VswitchName);
  return isOne && isKnown && datapaths.has(target as DatapathName);
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
  if (strategy !== 'auto') migrateSo(context, asked, { strategy }, name, to, reply);
  else {
    measure(context, [name as VswitchName], (traffic) => {
      const chosen = strategyOf(name as VswitchName, strategy, traffic);
      migrateSo(context, asked, chosen, name, to, reply);
    });
  }
}

function migrateSo(
  context: MigrateSources,
  { portsAtOnce, guard, probe, isDry, isWatched }: Asked,
  { strategy, whyStrategy }: ReturnType<typeof strategyOf>,
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
  const why = whyStrategy === undefined ? {} : { whyStrategy };
  const some = {
    ...(portsAtOnce !== undefined && { portsAtOnce }),
    ...(guard && { guard }),
    ...(probe && { probe }),
    ...why,
  };
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
  // What keeps a tenant from moving is the same for each of its vswitches.
  return [...new Set(moves.flatMap(({ vswitch }) => whyNotServed(context, vswitch.name) ?? []))];
}
