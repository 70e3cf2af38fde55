/**
 * The state of one vswitch of a tenant: its tables as the tenant believes them to be, and their
 * changes that no datapath has acknowledged yet. The store has the same (hypervisor/store/): each
 * entry of the tables, and each list of changes, is kept in the commit in which it was made.
 */
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import type { Used } from '../entries/tenant-tables.ts';
import type { Unanswered } from './unanswered.ts';

export interface TenantState extends Used {
  readonly rulebook: Rulebook;
  readonly unanswered: Unanswered;
}
