/**
 * Whether a tenant's flow-mod may enter the rulebook: what we cannot carry out is refused with the
 * specification's error, never passed on and never dropped in silence.
 */
import { flowCommand, flowFlag, ofError, oxmClass } from '../openflow/constants.ts';
import { fieldOf, oxmNumber } from '../openflow/match.ts';
import type { Action, FlowMod, Instruction, Match, OfError, Oxm } from '../openflow/values.ts';
import { TENANT_METADATA, TENANT_TABLES } from './pipeline.ts';
import { type ActionsOf, refuseInPort, refuseOutput } from './reserved.ts';

const ALL_TABLES = 0xff;
const KNOWN_FLAGS = Object.values(flowFlag).reduce((all, flag) => all | flag, 0);
/** Basic fields that are not the packet's own: in_port 0, in_phy_port 1, metadata 2, tunnel 38. */
const NOT_SETTABLE = new Set([0, 1, 2, 38]);
/** Basic fields that a tenant cannot match yet, with why. */
const NOT_MATCHABLE = new Map([
  [1, 'in_phy_port says where a vport really is'],
  [38, 'tunnels are below the virtual network'],
]);

/** The error that the flow-mod deserves, or undefined when it is fine. */
export function refuseFlowMod(mod: FlowMod): OfError | undefined {
  const isDelete = mod.command >= flowCommand.delete;
  const allTables = isDelete && mod.tableId === ALL_TABLES;
  if (mod.tableId >= TENANT_TABLES && !allTables) {
    return ofError('flowModFailed', 'badTableId', `there is no table ${mod.tableId}`);
  }
  if ((mod.flags & ~KNOWN_FLAGS) !== 0) {
    return ofError('flowModFailed', 'badFlags', `flags 0x${mod.flags.toString(16)}`);
  }
  // A deletion does nothing with its instructions, but Open vSwitch reads them all the same.
  return refuseMatch(mod.match) ?? refuseInstructions(mod);
}

export function refuseMatch(match: Match): OfError | undefined {
  for (const field of match) {
    const why = whyNotMatchable(field);
    if (why !== undefined) return ofError('badMatch', 'badField', why);
  }
  const metadata = fieldOf(match, 'metadata');
  if (metadata !== undefined && oxmNumber(metadata) > TENANT_METADATA) {
    return ofError('badMatch', 'badValue', 'metadata has 32 bits here, as table features say');
  }
  const inPort = fieldOf(match, 'in_port');
  return inPort && refuseInPort(Number(oxmNumber(inPort)));
}

function whyNotMatchable(field: Oxm): string | undefined {
  if (field.oxmClass !== oxmClass.basic) return `fields of class ${field.oxmClass} are not offered`;
  return NOT_MATCHABLE.get(field.field);
}

function refuseInstructions({ tableId, instructions }: FlowMod): OfError | undefined {
  for (const one of instructions) {
    const error = refuseInstruction(one, tableId);
    if (error !== undefined) return error;
  }
  return undefined;
}

function refuseInstruction(one: Instruction, tableId: number): OfError | undefined {
  switch (one.type) {
    case 'applyActions':
    case 'writeActions':
      return refuseActions(one.actions, 'flowMod');
    case 'gotoTable':
      // OF1.3.5 section 5.1: only to a table whose number is greater than its own.
      if (one.table > tableId && one.table < TENANT_TABLES) return undefined;
      return ofError(
        'badInstruction',
        'badTableId',
        `no way from table ${tableId} to ${one.table}`,
      );
    case 'writeMetadata':
      if ((one.metadata & one.mask) <= TENANT_METADATA) return undefined;
      return ofError('badInstruction', 'unsupMetadata', 'metadata has 32 bits here');
    case 'clearActions':
      return undefined;
    case 'experimenter':
      return ofError('badInstruction', 'badExperimenter', 'no experimenter instruction is known');
    case 'meter':
      return ofError('badInstruction', 'unsupInst', `${one.type} is not supported yet`);
  }
}

export function refuseActions(actions: readonly Action[], of: ActionsOf): OfError | undefined {
  for (const action of actions) {
    const error = refuseAction(action, of);
    if (error !== undefined) return error;
  }
  return undefined;
}

function refuseAction(action: Action, of: ActionsOf): OfError | undefined {
  switch (action.type) {
    case 'output':
      return refuseOutput(action.port, of);
    case 'group':
      return ofError('badAction', 'badOutGroup', 'groups are not supported yet');
    case 'setQueue':
      return ofError('badAction', 'badQueue', 'queues are not supported yet');
    case 'setField':
      return refuseSetField(action.oxm);
    case 'resubmit':
    case 'move':
    case 'experimenter':
      return ofError('badAction', 'badExperimenter', 'no experimenter action is offered');
    case 'enqueue':
      return refuseOutput(action.port, of);
    case 'setVlanVid':
    case 'setVlanPcp':
    case 'stripVlan':
    case 'setNwSrc':
    case 'setNwDst':
    case 'setNwTos':
    case 'setTpSrc':
    case 'setTpDst':
    case 'pushVlan':
    case 'popVlan':
    case 'pushMpls':
    case 'popMpls':
    case 'pushPbb':
    case 'popPbb':
    case 'copyTtlOut':
    case 'copyTtlIn':
    case 'setMplsTtl':
    case 'decMplsTtl':
    case 'setNwTtl':
    case 'decNwTtl':
      return undefined;
  }
}

function refuseSetField(field: Oxm): OfError | undefined {
  if (field.oxmClass !== oxmClass.basic || NOT_SETTABLE.has(field.field)) {
    return ofError('badAction', 'badSetType', 'this field is not the packet’s own');
  }
  return undefined;
}
