/**
 * The places of a vswitch's rules, for the journal.
 */
import type { VswitchName } from '../../slices/ids.ts';
import type { RuleArena } from '../../slices/rules/rule-arena.ts';

/** The rules that a vswitch has. */
export interface Rules {
  /** Whether there never was one. */
  readonly isUnused: boolean;
  readonly arena: RuleArena;
}

/** A vswitch's rules in the store. */
export interface RuleValues {
  readonly vswitch: VswitchName;
  /** Its name as it stands in entries. */
  readonly key: DataView;
  /** The first serial that is not reserved yet. */
  reserved: number;
}
