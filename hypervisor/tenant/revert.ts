/**
 * Reverts a change that a datapath refused, in the rulebook, groups and meters as if it had never
 * been made, and in the store (DESIGN, "What a datapath refuses").
 */
import { flowFlag } from '../../openflow/values/constants.ts';
import type { GroupChange, GroupTable } from '../../slices/groups-meters/groups.ts';
import type { MeterChange, MeterTable } from '../../slices/groups-meters/meters.ts';
import type { RemovedReason, Rule, Rulebook, RuleChange } from '../../slices/rules/rulebook.ts';
import type { LaterChange, LaterLoss, Reverted } from '../../slices/rules/rulebook-revert.ts';
import type { Unanswered } from '../../translation/changes/unanswered.ts';
import type { Change, TakenBack } from '../../translation/entries/body.ts';
import { lacking } from '../../translation/entries/tenant-tables.ts';
import type { Entry } from '../store/journal-entries.ts';
import type { Bodied } from './configured.ts';
import type { FlowRemoved } from './flow-removed.ts';
import type { FlowUpdates } from './flow-updates.ts';

/** Whose rules owe flow-removed messages. */
export interface OwingOwner extends Bodied {
  readonly flowRemoved: Pick<FlowRemoved, 'expect'>;
}

/** Whose tables changes are taken out of. */
export interface RevertingOwner extends OwingOwner {
  readonly rulebook: Rulebook;
  readonly unanswered: Unanswered;
  readonly groups: Reverting<GroupChange> & { readonly table: GroupTable };
  readonly meters: Reverting<MeterChange> & { readonly table: MeterTable };
  readonly flowRemoved: Pick<FlowRemoved, 'expect' | 'forget' | 'was'>;
  readonly flowUpdates: Pick<FlowUpdates, 'reverting'>;
}

interface Reverting<C> {
  revertRefused(change: C): Reversal;
}

/** A change that was taken back, and what the store has to say of it now. */
export interface Reversal {
  readonly back: TakenBack;
  readonly entries: readonly Entry[];
}

export function revertInTables(
  owner: RevertingOwner,
  change: Change,
  later: readonly (LaterChange | LaterLoss)[],
): Reversal {
  if ('group' in change) return owner.groups.revertRefused(change);
  if ('meter' in change) return owner.meters.revertRefused(change);
  return revertRule(owner, change, later);
}

function revertRule(
  owner: RevertingOwner,
  change: RuleChange,
  later: readonly (LaterChange | LaterLoss)[],
): Reversal {
  const { rulebook, flowRemoved, unanswered } = owner;
  const reverted = owner.flowUpdates.reverting(change.rule);
  const back = withUsed(owner, rulebook.revert(change, later));
  const gone = new Map(
    back.removed.filter(({ isOwn }) => isOwn).map(({ rule }) => [rule.serial, rule]),
  );
  for (const serial of back.serials) {
    const rule = gone.get(serial);
    if (rule === undefined) flowRemoved.forget(serial);
    else flowRemoved.was(rule);
  }
  unanswered.join([...back.serials, ...(back.stands === undefined ? [] : [back.stands.serial])]);
  unanswered.drop(back.void);
  for (const { rule, reason, isOwn } of back.removed) if (!isOwn) owe(owner, rule, reason);
  reverted();
  return { back, entries: entriesAfter(owner, back) };
}

function entriesAfter(owner: RevertingOwner, back: Reverted): readonly Entry[] {
  const { isOvertaken, serials, stands } = back;
  const { name: vswitch } = owner.vswitch;
  if (isOvertaken) return [];
  const gone = [...serials].filter((serial) => serial !== stands?.serial);
  return [
    ...gone.map((serial) => ({ type: 'noRule', vswitch, serial }) as const),
    ...(stands === undefined ? [] : [{ type: 'rule', vswitch, rule: stands } as const]),
  ];
}

/** A rule does not stand again without the group or the meter that it uses: it goes with them. */
function withUsed(owner: RevertingOwner, back: Reverted): Reverted {
  const { groups, meters, rulebook } = owner;
  const tables = { groups: groups.table, meters: meters.table };
  const { stands, sent } = back;
  const reason = stands && lacking(tables, stands.instructions);
  if (stands !== undefined && reason !== undefined) {
    rulebook.drop(stands.serial, reason);
    owe(owner, stands, reason);
  }
  const isSentToo = sent !== undefined && lacking(tables, sent.instructions) === undefined;
  return {
    ...back,
    stands: reason === undefined ? stands : undefined,
    sent: isSentToo ? sent : undefined,
  };
}

/** The tenant is told that a rule went, if it asked for that. */
export function owe(owner: OwingOwner, rule: Rule, reason: RemovedReason): void {
  const wanted = (rule.flags & flowFlag.sendFlowRem) !== 0;
  // Open vSwitch tells nobody of 1.3 about rules that go with their meter.
  if (wanted && reason !== 'meterDelete') owner.flowRemoved.expect(rule, reason, owner.carriers);
}
