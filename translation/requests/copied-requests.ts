/**
 * The requests that make a copy of a tenant's tables (slices/config/mirrors.ts): the rules as they
 * are, except that nothing is sent up, and nothing times out.
 */
import {
  flowCommand,
  groupCommand,
  meterCommand,
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
} from '../../openflow/values/constants.ts';
import type { Action, FlowMod, Instruction } from '../../openflow/values/values.ts';
import type { Group, GroupMod } from '../../slices/groups-meters/groups.ts';
import type { Meter, MeterMod } from '../../slices/groups-meters/meters.ts';
import { LOCAL } from '../../slices/ids.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import { unbound } from './packed-requests.ts';

/** Which rule of a table. */
export type RulePlace = Pick<Rule, 'tableId' | 'priority' | 'match'>;

/** `rule` is what stands there now. */
export function copiedRule(
  { tableId, priority, match }: RulePlace,
  rule: Rule | undefined,
): FlowMod {
  return {
    ...{ type: 'flowMod', xid: 0, tableId, priority, match, cookie: rule?.cookie ?? 0n },
    ...{ cookieMask: 0n, idleTimeoutSec: 0, hardTimeoutSec: 0, bufferId: NO_BUFFER, flags: 0 },
    ...{ outPort: ofpp.any, outGroup: ofpg.any },
    command: rule === undefined ? flowCommand.deleteStrict : flowCommand.add,
    instructions: rule === undefined ? [] : rule.instructions.map(silent),
  };
}

export function copiedGroup(groupId: number, group: Group | undefined): GroupMod {
  const buckets = group?.buckets.map((one) => ({ ...one, actions: one.actions.map(unsent) })) ?? [];
  const command = group === undefined ? groupCommand.delete : groupCommand.addOrMod;
  return { type: 'groupMod', xid: 0, command, groupType: group?.groupType ?? 0, groupId, buckets };
}

/** `isThere`: in the copy. */
export function copiedMeter(meterId: number, meter: Meter | undefined, isThere: boolean): MeterMod {
  const command = isThere ? meterCommand.modify : meterCommand.add;
  const { flags = 0, bands = [] } = meter ?? {};
  const gone = meter === undefined;
  return {
    type: 'meterMod',
    xid: 0,
    command: gone ? meterCommand.delete : command,
    meterId,
    flags,
    bands,
  };
}

function silent(one: Instruction): Instruction {
  const bare = unbound(one);
  if (bare.type !== 'applyActions' && bare.type !== 'writeActions') return bare;
  return { ...bare, actions: bare.actions.map(unsent) };
}

/** To the controller becomes to LOCAL, where nothing is: in an action set it is an output still. */
function unsent(action: Action): Action {
  return action.type === 'output' && action.port === ofpp.controller
    ? { ...action, port: LOCAL }
    : action;
}
