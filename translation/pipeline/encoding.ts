/**
 * A tenant's rule as entries of a datapath: the pipeline encoding (DESIGN 2).
 *
 * One rule is one entry, the same bytes on every datapath. Its other side is flat/rules.ts.
 */

import { fieldOf, oxm, oxmNumber, withField, withoutField } from '../../openflow/match/match.ts';
import { flowFlag, port as ofpp, oxmClass } from '../../openflow/values/constants.ts';
import type { Action, Instruction, Match } from '../../openflow/values/values.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import { asMet, isMetByNone } from '../entries/missing-fields.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import {
  atVport,
  cookieOf,
  egressCode,
  inVswitch,
  resubmit,
  slotOf,
  TENANT_METADATA,
  tables,
  tenantTable,
  withTenantMetadata,
} from '../entries/pipeline.ts';
import { puntOf } from '../entries/punt.ts';
import { port16 } from '../entries/reserved.ts';
import { isTenantRegister, namedField, registerBelow } from '../entries/tenant-registers.ts';
import { toVport } from '../wiring/egress.ts';
import { encodeAction10 } from '../wiring/of10-actions.ts';
import { wantNoQueue, wantQueue } from '../wiring/queues.ts';

/** The basic class's number of in_port (OF1.3.5 section 7.2.3.7). */
const IN_PORT_FIELD = 0;

/** What of a rule its entry says. */
type Encoded = Pick<Rule, 'tableId' | 'priority' | 'match' | 'instructions' | 'serial' | 'flags'>;

export const pipelineEncoding = {
  encode(vswitch: Vswitch, rule: Encoded): readonly PhysicalFlow[] {
    return [
      {
        ...slotOf(rule.tableId, rule.priority),
        match: encodeMatch(vswitch, rule.match),
        instructions: encodeInstructions(rule, puntOf(vswitch)),
        cookie: cookieOf('rule', vswitch.id, rule.serial),
        flags: rule.flags & flowFlag.sendFlowRem,
      },
    ];
  },
};

/** In the order in which Open vSwitch carries them out, and reports them. */
export function inSwitchOrder(instructions: readonly Instruction[]): readonly Instruction[] {
  const order = (one: Instruction): number => instructionOrder.indexOf(one.type);
  return instructions.toSorted((a, b) => order(a) - order(b));
}

const instructionOrder: readonly Instruction['type'][] = [
  'meter',
  'applyActions',
  'clearActions',
  'writeActions',
  'writeMetadata',
  'gotoTable',
  'experimenter',
];

function encodeInstructions({ instructions, serial }: Encoded, up: Action): readonly Instruction[] {
  return inSwitchOrder(instructions.flatMap((one) => encodeInstruction(one, serial, up)));
}

/** A tenant's instruction below; one that does nothing is left out. */
function encodeInstruction(one: Instruction, serial: number, up: Action): readonly Instruction[] {
  switch (one.type) {
    case 'applyActions':
      return someActions('applyActions', [
        ...whoseGroup(one.actions, serial),
        ...one.actions.flatMap((action) => encodeAction(action, up)),
      ]);
    case 'writeActions':
      return someActions('writeActions', [
        ...whoseGroup(one.actions, serial),
        ...one.actions.flatMap((action) => encodeSetAction(action, serial)),
      ]);
    case 'writeMetadata': {
      const mask = one.mask & TENANT_METADATA;
      return mask === 0n ? [] : [{ type: 'writeMetadata', metadata: one.metadata & mask, mask }];
    }
    case 'gotoTable':
      return [{ type: 'gotoTable', table: tenantTable(one.table) }];
    case 'clearActions':
      return [one];
    case 'meter':
      return [encodeMeterUse(one)];
    case 'experimenter':
      throw new Error(`a rule with ${one.type} is refused (flow-mod.ts)`);
  }
}

function encodeMeterUse({ meterId, below }: Extract<Instruction, { type: 'meter' }>): Instruction {
  if (below === undefined)
    throw new Error(`meter ${meterId} is not bound (slices/groups-meters/meters.ts)`);
  return { type: 'meter', meterId: below };
}

function someActions(
  type: 'applyActions' | 'writeActions',
  actions: readonly Action[],
): readonly Instruction[] {
  return actions.length === 0 ? [] : [{ type, actions }];
}

