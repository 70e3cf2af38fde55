/**
 * The order and times in which vswitches would leave a datapath, as things are now
 * (translation/migration/evacuation.ts).
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Steps } from '../../slices/steps.ts';
import type { Leaves } from '../../translation/migration/estimate.ts';
import {
  type EvacuationPlan,
  leavingFrom,
  memberSteps,
  stepsInTime,
} from '../../translation/migration/evacuation.ts';
import { movesFor } from '../../translation/migration/member-move.ts';
import type { LeavingMember } from '../../translation/migration/member-places.ts';
import { circumstancesOf, knownTargets } from './control-drain.ts';
import type { EvacuationAsked } from './evacuation-report.ts';
import type { MigrateSources } from './migration-asked.ts';

/** What estimates go by. */
export function leavesOf(
  context: Pick<MigrateSources, 'executor' | 'snapshot'>,
  { datapaths, answerMs = 0 }: Pick<EvacuationAsked, 'datapaths' | 'answerMs'>,
): Leaves {
  const known = context.snapshot().datapaths;
  const levels = datapaths.map((one) => known.get(one)?.ack.type ?? 'automatic');
  const isByCanary = levels.some((one) => one === 'automatic' || one === 'canary');
  return { migrations: context.executor.all(), answerMs, isByCanary };
}

/** The plan, in steps: nothing is changed. */
export function* planEvacuation(
  context: MigrateSources,
  asked: Omit<EvacuationAsked, 'cause'>,
): Steps<EvacuationPlan> {
  const { what, datapaths, withinMs, to, atOnce } = asked;
  const remembered = leavesOf(context, asked);
  const rulesOf = (name: VswitchName): number => context.runtime(name)?.rulebook.size ?? 0;
  const snapshot = context.snapshot();
  const memberTo = (one: LeavingMember): DatapathName | undefined => {
    const moves = movesFor(snapshot, one, circumstancesOf(context));
    return 'type' in moves ? undefined : moves[0]?.to;
  };
  const now = { ...knownTargets(context), remembered, rulesOf, memberTo };
  const { all, members: leaving, stuck } = yield* leavingFrom(snapshot, datapaths, to, now);
  const steps = stepsInTime(all, withinMs, atOnce);
  const members = memberSteps(snapshot, leaving, withinMs, now);
  const byHand = snapshot.config.hosts.flatMap(({ name, at }) =>
    datapaths.includes(at.device) ? [`${name} is plugged in at ${at.device}`] : [],
  );
  return { type: 'evacuationPlan', what, datapaths, withinMs, steps, members, stuck, byHand };
}
