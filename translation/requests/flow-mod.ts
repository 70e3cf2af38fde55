/**
 * Checks whether a tenant's flow-mod may enter the rulebook: one that we cannot carry out is
 * refused with the specification's error, never passed on and never dropped in silence.
 */

import { fieldOf, oxmNumber } from '../../openflow/match/match.ts';
import {
  flowCommand,
  flowFlag,
  ofError,
  meter as ofpm,
  port as ofpp,
  oxmClass,
} from '../../openflow/values/constants.ts';
import type {
  Action,
  FlowMod,
  Instruction,
  Match,
  OfError,
  Oxm,
} from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { TENANT_METADATA, TENANT_TABLES } from '../entries/pipeline.ts';
import { type ActionsOf, refuseInPort, refuseOutput } from '../entries/reserved.ts';
import { isTenantRegister } from '../entries/tenant-registers.ts';
import { consistencyOf } from './consistency.ts';
import { refuseLongRule } from './fit.ts';
import { type ActionPlace, refuseLists, refuseNicira } from './nicira-actions.ts';

const ALL_TABLES = 0xff;
const KNOWN_FLAGS = Object.values(flowFlag).reduce((all, flag) => all | flag, 0);
/** Basic fields that are not the packet's own: in_port 0, metadata 2, tunnel 38. */
const NOT_SETTABLE = new Set([0, 2, 38]);
/** Basic fields that Open vSwitch does not know: in_phy_port 1, pbb_isid 37, ipv6_exthdr 39. */
const UNKNOWN = new Set([1, 37, 39]);

/**
 * The error that the flow-mod deserves, or undefined when it is fine. In Open vSwitch's order, so
 * that of several mistakes the same one is named.
 */
export function refuseFlowMod(mod: FlowMod): OfError | undefined {
  // A deletion does nothing with its instructions, but Open vSwitch reads them all the same.
  return (
    refuseMatch(mod.match) ??
    refuseAllTables(mod) ??
    refuseOutPort(mod.outPort) ??
    refuseInstructions(mod) ??
    refuseFlags(mod.flags) ??
    refuseWrongPlace(mod) ??
    refuseTable(mod) ??
    refuseLongRule(mod)
  );
}

/** What is wrong with where an instruction or an action stands. */
function refuseWrongPlace(mod: FlowMod): OfError | undefined {
  const { wrong, unpromised } = consistencyOf(mod.match, mod.instructions);
  return wrong ?? refuseGoto(mod) ?? refuseLists(mod) ?? unpromised;
}

/** OF1.3.5 section 5.1: only to a table whose number is greater than its own. */
function refuseGoto({ tableId, instructions }: FlowMod): OfError | undefined {
  const goto = instructions.find((one) => one.type === 'gotoTable');
  if (goto === undefined) return undefined;
  const isBack = tableId !== ALL_TABLES && goto.table <= tableId;
  if (!isBack && goto.table < TENANT_TABLES) return undefined;
  return ofError('badInstruction', 'badTableId', 'goto_table must lead to a later, existing table');
}

/** OFPTT_ALL is for deletions (OF1.3.5 section 6.4). */
function refuseAllTables({ command, tableId }: FlowMod): OfError | undefined {
  const isDelete = command === flowCommand.delete || command === flowCommand.deleteStrict;
  if (tableId !== ALL_TABLES || isDelete) return undefined;
  return ofError('flowModFailed', 'badTableId', 'OFPTT_ALL is valid in deletes only');
}

function refuseTable({ tableId }: FlowMod): OfError | undefined {
  if (tableId < TENANT_TABLES || tableId === ALL_TABLES) return undefined;
  return ofError('flowModFailed', 'badTableId', `table ${tableId} does not exist`);
}

function refuseOutPort(port: number): OfError | undefined {
  const isPort = port <= limits.vportMax || port >= ofpp.max;
  return isPort ? undefined : ofError('badAction', 'badOutPort', `out_port ${port}`);
}

