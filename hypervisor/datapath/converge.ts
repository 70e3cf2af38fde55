/**
 * Leads datapaths to what owners want of them: contributions change, the intent
 * (translation/intent/) follows, and the difference goes to the datapath's writer (writer.ts),
 * which sends it, or leaves it to the comparison that will follow. Tenants' changes of rules,
 * groups and meters go to the writer as well, from their rounds (tenant/rounds.ts).
 */

import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Steps } from '../../slices/steps.ts';
import { contribution, type Owner, ownerKey } from '../../translation/datapath/contribution.ts';
import { wiringSteps } from '../../translation/datapath/wiring.ts';
import type { Phase } from '../../translation/entries/difference.ts';
import type { Tables } from '../../translation/entries/physical-tables.ts';
import type { Move } from '../../translation/flat/move.ts';
import type { Change, Plan } from '../../translation/intent/plans.ts';
import type { Scheduler } from '../world/scheduler.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Ack, Outcome } from './acknowledgements.ts';
import type { Datapath } from './datapath.ts';
import { whyEntryRefused } from './error-attribution.ts';
import { sendPaced } from './paced-send.ts';
import type { Told, Waits } from './writer.ts';

/** What the owner wants there now; `before`: only where that differs from what it wanted then. */
export function changeOf(
  snapshot: Snapshot,
  datapath: DatapathName,
  owner: Owner,
  ...before: readonly Snapshot[]
): Change {
  const tables = contribution(snapshot, owner, datapath);
  const change = { owner: ownerKey(owner), vswitch: nameIn(owner), tables };
  if (before.length === 0) return change;
  const were = before.map((one) => contribution(one, owner, datapath));
  return { ...change, before: were.reduce(withBoth) };
}

/** Where both have something, what the second has. */
function withBoth(one: Tables, other: Tables): Tables {
  return {
    flows: new Map([...one.flows, ...other.flows]),
    groups: new Map([...one.groups, ...other.groups]),
    meters: new Map([...one.meters, ...other.meters]),
  };
}

/** In steps; one of `before` at least. */
export function* changeBetween(
  before: readonly Snapshot[],
  snapshot: Snapshot,
  datapath: DatapathName,
  owner: Owner,
): Steps<Change> {
  const were: Tables[] = [];
  for (const one of before) were.push(yield* contributionIn(one, datapath, owner));
  const tables = yield* contributionIn(snapshot, datapath, owner);
  const change = { owner: ownerKey(owner), vswitch: nameIn(owner), tables };
  return { ...change, before: were.reduce(withBoth) };
}

function* contributionIn(snapshot: Snapshot, datapath: DatapathName, owner: Owner): Steps<Tables> {
  const vswitch = 'vswitch' in owner ? snapshot.vswitches.get(owner.vswitch.name) : undefined;
  if (owner.type === 'wiring' && vswitch !== undefined) {
    yield* wiringSteps(snapshot, datapath, vswitch);
  }
  yield;
  return contribution(snapshot, owner, datapath);
}

/** Whose it is, if that is a vswitch. */
export function nameIn(owner: Owner): VswitchName | undefined {
  return 'vswitch' in owner ? owner.vswitch.name : undefined;
}

/** Leads one datapath to what an owner wants of it now, all parts at once. */
export function leadOwner(
  snapshot: Snapshot,
  { name, writer }: Datapath,
  owner: Owner,
  waits: Waits,
  done: Told = () => undefined,
): void {
  writer.lead([changeOf(snapshot, name, owner)], waits, done);
}

/** One of several datapaths that are led to something together. */
export interface Leading {
  readonly datapath: Datapath;
  readonly plan: Plan;
  /** A flat datapath's rules are written anew with its wiring: they depend on it. */
  readonly move: Move | undefined;
}

/**
 * Carries a part out on all of them; `done` when all have acknowledged it, or one refused. What is
 * long is sent over several turns.
 */
export function convergeAll(
  scheduler: Scheduler,
  leadings: readonly Leading[],
  phase: Phase,
  ack: Ack,
  done: (refused: string | undefined) => void,
): void {
  // What is sent in this turn, of all datapaths.
  let keys = 0;
  const long = leadings.filter(({ plan, move }) => {
    keys += plan.sizeOf(phase);
    return move === undefined && keys > limits.keysAtOnce;
  });
  const isLong = new Set(long);
  const short = leadings
    .filter((one) => !isLong.has(one))
    .map((one) => ({ datapath: one.datapath, messages: messagesOf(one, phase) }))
    .filter(({ messages }) => messages.length > 0);
  const send = (one: (typeof short)[number] | Leading, ended: Ended): void => {
    const { datapath } = one;
    const sent: Message[] = 'messages' in one ? [...one.messages] : [];
    // Entries of a flat datapath's rules are at entrances that frames meet already.
    const own = ack === 'round' && datapath.flat !== undefined ? 'full' : ack;
    const told = (outcome: Outcome): void => {
      ended(whyEntryRefused(datapath.name, outcome, sent, datapath.intent));
    };
    if ('messages' in one) datapath.writer.send('intent', sent, own, told);
    else sendLong(scheduler, one, phase, own, sent, told);
  };
  whenAll([...short, ...long.filter(({ plan }) => plan.has(phase))], send, done);
}

/** `sent` is given all that is sent: a refusal names one of them. */
function sendLong(
  scheduler: Scheduler,
  { datapath, plan }: Leading,
  phase: Phase,
  ack: Ack,
  sent: Message[],
  told: Told,
): void {
  const parts = datapath.intent.advancing(plan, phase, limits.slotsPerStep);
  const next = (): readonly Message[] | undefined => {
    const part = parts.next().value ?? undefined;
    for (const message of part ?? []) sent.push(message);
    return part;
  };
  sendPaced(scheduler, datapath, 'intent', next, ack, (outcome) => {
    // What was not sent, for it is away, is part of the comparison that is to come.
    while (parts.next().done !== true);
    told(outcome);
  });
}

function messagesOf({ datapath, plan, move }: Leading, phase: Phase): readonly Message[] {
  const wiring = datapath.intent.advance(plan, phase);
  const rules = move === undefined ? [] : (datapath.flat?.[phase](move) ?? []);
  // What leads packets to a rule comes after it, and goes before it.
  return phase === 'break' ? [...wiring, ...rules] : [...rules, ...wiring];
}

/** Nothing more of it follows: `isWhole` when all parts were carried out. */
export function end({ datapath, plan, move }: Leading, isWhole: boolean): void {
  datapath.intent.end(plan);
  if (!isWhole && move !== undefined) datapath.flat?.giveUp(move);
}
