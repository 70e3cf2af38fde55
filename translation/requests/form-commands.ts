/**
 * The flow-mods that may have forms (flow-mod-forms.ts): those whose effect is known, whatever
 * addresses they name.
 */
import {
  flowCommand,
  flowFlag,
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
  table,
} from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { refuseFlowMod } from './flow-mod.ts';
import { usesNicira } from './nicira-actions.ts';

/**
 * Flow-mods that add, or those that change or delete: the one rule that they name exactly, or all
 * that their match covers. The last are frames of the rulebook only; what goes down follows from
 * the rules (rule-forms.ts).
 */
export type FormCommands = 'add' | 'strict' | 'loose';

/** Whether a command is one of them. */
export function isAmong(commands: FormCommands, command: number): boolean {
  if (commands === 'add') return command === flowCommand.add;
  if (commands === 'loose') {
    return command === flowCommand.modify || command === flowCommand.delete;
  }
  return command === flowCommand.modifyStrict || command === flowCommand.deleteStrict;
}

export function isDelete({ command }: FlowMod): boolean {
  return command >= flowCommand.delete;
}

/**
 * Whether what it does follows from itself: it asks nothing of what is there, but for the rules
 * that it is about, and changes each as one that names it exactly.
 */
export function mayStayBytes(mod: FlowMod, commands: FormCommands): boolean {
  if (!isAmong(commands, mod.command) || mod.bufferId !== NO_BUFFER) return false;
  if ((mod.flags & flowFlag.checkOverlap) !== 0 || usesNicira(mod)) return false;
  const isSimple = commands === 'loose' ? isOfMany(mod) : commands === 'add' || isOfOne(mod);
  return isSimple && refuseFlowMod(mod) === undefined;
}

/** Whether it makes of rules what a strict one would make of each, without its filters. */
function isOfMany(mod: FlowMod): boolean {
  return mod.newCookie === undefined && (isDelete(mod) || !resetsCounts(mod));
}

function resetsCounts({ flags }: FlowMod): boolean {
  return (flags & flowFlag.resetCounts) !== 0;
}

/** Whether a strict flow-mod says no more than which rule it is about, and what it is to do. */
function isOfOne(mod: FlowMod): boolean {
  const isFiltered = mod.cookieMask !== 0n || mod.newCookie !== undefined;
  if (isFiltered) return false;
  if (!isDelete(mod)) return !resetsCounts(mod) && mod.tableId !== table.all;
  return mod.outPort === ofpp.any && mod.outGroup === ofpg.any;
}
