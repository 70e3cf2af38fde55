/**
 * `undrain --everything` on the control socket (control.ts): the vswitches that a drain has moved
 * away come back, to a datapath or a zone.
 */
import { type DatapathName, endText } from '../../slices/ids.ts';
import { isInfeasible, led, type Snapshot } from '../../slices/network/snapshot.ts';
import type { Steps } from '../../slices/steps.ts';
import { avoidedAfter, datapathsCalled } from '../../translation/migration/drain-plan.ts';
import { type Ensemble, leftBehind } from '../../translation/migration/ensemble.ts';
import { type EnsemblePlan, planEnsemble } from '../../translation/migration/ensemble-plan.ts';
import type { Problems } from '../../translation/migration/plan.ts';
import { movesOf } from '../../translation/migration/wanted-moves.ts';
import {
  type DrainResult,
  drainCircumstancesOf,
  ensembleCircumstancesOf,
  knownTargets,
  lead,
} from './control-drain.ts';
import { migrateAsked } from './control-migration.ts';
import { absentOn, returnMembers } from './drained-members.ts';
import type { Asked, MigrateReply, MigrateResult, MigrateSources } from './migration-asked.ts';
import { optionsOf } from './migration-values.ts';
import type { Remaps } from './remaps.ts';

/** What comes back, and where to. */
type Back = Pick<Asked, 'names' | 'title' | 'to' | 'drivers' | 'withHosts'>;

export interface ReturnSources extends MigrateSources {
  readonly remaps: Remaps;
}

/** What the last drain of a datapath, or zone, has moved away, as far as it is elsewhere. */
export function bringBack(
  context: ReturnSources,
  name: string,
  how: Omit<Asked, 'names'>,
  reply: MigrateReply,
): void {
  const datapaths = datapathsCalled(context.snapshot(), name) ?? [];
  const all = [...context.executor.ensembles.all.values()];
  const drained = all.findLast((one) => isDrainOf(one, datapaths));
  if (drained === undefined) {
    const hint = `"limevisor undrain ${name}", then migrate what is to live there`;
    reply.error('rejected', `no "drain ${name} --everything" is remembered; ${hint}`);
    return;
  }
  const back = { ...backOf(context.snapshot(), drained, datapaths), title: `return ${name}` };
  if (how.isDry) {
    const steps = planned(context, datapaths, { ...how, ...back });
    const more = absentOn(context, datapaths).map(({ vswitch, from, to }) => {
      return `members: ${vswitch} has ${to} again${from === undefined ? '' : `, and not ${from}`}`;
    });
    context.scheduler.follow(steps, (plan) => {
      const isPlan = plan.type === 'plan';
      const whole = isPlan ? { ...plan, steps: [...plan.steps, ...more] } : plan;
      reply.result({ plan: whole } satisfies MigrateResult);
    });
    return;
  }
  const whenAwake = context.remaps.idle.wake(datapaths);
  const whole = withMembers(context, datapaths, reply);
  const result = (value: unknown): void => {
    const { plan } = value as DrainResult;
    const isNothing = back.names.length === 0 && absentOn(context, datapaths).length === 0;
    if (plan.type === 'problems' || isNothing) reply.result(value);
    else {
      // What was switched off while it was idle is on again first.
      whenAwake((trouble) => {
        if (trouble !== undefined) {
          reply.error('failed', `${name} is undrained, and nothing came back: ${trouble}`);
        } else if (back.names.length === 0) whole.result(value);
        else migrateAsked(context, { ...how, ...back }, whole);
      });
    }
  };
  lead(context, name, false, { result, error: (code, why) => reply.error(code, why) });
}

/** Members that the file has there come back behind all others. */
function withMembers(
  context: ReturnSources,
  datapaths: readonly DatapathName[],
  reply: MigrateReply,
): MigrateReply {
  return {
    error: (code, why) => reply.error(code, why),
    event: (value) => reply.event(value),
    onGone: (run) => reply.onGone(run),
    result: (value) => {
      returnMembers(context, datapaths, (left) => {
        const membersLeft = left.length > 0 ? { membersLeft: left } : {};
        reply.result({ ...(value as MigrateResult), ...membersLeft });
      });
    },
  };
}

function isDrainOf(ensemble: Ensemble, datapaths: readonly DatapathName[]): boolean {
  const left = leftBehind(ensemble);
  const isSame = left.length === datapaths.length && datapaths.every((one) => left.includes(one));
  return isSame && left.length > 0 && ensemble.state.type === 'done';
}

function backOf(
  { placements, config }: Snapshot,
  { members }: Ensemble,
  datapaths: readonly DatapathName[],
): Back {
  const names = members.flatMap(({ move }): readonly string[] => {
    if (move.type === 'host') {
      const isElsewhere = config.hosts.some(({ name, at }) => {
        return name === move.host && !datapaths.includes(at.device);
      });
      return isElsewhere ? [move.host] : [];
    }
    const { bodies = [] } = placements.get(move.vswitch) ?? {};
    const isThere = bodies.some((one) => datapaths.includes(one)) || bodies.length === 0;
    return isThere ? [] : [move.vswitch];
  });
  const moves = members.map(({ move }) => move);
  const hosts = moves.filter((one) => one.type === 'host');
  const [only, ...more] = datapaths;
  const places =
    only !== undefined && more.length === 0
      ? [only]
      : moves.flatMap((one) => {
          const isBack = one.type === 'vswitch' && names.includes(one.vswitch);
          return isBack ? [`${one.vswitch}=${one.from}`] : [];
        });
  return {
    names,
    // Each that comes back is named.
    withHosts: false,
    to: [...places, ...hosts.map(({ host, from }) => `${host}=${endText(from)}`)],
    drivers: hosts.flatMap(({ host, driver }) => {
      return names.includes(host) ? [`${host}=${driver}`] : [];
    }),
  };
}

/** What would come back, once ways may lead there again. */
function* planned(
  context: MigrateSources,
  datapaths: readonly DatapathName[],
  asked: Asked,
): Steps<EnsemblePlan | Problems> {
  const before = context.snapshot();
  const busy = drainCircumstancesOf(context).underWay();
  if (busy !== undefined) return { type: 'problems', problems: [`${busy}; wait for its end`] };
  const how = { isAvoided: false, isHeld: false };
  const { now, held } = avoidedAfter(before.avoiding, datapaths, how);
  const after = yield* led(before, { now, goal: now, held });
  if (isInfeasible(after)) return { type: 'problems', problems: [after.why] };
  const options = optionsOf(asked);
  const circumstances = ensembleCircumstancesOf(context);
  if (asked.names.length === 0) {
    return yield* planEnsemble(after, nothingMoves, options, circumstances);
  }
  const found = movesOf(after, asked, knownTargets(context));
  if ('problems' in found) return { type: 'problems', problems: found.problems };
  return yield* planEnsemble(after, found, options, circumstances);
}

const nothingMoves = {
  ...{ moves: [], hosts: [], members: [], byHand: [] },
  stays: ['nothing is to come back'],
};
