/**
 * Changes that the primary body refused: they leave the rulebook and the store, every other body is
 * brought back to the accepted rules, and the requester gets the datapath's error under its own
 * xid.
 */

import { errorName } from '../../openflow/values/errors.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { LaterChange, LaterLoss } from '../../slices/rules/rulebook-revert.ts';
import type { Lot, RoundChange } from '../../translation/changes/round-change.ts';
import type { Origin } from '../../translation/controllers/verdict.ts';
import type { TakenBack as Back, Change } from '../../translation/entries/body.ts';
import type { Refusal } from '../datapath/acknowledgements.ts';
import { nothingBut } from '../store/ready.ts';
import { nothingStands, type RepairContext, type RepairOwner, repairOn } from './repairs.ts';
import { revertInTables } from './revert.ts';
import type { Answer, Send, TenantReady } from './shell.ts';

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

/** A body whose word does not count has refused what the primary took. */
export function setAside(
  { excluded }: Pick<RepairOwner, 'excluded'>,
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
  context: RepairContext,
  owner: RepairOwner,
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
  context: RepairContext,
  owner: RepairOwner,
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
  context: RepairContext,
  owner: RepairOwner,
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

/** A change leaves the tables; what the store and the bodies are to have now. */
function undo(
  context: RepairContext,
  owner: RepairOwner,
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

/**
 * A rule goes with its group or its meter, which is deleted behind it: what refused to let it go
 * has lost it by then, or is asked again.
 */
function isCascade(change: Change): boolean {
  const isDeletion = change.type === 'remove';
  return isDeletion && (change.reason === 'groupDelete' || change.reason === 'meterDelete');
}

/** What made it use that was refused in its turn, and bodies have been led back since. */
function standsAgain({ rulebook }: RepairOwner, change: Change): boolean {
  return 'rule' in change && rulebook.bySerial(change.rule.serial) !== undefined;
}

function gone(change: Change): Back {
  const serials = new Set('rule' in change ? [change.rule.serial] : []);
  return { ...nothingStands, serials };
}

/** It was led to what this change had made, when one before it was refused. */
function isResent(back: Back): boolean {
  return 'isResent' in back && back.isResent;
}
