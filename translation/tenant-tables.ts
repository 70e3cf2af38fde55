/**
 * What the tenant of a vswitch believes is in its tables: rules, groups and meters.
 *
 * Plans and proofs look into them; tenant-state.ts of the shell keeps them.
 */
import type { GroupBook } from '../slices/groups-meters/groups.ts';
import type { MeterBook } from '../slices/groups-meters/meters.ts';
import type { Rulebook } from '../slices/rules/rulebook.ts';

export interface TenantTables {
  readonly rulebook: Rulebook;
  readonly groups: { readonly book: GroupBook };
  readonly meters: { readonly book: MeterBook };
}
