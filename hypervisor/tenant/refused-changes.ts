/**
 * Changes that the primary body refused: they leave the rulebook and the store, every other body is
 * led back to what stands, and who asked for it gets the datapath's error under its own xid.
 */
import { errorName } from '../../openflow/errors.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import type { LaterChange } from '../../slices/rules/rulebook-revert.ts';
import type { TakenBack as Back, Change } from '../../translation/body.ts';
import type { Origin } from '../channel/error-replies.ts';
import type { Outcome, Refusal } from '../datapath/acknowledgements.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Changes } from './changes.ts';
import type { Bodied } from './configured.ts';
import type { ExcludedBodies } from './excluded-bodies.ts';
import type { Lot, Pending, RoundChange } from './pending.ts';

/** Where repairs go, and whose word counts besides the primary's. */
export interface RefusedHub extends Datapaths {
  /** The body that is about to be the primary again. */
  returnsTo(vswitch: Vswitch): DatapathName | undefined;
}

/** Whose change is taken back, and who is told of a body that does not take that back. */
export interface RefusedOwner extends Bodied {
  readonly rulebook: Rulebook;
  readonly pending: Pending;
  readonly changes: Pick<Changes, 'revert'>;
  readonly excluded: Pick<ExcludedBodies, 'set'>;
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

export function revert(hub: RefusedHub, owner: RefusedOwner, all: readonly TakenBack[]): void {
  /** A request that many parts of are refused is answered by one error. */
  const told = new Set<Origin>();
  for (const { one } of all) one.isRefused = true;
  for (const { one, refusal, by } of all) {
    const { change } = one;
    const later = 'rule' in change ? owner.pending.after(one, 0) : [];
    undo(hub, owner, change, later, by);
    const { origin } = one;
    if (origin === undefined || told.has(origin) || isCascade(one.change)) continue;
    told.add(origin);
    origin.refuse(refusal);
  }
}

/** As `revert`, of one of a lot that went down without a round (flow-mods.ts). */
export function revertSent(
  hub: RefusedHub,
  owner: RefusedOwner,
  lot: Lot,
  i: number,
  { change, origin }: RoundChange,
  refusal: Refusal,
): void {
  undo(hub, owner, change, owner.pending.after(lot, i), owner.placement.primary);
  origin?.refuse(refusal);
}

function undo(
  hub: RefusedHub,
  owner: RefusedOwner,
  change: Change,
  later: readonly LaterChange[],
  by: DatapathName | undefined,
): void {
  if (isCascade(change) && standsAgain(owner, change)) return;
  const back = isCascade(change) ? gone(change) : owner.changes.revert(change, later);
  for (const body of owner.carriers) {
    const datapath = hub.datapath(body);
    // An entry is one message in the pipeline: what refused it is as it was.
    const isRight = body === by && later.length === 0 && !isCascade(change);
    if (isRight && datapath.flat === undefined) continue;
    const repair = owner.bodyOn(body).repair(change, back);
    if (repair.length > 0) datapath.push(repair, (outcome) => repaired(hub, owner, body, outcome));
  }
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
  const none = { stands: undefined, sent: undefined, void: [], isOvertaken: false };
  return { serials, removed: [], ...none };
}

/** A body that does not even go back to what it held is not what we believe it is. */
function repaired(
  hub: RefusedHub,
  owner: RefusedOwner,
  body: DatapathName,
  outcome: Outcome,
): void {
  const [refusal] = outcome.type === 'acked' ? outcome.refusals : [];
  if (refusal === undefined) return;
  const name = errorName(refusal.errorType, refusal.errorCode);
  const why = `it refused to restore its entries of ${owner.vswitch.name}: ${name}`;
  const decides = [owner.placement.primary, hub.returnsTo(owner.vswitch)];
  if (decides.includes(body)) hub.datapath(body).distrust(why);
  else owner.excluded.set(body, `datapath ${body}: ${why}`);
}
