/**
 * Who would leave a datapath when, as things are now (translation/migration/evacuation.ts).
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Steps } from '../../slices/steps.ts';
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

/** The plan, in steps: nothing is changed. */
export function* planEvacuation(
  context: MigrateSources,
  { what, datapaths, withinMs, to, atOnce }: Omit<EvacuationAsked, 'cause'>,
): Steps<EvacuationPlan> {
  const remembered = { migrations: context.executor.all() };
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
