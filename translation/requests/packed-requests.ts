/**
 * The contents of a tenant's tables as the requests that would make them: a package holds these,
 * and where it is deployed they are checked as a controller's are.
 *
 * Rules are in the order in which they were made, so one that had to overlap none of those before
 * it (OFPFF_CHECK_OVERLAP) does so again.
 */
import { decode } from '../../openflow/messages/codec.ts';
import {
  flowCommand,
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
  version,
} from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Action, FlowMod, Instruction, Message } from '../../openflow/values/values.ts';
import type { GroupMod } from '../../slices/groups-meters/groups.ts';
import type { MeterMod } from '../../slices/groups-meters/meters.ts';
import { contentOf, copyOf, instructionsIn, matchIn } from '../../slices/rules/rule-record.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import { refuseFlowMod } from './flow-mod.ts';
import { refuseGroupMod } from './group-mod.ts';
import { refuseMeterMod } from './meter-mod.ts';

/** A rule as numbers and bytes: a match of 1.3, and instructions as the rulebook has them. */
export interface PackedRule {
  readonly table: number;
  readonly priority: number;
  readonly cookie: bigint;
  readonly flags: number;
  readonly idle: number;
  readonly hard: number;
  readonly match: Uint8Array;
  readonly instructions: Uint8Array;
}

/** What makes something in a tenant's tables. */
export type MakingRequest = FlowMod | GroupMod | MeterMod;

export function packedRule(rule: Rule): PackedRule {
  const { tableId, priority, cookie, flags, idleTimeoutSec, hardTimeoutSec } = rule;
  const { dv, matchSize, instructionsSize } = copyOf(
    contentOf(rule.match, rule.instructions.map(unbound)),
  );
  const bytes = new Uint8Array(dv.buffer, dv.byteOffset);
  return {
    ...{ table: tableId, priority, cookie, flags, idle: idleTimeoutSec, hard: hardTimeoutSec },
    match: bytes.slice(0, matchSize),
    instructions: bytes.slice(matchSize, matchSize + instructionsSize),
  };
}

/** Throws where bytes cannot be read. */
export function flowModOf(rule: PackedRule): FlowMod {
  const { table, priority, cookie, flags, idle, hard, match, instructions } = rule;
  const bytes = new Uint8Array([...match, ...instructions]);
  const [matchSize, instructionsSize] = [match.length, instructions.length];
  const body = { dv: new DataView(bytes.buffer), at: 0, matchSize, instructionsSize };
  return {
    ...{ type: 'flowMod', xid: 0, command: flowCommand.add, tableId: table, priority, cookie },
    ...{ cookieMask: 0n, flags, idleTimeoutSec: idle, hardTimeoutSec: hard, bufferId: NO_BUFFER },
    ...{ outPort: ofpp.any, outGroup: ofpg.any, match: matchIn(body) },
    instructions: instructionsIn(body).map(unbound),
  };
}

/** A group-mod or a meter-mod, a frame of OpenFlow 1.3. Throws where it is none. */
export function groupOrMeterIn(frame: Uint8Array): GroupMod | MeterMod {
  const dv = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const message = decode(version.of13, dv, 0, frame.length);
  if (isError(message)) throw new Error(message.why);
  if (message.type === 'groupMod' || message.type === 'meterMod') return message;
  throw new Error(`it is a ${message.type}`);
}

/** Why a controller could not ask for it either; undefined when it could. */
export function whyNotAsked(request: MakingRequest): string | undefined {
  switch (request.type) {
    case 'flowMod':
      return refuseFlowMod(request)?.why;
    case 'groupMod':
      return refuseGroupMod(request)?.why;
    case 'meterMod':
      return refuseMeterMod(request)?.why;
  }
}

/** What a package holds of one vswitch, in the order in which it is made. */
export function inOrder(requests: readonly MakingRequest[]): readonly MakingRequest[] {
  const order: readonly Message['type'][] = ['meterMod', 'groupMod', 'flowMod'];
  return requests.toSorted((one, other) => order.indexOf(one.type) - order.indexOf(other.type));
}

/** Without what a group or a meter is called on datapaths. */
export function unbound(one: Instruction): Instruction {
  if (one.type === 'meter') return { type: 'meter', meterId: one.meterId };
  if (one.type !== 'applyActions' && one.type !== 'writeActions') return one;
  return { ...one, actions: one.actions.map(unboundAction) };
}

function unboundAction(action: Action): Action {
  return action.type === 'group' ? { type: 'group', groupId: action.groupId } : action;
}
