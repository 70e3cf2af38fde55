/**
 * Carries a round out: each step to all its datapaths, the next when all have answered.
 *
 * A datapath that is away is made right when it returns (reconcile.ts); a rule that the primary
 * refuses leaves the rulebook and every body, and the tenant gets the datapath's error under its
 * own xid; a rule that only another body refuses ends that body, not the rule.
 */
import { errorName } from '../openflow/errors.ts';
import type { Message } from '../openflow/values.ts';
import type { DatapathName } from '../slices/ids.ts';
import type { Change } from '../translation/body.ts';
import type { Step } from '../translation/round.ts';
import type { Outcome, Refusal } from './acks.ts';
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
): void {
  const refused = new Set<number>();
  const run = (i: number): void => {
    const step = steps[i];
    if (step === undefined) return;
    runStep(hub, step, refused, (refusals) => {
      settle(hub, owner, changes, refused, refusals);
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
    const messages: Message[] = [];
    for (const { message, change } of make(skip)) {
      messages.push(message);
      changes.push(change);
    }
    hub.datapath(body).push(messages, acked);
  }
}

/** Of a change that several bodies refused the primary's word is the one that counts. */
function settle(
  hub: Hub,
  owner: VswitchRuntime,
  changes: readonly RoundChange[],
  refused: Set<number>,
  refusals: readonly Refused[],
): void {
  const { primary } = owner.placement;
  for (const [body, index, refusal] of refusals) {
    const one = changes[index];
    if (body !== primary || one === undefined || refused.has(index)) continue;
    refused.add(index);
    takeBack(hub, owner, one);
    one.origin?.refuse(refusal);
  }
  for (const [body, index, refusal] of refusals) {
    if (body !== primary && !refused.has(index)) failed(hub, owner, body, refusal);
  }
}

function failed(hub: Hub, owner: VswitchRuntime, on: DatapathName, refusal: Refusal): void {
  const why = `${on} refused a rule: ${errorName(refusal.errorType, refusal.errorCode)}`;
  hub.bodyFailed(owner.vswitch, on, why);
}

/** From the books, and from every body that has it. */
function takeBack(hub: Hub, owner: VswitchRuntime, one: RoundChange): void {
  owner.changes.revert(one.change);
  for (const on of owner.placement.bodies) {
    const repair = owner.bodyOn(on).repair(owner.rulebook, one.change);
    if (repair.length > 0) hub.datapath(on).push(repair, () => undefined);
  }
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
    failed(hub, owner, body, refusal);
    return;
  }
  takeBack(hub, owner, one);
  one.origin?.refuse(refusal);
}