/** The tenant's match, in its vswitch: in_port becomes the vport in metadata, above theirs. */
function encodeMatch(vswitch: Vswitch, match: Match): Match {
  const inPort = isMetByNone(match) ? nowhere : fieldOf(match, 'in_port');
  const theirs = fieldOf(match, 'metadata');
  const where =
    inPort === undefined
      ? inVswitch(vswitch.id)
      : atVport(vswitch.id, port16(Number(oxmNumber(inPort))));
  const metadata = theirs === undefined ? where : withTenantMetadata(where, theirs);
  const rest = withoutField(asMet(match), oxmClass.basic, IN_PORT_FIELD);
  return withField(rest.some(isTenantRegister) ? rest.map(registerBelow) : rest, metadata);
}

/** A port where nothing ever comes in. */
const nowhere = oxm('in_port', ofpp.normal);

/**
 * A tenant's action below. Ports are named in reg0; everything else is the packet's affair. `up`
 * is how the vswitch's packets go to its controllers (entries/punt.ts).
 */
export function encodeAction(action: Action, up: Action = puntOf({})): readonly Action[] {
  switch (action.type) {
    case 'output':
      return encodeOutput(action.port, up);
    case 'enqueue':
      return [wantQueue(action.queueId), ...encodeOutput(action.port, up), wantNoQueue];
    case 'setVlanVid':
    case 'setVlanPcp':
    case 'stripVlan':
    case 'setNwSrc':
    case 'setNwDst':
    case 'setNwTos':
    case 'setTpSrc':
    case 'setTpDst':
      return encodeAction10(action);
    case 'group':
      return [{ type: 'group', groupId: groupBelow(action) }];
    case 'setQueue':
      return [wantQueue(action.queueId)];
    case 'setField':
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
      return [action];
    case 'note':
      return [];
    case 'controller':
      return [up];
    case 'resubmit':
      return [resubmit(tenantTable(action.table))];
    case 'load':
      return [{ ...action, field: headerBelow(action.field) }];
    case 'move':
      return [{ ...action, from: headerBelow(action.from), to: headerBelow(action.to) }];
    case 'clone':
    case 'encap':
    case 'decap':
    case 'learn':
    case 'controller2':
    case 'experimenter':
      throw new Error(`${action.type} of a tenant is refused (flow-mod.ts)`);
  }
}

function headerBelow(header: number): number {
  const named = namedField(header);
  if (named === undefined)
    throw new Error(`field 0x${header.toString(16)} is refused (flow-mod.ts)`);
  return named.below;
}

function groupBelow({ groupId, below }: Extract<Action, { type: 'group' }>): number {
  if (below === undefined)
    throw new Error(`group ${groupId} is not bound (slices/groups-meters/groups.ts)`);
  return below;
}

function encodeOutput(port: number, up: Action): readonly Action[] {
  switch (port) {
    case ofpp.controller:
      return [up];
    case ofpp.flood:
      return toVport(egressCode.flood);
    case ofpp.normal:
      return toVport(egressCode.normal);
    case ofpp.all:
      return toVport(egressCode.all);
    case ofpp.inPort:
      return toVport(egressCode.inPort);
    case ofpp.table:
      return [resubmit(tables.guard)];
    default:
      return toVport(port16(port));
  }
}

/**
 * A tenant's action of an action set below. The set has one of each kind and is executed when the
 * pipeline ends (OF1.3.5 section 5.10); Open vSwitch lets it end with a resubmit where there is no
 * output, and a later one takes an earlier one's place, as outputs do. So every output is a value
 * in reg0 and the way to the egress table, the controller's too, with the rule's serial in reg1.
 */
export function encodeSetAction(action: Action, serial?: number): readonly Action[] {
  if (action.type !== 'output' || action.port !== ofpp.controller) return encodeAction(action);
  return [...(serial === undefined ? [] : [setSerial(serial)]), ...toVport(egressCode.controller)];
}

/** A bucket may send up what a rule gives to its group: reg1 says whose rule it was. */
function whoseGroup(actions: readonly Action[], serial: number): readonly Action[] {
  return actions.some((action) => action.type === 'group') ? [setSerial(serial)] : [];
}

function setSerial(serial: number): Action {
  return { type: 'setField', oxm: oxm('reg1', serial) };
}
