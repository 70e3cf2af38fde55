/**
 * Changes that the primary body refused: they leave the rulebook and the store, every other body is
 * led back to what stands, and who asked for it gets the datapath's error under its own xid.
 */

import { errorName } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { LazyMap } from '../../slices/lazy-collections.ts';
import { isBig } from '../../slices/network/members.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { LaterChange, LaterLoss } from '../../slices/rules/rulebook-revert.ts';
import type { Lot, RoundChange } from '../../translation/changes/round-change.ts';
import type { Origin } from '../../translation/controllers/verdict.ts';
import type { TakenBack as Back, Change } from '../../translation/entries/body.ts';
import type { Outcome, Refusal } from '../datapath/acknowledgements.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import { type RefusedPart, rulePart } from '../datapath/entry-owners.ts';
import type { Planning } from '../datapath/paced-plans.ts';
import { nothingBut } from '../store/ready.ts';
import { type Deciding, eachAnswers } from './acknowledged.ts';
import type { ExcludedBodies } from './excluded-bodies.ts';
import { type RevertingOwner, revertInTables } from './revert.ts';
import type { Answer, Send, TenantReady, TenantShell } from './shell.ts';

/** Where repairs go, and whose word counts besides the primary's. */
export interface RefusedContext extends Datapaths {
  readonly planning: Pick<Planning, 'settling'>;
  /** The body that is about to be the primary again. */
  returnsTo(vswitch: Vswitch): DatapathName | undefined;
}

/** Whose change is taken back, and who is told of a body that does not take that back. */
export interface RefusedOwner extends RevertingOwner, Deciding {
  readonly shell: TenantShell;
  readonly missing: { refused(on: DatapathName, parts: readonly RefusedPart[]): void };
  /** What bodies refused to go back from, and are told again. */
  readonly repeated: LazyMap<DatapathName, Change[]>;
  readonly excluded: Pick<ExcludedBodies, 'set'>;
  readonly mirror: { touched(changes: readonly Change[]): void } | undefined;
}

/** A change that is to be taken back. */
export interface TakenBack {
  readonly one: RoundChange;
  readonly refusal: Refusal;
  /** Who refused it; undefined when it was another part of its request that was refused. */
  readonly by: DatapathName | undefined;
}

/** A body's word, where it counts. */
export interface Decided {
  readonly by: DatapathName;
  readonly refusal: Refusal;
}

/**
 * Whose word counts, the first that was given: the primary's, and that of the body which is about
 * to be the primary again. All members of a big switch have one word: what one of them has no room
 * for, none has. A body that is about to be a member has none yet, nor one that is none any more.
 */
export function decidersOf(
  context: RefusedContext,
  { vswitch, placement }: Pick<RefusedOwner, 'vswitch' | 'placement'>,
): ReadonlySet<DatapathName> {
  const { primary, bodies } = placement;
  const { members } = vswitch;
  const next = context.returnsTo(vswitch);
  if (!isBig(vswitch)) return new Set([primary, ...(next === undefined ? [] : [next])]);
  return new Set([primary, ...bodies.filter((one) => members.includes(one))]);
}

/** A body whose word does not count has refused what the primary took. */
export function setAside(
  { excluded }: Pick<RefusedOwner, 'excluded'>,
  body: DatapathName,
  { errorType, errorCode }: Pick<Refusal, 'errorType' | 'errorCode'>,
): void {
  const name = errorName(errorType, errorCode);
  excluded.set(body, `datapath ${body} refused a change of its rules: ${name}`);
}

/** A modify of many rules is done as a whole or not at all. */
export function withRequest(
  changes: readonly RoundChange[],
  own: ReadonlyMap<RoundChange, Decided>,
): readonly TakenBack[] {
  const byOrigin = new Map<Origin, Refusal>();
  for (const [{ origin }, { refusal }] of own) {
    if (origin !== undefined && !byOrigin.has(origin)) byOrigin.set(origin, refusal);
  }
  return changes.flatMap((one): readonly TakenBack[] => {
    const decided = own.get(one);
    if (decided !== undefined) return [{ one, ...decided }];
    const other = one.origin && byOrigin.get(one.origin);
    if (other === undefined || one.change.type !== 'modify') return [];
    return [{ one, refusal: other, by: undefined }];
  });
}

export function revert(
  context: RefusedContext,
  owner: RefusedOwner,
  all: readonly TakenBack[],
): void {
  /** A request that many parts of are refused is answered by one error. */
  const told = new Set<Origin>();
  const undone: Undone[] = [];
  for (const { one } of all) one.isRefused = true;
  for (const { one, refusal, by } of all) {
    const { change, origin } = one;
    const later = 'rule' in change ? owner.unanswered.after(one, 0) : [];
    const isTold = origin === undefined || told.has(origin) || isCascade(change);
    if (!isTold) told.add(origin);
    undone.push(undo(context, owner, change, later, by, isTold ? [] : [errorTo(origin, refusal)]));
  }
  owner.shell.execute(together(undone));
  owner.mirror?.touched(all.map(({ one }) => one.change));
}

