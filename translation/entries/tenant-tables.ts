/**
 * The tables of a vswitch as its tenant believes them to be: rules, groups and meters.
 *
 * Plans and proofs look into them; they are a part of its state (tenant-state.ts).
 */
import { isError } from '../../openflow/values/errors.ts';
import type { Instruction, OfError } from '../../openflow/values/values.ts';
import type { GroupTable } from '../../slices/groups-meters/groups.ts';
import type { MeterTable } from '../../slices/groups-meters/meters.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';

export interface TenantTables {
  readonly rulebook: Rulebook;
  readonly groups: { readonly table: GroupTable };
  readonly meters: { readonly table: MeterTable };
}

/** What rules use. */
export interface Used {
  readonly groups: GroupTable;
  readonly meters: MeterTable;
}

/** Instructions with the datapaths' ids of what they use. */
export function bind(
  { groups, meters }: Used,
  instructions: readonly Instruction[],
): readonly Instruction[] | OfError {
  const bound = meters.bind(instructions);
  return isError(bound) ? bound : groups.bind(bound);
}

/** Why a rule cannot stand again: a group or a meter that it uses was deleted meanwhile. */
export function lacking(
  { groups, meters }: Used,
  instructions: readonly Instruction[],
): 'groupDelete' | 'meterDelete' | undefined {
  for (const one of instructions) {
    if (one.type === 'meter' && meters.byId(one.meterId)?.below !== one.below) return 'meterDelete';
    if (one.type !== 'applyActions' && one.type !== 'writeActions') continue;
    for (const action of one.actions) {
      if (action.type === 'group' && groups.byId(action.groupId)?.below !== action.below)
        return 'groupDelete';
    }
  }
  return undefined;
}
