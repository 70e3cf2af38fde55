/**
 * Repairs bring bodies back to the accepted rules when a change was reverted (refused-changes.ts).
 * Entries that a body refuses are sent once more, and then recorded as missing there.
 */

import { errorName } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { isBig } from '../../slices/network/members.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { TakenBack as Back, Change } from '../../translation/entries/body.ts';
import type { Outcome } from '../datapath/acknowledgements.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import { type RefusedPart, rulePart } from '../datapath/entry-owners.ts';
import type { Planning } from '../datapath/paced-plans.ts';
import { type Deciding, eachAnswers } from './acknowledged.ts';
import type { ExcludedBodies } from './excluded-bodies.ts';
import type { RevertingOwner } from './revert.ts';
import type { Send, TenantShell } from './shell.ts';

/** Where repairs go, and whose word counts besides the primary's. */
export interface RepairContext extends Datapaths {
  readonly planning: Pick<Planning, 'settling'>;
  /** The body that is about to be the primary again. */
  returnsTo(vswitch: Vswitch): DatapathName | undefined;
}

/** What bodies lack of a vswitch (missing-entries.ts). */
interface Lacking {
  /** Changes that bodies refused to go back from, and are told of once more. */
  repeated: Map<DatapathName, Change[]> | undefined;
  refused(on: DatapathName, parts: readonly RefusedPart[]): void;
}

/** Whose change is taken back, and who is told of a body that does not take that back. */
export interface RepairOwner extends RevertingOwner, Deciding {
  readonly shell: TenantShell;
  readonly missing: Lacking;
  readonly excluded: Pick<ExcludedBodies, 'set'>;
  readonly mirror: { touched(changes: readonly Change[]): void } | undefined;
}

/**
 * Whose word counts, the first that was given: the primary's, and that of the body which is about
 * to be the primary again. All members of a big switch have one word: what one of them has no room
 * for, none has. A body that is about to be a member has none yet, nor one that is none any more.
 */
export function decidersOf(
  context: RepairContext,
  { vswitch, placement }: Pick<RepairOwner, 'vswitch' | 'placement'>,
): ReadonlySet<DatapathName> {
  const { primary, bodies } = placement;
  const { members } = vswitch;
  const next = context.returnsTo(vswitch);
  if (!isBig(vswitch)) return new Set([primary, ...(next === undefined ? [] : [next])]);
  return new Set([primary, ...bodies.filter((one) => members.includes(one))]);
}

/** What leads a body back to what stands, if that takes anything. */
export function repairOn(
  context: RepairContext,
  owner: RepairOwner,
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
export function deleteOwed(context: RepairContext, owner: RepairOwner, on: DatapathName): void {
  const body = context.datapath(on).flat?.bodyOf(owner.vswitch);
  if (body?.isOwing !== true) return;
  context.planning.settling.whenSettled([body.bytes], () => {
    // One that took its place was made from the tables.
    if (context.datapath(on).flat?.bodyOf(owner.vswitch) !== body) return;
    const acked = (outcome: Outcome): void => distrusted(context, owner, on, outcome);
    const messages = body.unstick();
    if (messages.length > 0) context.datapath(on).writer.send('tables', messages, 'later', acked);
  });
}

/** Where nothing stands. */
export const nothingStands = {
  stands: undefined,
  sent: undefined,
  void: [],
  removed: [],
  isOvertaken: false,
  isResent: false,
};

/**
 * A body did not go back to what stands. What it was sent had in it what followed on the refused
 * change, and on a flat datapath entries of others that are in doubt. If those were refused in
 * their turn, one that is right refuses this, too: it is told once more when it has answered
 * everything, and what it says then is its last word.
 */
export function repaired(
  context: RepairContext,
  owner: RepairOwner,
  on: DatapathName,
  change: Change,
  outcome: Outcome,
): void {
  if (outcome.type === 'lost' || outcome.refusals.length === 0) return;
  owner.missing.repeated ??= new Map();
  const { repeated } = owner.missing;
  const waiting = repeated.get(on);
  if (waiting === undefined) {
    repeated.set(on, [change]);
    repairAgain(context, owner, on);
  } else waiting.push(change);
}

function repairAgain(context: RepairContext, owner: RepairOwner, on: DatapathName): void {
  const { shell, missing } = owner;
  const { channel } = context.datapath(on);
  const resume = owner.admission.hold();
  owner.exclusive((release) => {
    const end = (): void => {
      release();
      resume();
    };
    eachAnswers(context, owner, () => {
      const changes = missing.repeated?.get(on) ?? [];
      missing.repeated?.delete(on);
      // One that is back is told what it is to hold by whoever reads it.
      const isThere = context.datapath(on).channel === channel && owner.carriers.includes(on);
      const repair = (one: Change) => owner.bodyOn(on).repair(one, standing(owner, one));
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
function standing({ rulebook, groups, meters }: RepairOwner, change: Change): Back {
  if ('group' in change) return { group: groups.table.byId(change.group.groupId) };
  if ('meter' in change) return { meter: meters.table.byId(change.meter.meterId) };
  const stands = rulebook.inPlaceOf(change.rule);
  const serials = new Set([change.rule.serial, ...(stands === undefined ? [] : [stands.serial])]);
  return { ...nothingStands, serials, stands, sent: stands };
}

/**
 * A body has no room any more for what stands: its vswitch lacks that there (missing-entries.ts).
 * What does not even let entries go is not what we believe it is.
 */
function lacked(
  context: RepairContext,
  owner: RepairOwner,
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
  context: RepairContext,
  owner: RepairOwner,
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