/** One of a lot that went down without a round (flow-mods.ts), and who refused it. */
export interface RefusedOfLot {
  readonly i: number;
  readonly one: RoundChange;
  readonly refusal: Refusal;
  /** Undefined when it was another part of its request that was refused. */
  readonly by: DatapathName | undefined;
}

/** As `revert`, of some of a lot; `refused` makes each when those before it are undone. */
export function revertSent(
  context: RefusedContext,
  owner: RefusedOwner,
  lot: Lot,
  refused: Iterable<RefusedOfLot>,
): void {
  const told = new Set<Origin>();
  const undone: Undone[] = [];
  for (const { i, one, refusal, by } of refused) {
    const { change, origin } = one;
    const isTold = origin === undefined || told.has(origin);
    const answers = isTold ? [] : [errorTo(origin, refusal)];
    if (origin !== undefined) told.add(origin);
    const later = owner.unanswered.after(lot, i);
    undone.push(undo(context, owner, change, later, by, answers));
  }
  owner.shell.execute(together(undone));
}

/**
 * All of it goes, the last first, as if it had never been made: a bundle of which a part was
 * refused. What goes with its group is there again behind that. Who asked is told by the caller.
 */
export function revertAll(
  context: RefusedContext,
  owner: RefusedOwner,
  all: readonly RoundChange[],
): void {
  const undone: Undone[] = [];
  const changes: Change[] = [];
  for (const one of all.toReversed()) {
    if (one.isRefused) continue;
    one.isRefused = true;
    const { change } = one;
    const { back, entries } = revertInTables(
      owner,
      change,
      'rule' in change ? owner.unanswered.after(one, 0) : [],
    );
    const messages = owner.carriers.flatMap((on) => repairOn(context, owner, on, change, back));
    undone.push({ entries, messages, answers: [] });
    changes.push(change);
  }
  owner.shell.execute(together(undone));
  owner.mirror?.touched(changes);
}

type Undone = Pick<TenantReady, 'entries' | 'messages' | 'answers'>;

/**
 * Who is told that a change was refused does not meet it again after a restart: the disk has it
 * before.
 */
function together(all: readonly Undone[]): TenantReady {
  return {
    entries: all.flatMap((one) => one.entries),
    messages: all.flatMap((one) => one.messages),
    answers: all.flatMap((one) => one.answers),
    onDisk: 'answers',
  };
}

function errorTo(to: Origin, error: Refusal): Answer {
  return { type: 'error', to, error };
}

/** A change leaves the books; what the store and the bodies are to have now. */
function undo(
  context: RefusedContext,
  owner: RefusedOwner,
  change: Change,
  later: readonly (LaterChange | LaterLoss)[],
  by: DatapathName | undefined,
  answers: readonly Answer[],
): Undone {
  if (isCascade(change) && standsAgain(owner, change)) return nothingBut(answers);
  const { back, entries } = isCascade(change)
    ? { back: gone(change), entries: [] }
    : revertInTables(owner, change, later);
  const messages: Send[] = [];
  for (const body of owner.carriers) {
    // An entry is one message in the pipeline: what refused it is as it was.
    const isRight = body === by && later.length === 0 && !isResent(back) && !isCascade(change);
    if (isRight && context.datapath(body).flat === undefined) continue;
    messages.push(...repairOn(context, owner, body, change, back));
  }
  return { entries, messages, answers };
}

/** What leads a body back to what stands, if that takes anything. */
function repairOn(
  context: RefusedContext,
  owner: RefusedOwner,
  on: DatapathName,
  change: Change,
  back: Back,
): readonly Send[] {
  const messages = owner.bodyOn(on).repair(change, back);
  deleteOwed(context, owner, on);
  if (messages.length === 0) return [];
  const acked = (outcome: Outcome): void => repaired(context, owner, on, change, outcome);
  return [{ type: 'repair', on, messages, acked }];
}

/** What a flat body does not know yet whether to delete, for many of its rules stand as bytes. */
export function deleteOwed(context: RefusedContext, owner: RefusedOwner, on: DatapathName): void {
  const body = context.datapath(on).flat?.bodyOf(owner.vswitch);
  if (body?.isOwing !== true) return;
  context.planning.settling.whenSettled([body.bytes], () => {
    // One that took its place was made from the books.
    if (context.datapath(on).flat?.bodyOf(owner.vswitch) !== body) return;
    const acked = (outcome: Outcome): void => distrusted(context, owner, on, outcome);
    const messages = body.unstick();
    if (messages.length > 0) context.datapath(on).writer.send('tables', messages, 'later', acked);
  });
}

