/**
 * Carries a round out: sends it to all its datapaths, and settles it when all have answered.
 *
 * A datapath that is away is corrected when it returns (reconcile.ts). What the primary refuses
 * leaves the tables and every body, and the tenant gets the datapath's error under its own xid
 * (refused-changes.ts); so does what the old body refuses while it is about to be the primary
 * again, and what any member of a big switch refuses. Any other body that refuses something is set
 * aside (excluded-bodies.ts).
 */
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { MakeMessages, Round } from '../../translation/changes/round.ts';
import type { RoundChange } from '../../translation/changes/round-change.ts';
import type { Settles } from '../../translation/flat/unsettled-rules.ts';
import type { Outcome, Refusal } from '../datapath/acknowledgements.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import { whenAll } from '../world/when-all.ts';
import { type AnsweredContext, type AnsweredOwner, noteAnswered } from './acknowledged.ts';
import { type Decided, revert, setAside, withRequest } from './refused-changes.ts';
import { decidersOf, type RepairContext, type RepairOwner } from './repairs.ts';

export interface RoundsContext extends RepairContext, AnsweredContext {}

/** Whose changes a round carries to bodies. */
export type RoundsOwner = RepairOwner & AnsweredOwner;

/** What is to be settled before a round: bodies where it leads many rules to other levels. */
export function unsettledBy(
  context: Datapaths,
  { carriers, vswitch }: Pick<RoundsOwner, 'carriers' | 'vswitch'>,
  changes: readonly RoundChange[],
): readonly Settles[] {
  const unsettled: Settles[] = [];
  for (const on of carriers) {
    const body = context.datapath(on).flat?.bodyOf(vswitch);
    if (body?.bytes.isUnsettled !== true) continue;
    if (body.moves(changes.map((one) => one.change))) unsettled.push(body.bytes);
  }
  return unsettled;
}

export function runRound(
  context: RoundsContext,
  owner: RoundsOwner,
  round: Round,
  changes: readonly RoundChange[],
): void {
  for (const one of changes) one.isSent = true;
  owner.mirror?.touched(changes.map((one) => one.change));
  send(context, round, changes, (refusals, lost) => {
    settle(context, owner, changes, refusals);
    for (const body of lost) owner.unanswered.owes(body);
    const isLost = lost.has(owner.placement.primary);
    for (const one of changes) {
      if (isLost) owner.unanswered.leaveOpen(one);
      owner.unanswered.remove(one);
    }
    noteAnswered(context, owner);
  });
}

type Refused = readonly [body: DatapathName, change: number, refusal: Refusal];

function send(
  context: Datapaths,
  round: Round,
  all: readonly RoundChange[],
  done: (refusals: readonly Refused[], lost: ReadonlySet<DatapathName>) => void,
): void {
  const refusals: Refused[] = [];
  const lost = new Set<DatapathName>();
  const skip = new Set([...all.keys()].filter((i) => all[i]?.isRefused));
  const sendOne = (
    [body, make]: readonly [DatapathName, MakeMessages],
    ended: () => void,
  ): void => {
    /** By message, the change that it belongs to. */
    const changes: number[] = [];
    const acked = (outcome: Outcome): void => {
      if (outcome.type === 'lost') lost.add(body);
      else {
        for (const refusal of outcome.refusals) {
          refusals.push([body, changes[refusal.index] ?? -1, refusal]);
        }
      }
      ended();
    };
    const messages: Message[] = [];
    for (const { message, change } of make(skip)) {
      messages.push(message);
      changes.push(change);
    }
    context.datapath(body).writer.send('tables', messages, 'later', acked);
  };
  whenAll(round, sendOne, () => done(refusals, lost));
}

function settle(
  context: RoundsContext,
  owner: RoundsOwner,
  changes: readonly RoundChange[],
  refusals: readonly Refused[],
): void {
  const deciders = decidersOf(context, owner);
  const own = new Map<RoundChange, Decided>();
  // Of a change that several bodies refused the primary's word is the one that is told.
  for (const decider of deciders) {
    for (const [by, i, refusal] of refusals) {
      const one = changes[i];
      if (by === decider && one !== undefined && !own.has(one)) own.set(one, { by, refusal });
    }
  }
  revert(context, owner, withRequest(changes, own));
  for (const [body, i, refusal] of refusals) {
    if (deciders.has(body) || changes[i]?.isRefused) continue;
    setAside(owner, body, refusal);
  }
}