function refuseFlags(flags: number): OfError | undefined {
  if ((flags & ~KNOWN_FLAGS) === 0) return undefined;
  return ofError('flowModFailed', 'badFlags', `flags 0x${flags.toString(16)}`);
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

function whyNotMatchable({ oxmClass: cls, field }: Oxm): string | undefined {
  if (cls === oxmClass.only10) return undefined;
  if (isTenantRegister({ oxmClass: cls, field })) return undefined;
  if (cls !== oxmClass.basic) return `fields of class ${cls} are not supported`;
  return UNKNOWN.has(field) ? `field ${field} is unknown` : undefined;
}

function refuseInstructions({ command, instructions }: FlowMod): OfError | undefined {
  const of = command >= flowCommand.delete ? 'deletion' : 'flowMod';
  for (const one of instructions) {
    const error = refuseInstruction(one, of);
    if (error !== undefined) return error;
  }
  return undefined;
}

function refuseInstruction(one: Instruction, of: ActionsOf): OfError | undefined {
  switch (one.type) {
    case 'applyActions':
      return refuseActions(one.actions, of, 'rule');
    case 'writeActions':
      return refuseActions(one.actions, of);
    case 'gotoTable':
      return undefined; // refuseGoto
    case 'writeMetadata':
      if ((one.metadata & one.mask) <= TENANT_METADATA) return undefined;
      return ofError('badInstruction', 'unsupMetadata', 'metadata has 32 bits here');
    case 'clearActions':
      return undefined;
    // Whether the meter is there, the meter table knows (slices/groups-meters/meters.ts).
    case 'meter':
      if (one.meterId > 0 && one.meterId <= ofpm.max) return undefined;
      return ofError('meterModFailed', 'invalidMeter', `invalid meter ${one.meterId}`);
    case 'experimenter':
      return ofError(
        'badInstruction',
        'badExperimenter',
        'experimenter instructions are not supported',
      );
  }
}

export function refuseActions(
  actions: readonly Action[],
  of: ActionsOf,
  place: ActionPlace = 'elsewhere',
): OfError | undefined {
  for (const action of actions) {
    const error = refuseAction(action, of, place);
    if (error !== undefined) return error;
  }
  return undefined;
}

function refuseAction(action: Action, of: ActionsOf, place: ActionPlace): OfError | undefined {
  switch (action.type) {
    case 'output':
      return refuseOutput(action.port, of);
    // Whether the group is there, the group table knows (slices/groups-meters/groups.ts).
    case 'group':
      return undefined;
    // Open vSwitch takes any queue, and one that is not there changes nothing (encoding.ts).
    case 'setQueue':
      return undefined;
    case 'setField':
      return refuseSetField(action.oxm);
    case 'resubmit':
    case 'move':
    case 'load':
    case 'clone':
    case 'encap':
    case 'decap':
    case 'learn':
    case 'note':
    case 'controller':
    case 'controller2':
    case 'experimenter':
      return refuseNicira(action, place);
    case 'enqueue':
      return refuseOutput(action.port, of);
    case 'pushVlan':
      return refuseTag(action.ethertype, [0x8100, 0x88a8]);
    case 'pushMpls':
      return refuseTag(action.ethertype, [0x8847, 0x8848]);
    case 'pushPbb':
    case 'popPbb':
    case 'copyTtlOut':
    case 'copyTtlIn':
      return ofError('badAction', 'badType', `Open vSwitch does not support ${action.type}`);
    case 'setVlanVid':
    case 'setVlanPcp':
    case 'stripVlan':
    case 'setNwSrc':
    case 'setNwDst':
    case 'setNwTos':
    case 'setTpSrc':
    case 'setTpDst':
    case 'popVlan':
    case 'popMpls':
    case 'setMplsTtl':
    case 'decMplsTtl':
    case 'setNwTtl':
    case 'decNwTtl':
      return undefined;
  }
}

function refuseTag(ethertype: number, known: readonly number[]): OfError | undefined {
  if (known.includes(ethertype)) return undefined;
  const why = `0x${ethertype.toString(16)} is not a tag’s ethertype`;
  return ofError('badAction', 'badArgument', why);
}

function refuseSetField({ oxmClass: cls, field }: Oxm): OfError | undefined {
  if (cls !== oxmClass.basic || NOT_SETTABLE.has(field)) {
    return ofError('badAction', 'badSetType', 'this field cannot be set');
  }
  if (UNKNOWN.has(field)) return ofError('badAction', 'badSetLen', `field ${field} is unknown`);
  return undefined;
}
