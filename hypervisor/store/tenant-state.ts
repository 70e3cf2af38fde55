/**
 * A vswitch's rulebook, groups and meters, as the store remembers them.
 */
import { withRoom } from '../../slices/groups-meters/group-limits.ts';
import { GroupTable, groupIds } from '../../slices/groups-meters/groups.ts';
import type { BelowIds } from '../../slices/groups-meters/id-table.ts';
import { MeterTable, meterIds } from '../../slices/groups-meters/meters.ts';
import type { VswitchName } from '../../slices/ids.ts';
import type { TenantAccounts } from '../../slices/network/tenant-account.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import type { TenantState } from '../../translation/changes/tenant-state.ts';
import { Unanswered } from '../../translation/changes/unanswered.ts';
import { bind } from '../../translation/entries/tenant-tables.ts';
import type { World } from '../world/world.ts';
import type { Journal } from './journal.ts';
import { kept, perform } from './ready.ts';
import type { Recovered } from './recovered.ts';
import type { Load } from './recovery.ts';
import type { Bind } from './rulebook-recovery.ts';

/** What vswitches share: the datapaths' ids of groups and meters, and the limits of tenants. */
export interface Shared {
  readonly groups: BelowIds;
  readonly meters: BelowIds;
  readonly accounts: TenantAccounts;
}

/** Before any vswitch's is put back. */
export function sharedOf({ groups, meters }: Recovered, accounts: TenantAccounts): Shared {
  const below = (all: readonly { readonly below: number }[]) => all.map((one) => one.below);
  return {
    groups: groupIds(below([...groups.values()].flat())),
    meters: meterIds(below([...meters.values()].flat())),
    accounts,
  };
}

/** A vswitch's state as it was; its rules, which may be many, are to be loaded yet. */
export interface StoredTenantState extends TenantState {
  readonly load: Load | undefined;
}

/** What of a store vswitches' state is made from. */
export type RecoveredState = Pick<
  Recovered,
  'serials' | 'groups' | 'meters' | 'accepted' | 'changes' | 'rules'
>;

/** Groups and meters before rules: they are there for as long as a rule that uses them. */
export function tenantStateFrom(
  { world, journal }: { readonly world: World; readonly journal: Journal },
  name: VswitchName,
  recovered: RecoveredState,
  shared: Shared,
): StoredTenantState {
  const account = shared.accounts.ofVswitch(name);
  const word = (): number => Math.floor(world.random() * 0x1_0000_0000);
  const key = { low: word(), high: word() };
  const rulebook = new Rulebook(recovered.serials.get(name), key, account.room(name, 'rules'));
  const groups = new GroupTable(shared.groups, account.room(name, 'groups'));
  const meters = new MeterTable(shared.meters, account.room(name, 'meters'));
  account.put(name, { rulebook, groups, meters });
  const { kept: fitting, beyond } = withRoom(recovered.groups.get(name) ?? []);
  perform(
    journal,
    kept(groups.restore(fitting).map((group) => ({ type: 'group', vswitch: name, group }))),
  );
  for (const { group, why } of beyond) {
    journal.leftOut.add(name, `group ${group.groupId}`, why);
    perform(journal, kept([{ type: 'noGroup', vswitch: name, groupId: group.groupId }]));
  }
  const restored = meters.restore(recovered.meters.get(name) ?? []);
  perform(journal, kept(restored.map((meter) => ({ type: 'meter', vswitch: name, meter }))));
  const from = recovered.accepted.get(name) ?? Number.POSITIVE_INFINITY;
  const unanswered = new Unanswered({ from, lists: recovered.changes.get(name) ?? new Map() });
  const state = { rulebook, groups, meters, unanswered };
  const stored = recovered.rules.get(name);
  const bindAll: Bind = (instructions) => bind(state, instructions);
  return { ...state, load: stored && journal.loadOf(name, stored, state, bindAll) };
}

/** Of one whose state cannot be read. */
export function emptyTenantState(shared: Shared): StoredTenantState {
  const groups = new GroupTable(shared.groups);
  const meters = new MeterTable(shared.meters);
  const unanswered = new Unanswered();
  return { rulebook: new Rulebook(), groups, meters, unanswered, load: undefined };
}