/**
 * A rule goes with its group or its meter, which is deleted behind it: what refused to let it go
 * has lost it by then, or is asked again.
 */
function isCascade(change: Change): boolean {
  const isRemoval = change.type === 'remove';
  return isRemoval && (change.reason === 'groupDelete' || change.reason === 'meterDelete');
}

/** What made it use that was refused in its turn, and bodies have been led back since. */
function standsAgain({ rulebook }: RefusedOwner, change: Change): boolean {
  return 'rule' in change && rulebook.bySerial(change.rule.serial) !== undefined;
}

function gone(change: Change): Back {
  const serials = new Set('rule' in change ? [change.rule.serial] : []);
  return { ...nothing, serials };
}

const nothing = {
  stands: undefined,
  sent: undefined,
  void: [],
  removed: [],
  isOvertaken: false,
  isResent: false,
};

/** It was led to what this change had made, when one before it was refused. */
function isResent(back: Back): boolean {
  return 'isResent' in back && back.isResent;
}

/**
 * A body did not go back to what stands. What it was sent had in it what followed on the refused
 * change, and on a flat datapath entries of others that are in doubt. If those were refused in
 * their turn, one that is right refuses this, too: it is told once more when it has answered
 * everything, and what it says then is its last word.
 */
export function repaired(
  context: RefusedContext,
  owner: RefusedOwner,
  on: DatapathName,
  change: Change,
  outcome: Outcome,
): void {
  if (outcome.type === 'lost' || outcome.refusals.length === 0) return;
  const { repeated } = owner;
  const waiting = repeated.get(on);
  if (waiting === undefined) {
    repeated.set(on, [change]);
    repairAgain(context, owner, on);
  } else waiting.push(change);
}

function repairAgain(context: RefusedContext, owner: RefusedOwner, on: DatapathName): void {
  const { repeated, shell } = owner;
  const { channel } = context.datapath(on);
  const resume = owner.admission.hold();
  owner.exclusive((release) => {
    const end = (): void => {
      release();
      resume();
    };
    eachAnswers(context, owner, () => {
      const changes = repeated.get(on) ?? [];
      repeated.delete(on);
      // One that is back is told what it is to hold by whoever reads it.
      const isThere = context.datapath(on).channel === channel && owner.carriers.includes(on);
      const body = owner.bodyOn(on);
      const repair = (one: Change) => body.repair(one, standing(owner, one));
      const messages = isThere ? changes.flatMap(repair) : [];
      if (messages.length === 0) {
        end();
        return;
      }
      const acked = (outcome: Outcome): void => {
        end();
        lacked(context, owner, on, messages, outcome);
      };
      shell.execute({
        entries: [],
        messages: [{ type: 'repair', on, messages, acked }],
        answers: [],
      });
    });
  });
}

/** What stands in place of a change, when every other was accepted or refused. */
function standing({ rulebook, groups, meters }: RefusedOwner, change: Change): Back {
  if ('group' in change) return { group: groups.book.byId(change.group.groupId) };
  if ('meter' in change) return { meter: meters.book.byId(change.meter.meterId) };
  const stands = rulebook.inPlaceOf(change.rule);
  const serials = new Set([change.rule.serial, ...(stands === undefined ? [] : [stands.serial])]);
  return { ...nothing, serials, stands, sent: stands };
}

/**
 * A body has no room any more for what stands: its vswitch lacks that there (missing-entries.ts).
 * What does not even let entries go is not what we believe it is.
 */
function lacked(
  context: RefusedContext,
  owner: RefusedOwner,
  on: DatapathName,
  sent: readonly Message[],
  outcome: Outcome,
): void {
  const refusals = outcome.type === 'acked' ? outcome.refusals : [];
  const parts: RefusedPart[] = [];
  for (const refusal of refusals) {
    const message = sent[refusal.index];
    const part = message && rulePart(message);
    if (part !== undefined) parts.push({ ...part, refusal });
  }
  if (parts.length < refusals.length) distrusted(context, owner, on, outcome);
  else if (parts.length > 0) owner.missing.refused(on, parts);
}

function distrusted(
  context: RefusedContext,
  owner: RefusedOwner,
  body: DatapathName,
  outcome: Outcome,
): void {
  const [refusal] = outcome.type === 'acked' ? outcome.refusals : [];
  if (refusal === undefined) return;
  const name = errorName(refusal.errorType, refusal.errorCode);
  const why = `it refused to restore its entries of ${owner.vswitch.name}: ${name}`;
  if (decidersOf(context, owner).has(body)) context.datapath(body).closeUntrusted(why);
  else owner.excluded.set(body, `datapath ${body}: ${why}`);
}
