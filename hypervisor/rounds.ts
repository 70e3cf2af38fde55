/**
 * Carries a round out: each step to all its datapaths, the next when all have acknowledged.
 *
 * A datapath that is away is made right when it returns (reconcile.ts); a rule that the primary
 * refuses leaves the rulebook, and the tenant gets the datapath's error under its own xid; a rule
 * that only a clone refuses ends the clone, not the rule.
 */
import { errorName } from '../openflow/errors.ts';
import type { Message } from '../openflow/values.ts';
import type { DatapathName } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import type { Change } from '../translation/body.ts';
import type { Step, StepMessage } from '../translation/round.ts';
import type { Outcome, Refusal } from './acks.ts';
import { deliver } from './deliver.ts';
import type { Origin } from './refusals.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

/** A change, and whose request it came from; a time-out has no origin. */
export interface RoundChange {
  readonly change: Change;
  readonly origin?: Origin;
}

export function runRound(
  hub: Hub,
  owner: VswitchRuntime,
  steps: readonly Step[],
  changes: readonly RoundChange[],
  done: () => void,
): void {
  const refused = new Set<number>();
  const run = (i: number): void => {
    const step = steps[i];
    if (step === undefined) {
      done();
      return;
    }
    runStep(hub, step, refused, (refusals) => {
      for (const [body, index, refusal] of refusals) {
        settle(hub, owner, changes, refused, { step, body, index, refusal });
      }
      run(i + 1);
    });
  };
  run(0);
}

type Refused = readonly [body: DatapathName, change: number, refusal: Refusal];

function runStep(
  hub: Hub,
  step: Step,
  skip: ReadonlySet<number>,
  done: (refusals: readonly Refused[]) => void,
): void {
  const refusals: Refused[] = [];
  let waiting = step.sends.size;
  for (const [body, make] of step.sends) {
    /** By message, the change that it belongs to. */
    const changes: number[] = [];
    const acked = (outcome: Outcome): void => {
      if (outcome.type === 'acked') {
        for (const refusal of outcome.refusals) {
          refusals.push([body, changes[refusal.index] ?? -1, refusal]);
        }
      }
      waiting -= 1;
      if (waiting === 0) done(refusals);
    };
    const next = takerOf(make(skip), changes);
    const datapath = hub.datapath(body);
    if (step.ack === 'none') datapath.push(next(Number.POSITIVE_INFINITY) ?? [], acked);
    else deliver(hub.turns, datapath, () => next(limits.slotsPerStep), step.ack, acked);
  }
}

/** Takes the next messages, so many at most, and notes whose they are; undefined at the end. */
function takerOf(from: Iterable<StepMessage>, changes: number[]) {
  const iterator = from[Symbol.iterator]();
  return (count: number): readonly Message[] | undefined => {
    const messages: Message[] = [];
    while (messages.length < count) {
      const { value } = iterator.next();
      if (value === undefined) break;
      changes.push(value.change);
      messages.push(value.message);
    }
    return messages.length === 0 ? undefined : messages;
  };
}

interface Trouble {
  readonly step: Step;
  readonly body: DatapathName;
  readonly index: number;
  readonly refusal: Refusal;
}

function settle(
  hub: Hub,
  owner: VswitchRuntime,
  changes: readonly RoundChange[],
  refused: Set<number>,
  { step, body, index, refusal }: Trouble,
): void {
  const isPrimary = body === owner.placement.primary;
  const why = `${body} refused a rule: ${errorName(refusal.errorType, refusal.errorCode)}`;
  if (!isPrimary) hub.bodyFailed(owner.vswitch, body, why);
  // Without its guard a change is not made at all; behind the guard the primary decides.
  const touched = step.name === 'guard' ? changes.map((_, i) => i) : isPrimary ? [index] : [];
  const told = new Set<Origin>();
  for (const i of touched) {
    const one = changes[i];
    if (one === undefined || refused.has(i)) continue;
    refused.add(i);
    takeBack(hub, owner, body, one);
    if (one.origin !== undefined && !told.has(one.origin)) one.origin.refuse(refusal);
    if (one.origin !== undefined) told.add(one.origin);
  }
}

function takeBack(hub: Hub, owner: VswitchRuntime, body: DatapathName, one: RoundChange): void {
  owner.changes.revert(one.change);
  const repair = owner.bodyOn(body).repair(owner.rulebook, one.change);
  if (repair.length > 0) hub.datapath(body).push(repair, () => undefined);
}

/** As for the changes of a round: for one that went down without (flow-mods.ts). */
export function settleRefusal(
  hub: Hub,
  owner: VswitchRuntime,
  body: DatapathName,
  one: RoundChange,
  refusal: Refusal,
): void {
  if (body !== owner.placement.primary) {
    const why = `${body} refused a rule: ${errorName(refusal.errorType, refusal.errorCode)}`;
    hub.bodyFailed(owner.vswitch, body, why);
    return;
  }
  takeBack(hub, owner, body, one);
  one.origin?.refuse(refusal);
}
