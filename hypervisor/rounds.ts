/**
 * Carries a round out: each step to all its datapaths, the next when all have answered.
 *
 * A datapath that is away is made right when it returns (reconcile.ts). What the primary refuses
 * leaves the books and every body, and the tenant gets the datapath's error under its own xid
 * (refused.ts); so does what the old body refuses while it is about to be the primary again. Any
 * other body that refuses something is set aside (aside.ts).
 */
import { errorName } from '../openflow/errors.ts';
import type { Message } from '../openflow/values.ts';
import type { DatapathName } from '../slices/ids.ts';
import type { Step } from '../translation/round.ts';
import { noteAnswered } from './acknowledged.ts';
import type { Outcome, Refusal } from './acks.ts';
import type { RoundChange } from './pending.ts';
import { type Decided, takeBack, withRequest } from './refused.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

export function runRound(
  hub: Hub,
  owner: VswitchRuntime,
  steps: readonly Step[],
  changes: readonly RoundChange[],
): void {
  for (const one of changes) one.isSent = true;
  const run = (i: number): void => {
    const step = steps[i];
    if (step === undefined) {
      for (const one of changes) owner.pending.remove(one);
      noteAnswered(hub, owner);
      return;
    }
    runStep(hub, step, changes, (refusals, lost) => {
      settle(hub, owner, changes, refusals);
      if (lost.has(owner.placement.primary))
        for (const one of changes) owner.pending.unanswered(one);
      run(i + 1);
    });
  };
  run(0);
}

type Refused = readonly [body: DatapathName, change: number, refusal: Refusal];

function runStep(
  hub: Hub,
  step: Step,
  all: readonly RoundChange[],
  done: (refusals: readonly Refused[], lost: ReadonlySet<DatapathName>) => void,
): void {
  const refusals: Refused[] = [];
  const lost = new Set<DatapathName>();
  const skip = new Set([...all.keys()].filter((i) => all[i]?.isRefused));
  let waiting = step.sends.size;
  for (const [body, make] of step.sends) {
    /** By message, the change that it belongs to. */
    const changes: number[] = [];
    const acked = (outcome: Outcome): void => {
      if (outcome.type === 'lost') lost.add(body);
      else {
        for (const refusal of outcome.refusals) {
          refusals.push([body, changes[refusal.index] ?? -1, refusal]);
        }
      }
      waiting -= 1;
      if (waiting === 0) done(refusals, lost);
    };
    const messages: Message[] = [];
    for (const { message, change } of make(skip)) {
      messages.push(message);
      changes.push(change);
    }
    hub.datapath(body).push(messages, acked);
  }
}

function settle(
  hub: Hub,
  owner: VswitchRuntime,
  changes: readonly RoundChange[],
  refusals: readonly Refused[],
): void {
  const { primary } = owner.placement;
  const next = hub.returnsTo(owner.vswitch);
  const own = new Map<RoundChange, Decided>();
  // Of a change that several bodies refused the primary's word is the one that is told.
  for (const decider of [primary, next]) {
    for (const [by, i, refusal] of refusals) {
      const one = changes[i];
      if (by === decider && one !== undefined && !own.has(one)) own.set(one, { by, refusal });
    }
  }
  takeBack(hub, owner, withRequest(changes, own));
  for (const [body, i, refusal] of refusals) {
    if (body === primary || body === next || changes[i]?.isRefused) continue;
    const name = errorName(refusal.errorType, refusal.errorCode);
    owner.aside.set(body, `datapath ${body} refused a change of its rules: ${name}`);
  }
}
