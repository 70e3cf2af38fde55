/**
 * Nicira's actions that a tenant's rule may have, by an explicit list, and the errors for wrong
 * ones, as Open vSwitch has them.
 *
 *   load, move     its registers, and fields of its packets (entries/tenant-registers.ts)
 *   resubmit       one, to a later table of its own, in a rule that has no goto
 *   note           nothing
 *   controller     to those of its controllers that gave themselves this number; the one output to
 *                  controllers in its rule, since a packet-in says no more than which rule it was
 *
 * A resubmit so leads a frame through as many rules as gotos may: no rule is met twice, and none
 * sends it two ways. What rules meet is bounded as before (slices/groups-meters).
 */
import { nicira, port as ofpp, packetInReason } from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import type { Action, ActionOf, FlowMod, OfError } from '../../openflow/values/values.ts';
import { TENANT_TABLES } from '../entries/pipeline.ts';
import { type NamedField, namedField } from '../entries/tenant-registers.ts';

/** Where an action is: in a rule's list, or in a packet-out, a bucket, an action set. */
export type ActionPlace = 'rule' | 'elsewhere';

const unknown = ofError('badAction', 'badExperimenter', 'experimenter actions are not supported');

export function refuseNicira(action: Action, place: ActionPlace): OfError | undefined {
  if (place === 'elsewhere') return unknown;
  switch (action.type) {
    case 'load':
      return refuseLoad(action);
    case 'move':
      return refuseMove(action);
    case 'resubmit':
      return refuseResubmit(action);
    case 'note':
      return undefined;
    case 'controller':
      return refuseReason(action);
    default:
      return unknown;
  }
}

function refuseLoad({ field, firstBit, bits, value }: ActionOf<'load'>): OfError | undefined {
  const named = namedField(field);
  if (named === undefined) return unknown;
  if (value >> BigInt(bits) !== 0n) {
    return ofError('badAction', 'badArgument', `0x${value.toString(16)} exceeds ${bits} bits`);
  }
  return refuseBits(named, firstBit, bits) ?? refuseReadOnly(named);
}

function refuseMove(action: ActionOf<'move'>): OfError | undefined {
  const { bits, fromBit = 0, toBit = 0 } = action;
  const [from, to] = [namedField(action.from), namedField(action.to)];
  if (from === undefined || to === undefined) return unknown;
  if (bits === 0) return ofError('badAction', 'badSetLen', 'a move must copy at least one bit');
  return refuseBits(from, fromBit, bits) ?? refuseBits(to, toBit, bits) ?? refuseReadOnly(to);
}

function refuseBits({ row }: NamedField, first: number, bits: number): OfError | undefined {
  if (first + bits <= row.bits) return undefined;
  return ofError('badAction', 'badSetLen', `${row.name} has only ${row.bits} bits`);
}

function refuseReadOnly({ row, isWritable }: NamedField): OfError | undefined {
  if (isWritable) return undefined;
  return ofError('badAction', 'badSetArgument', `${row.name} cannot be changed`);
}

function refuseResubmit({ inPort }: ActionOf<'resubmit'>): OfError | undefined {
  if (inPort === nicira.resubmitInPort) return undefined;
  const why = `a resubmit may not change the ingress port to ${inPort}; only IN_PORT is supported`;
  return ofError('badAction', 'badArgument', why);
}

function refuseReason({ reason }: ActionOf<'controller'>): OfError | undefined {
  if (reason <= packetInReason.invalidTtl) return undefined;
  return ofError('badAction', 'badArgument', `packet-in reason ${reason} does not exist`);
}

/** What is wrong with several of them in a rule. */
export function refuseLists(mod: FlowMod): OfError | undefined {
  return refuseResubmits(mod) ?? refuseControllers(mod);
}

function refuseControllers({ instructions }: FlowMod): OfError | undefined {
  const all = instructions.flatMap((one) => ('actions' in one ? one.actions : []));
  if (!all.some(({ type }) => type === 'controller')) return undefined;
  const up = all.filter((one) => one.type === 'controller' || isToController(one));
  if (up.length === 1) return undefined;
  const why = 'only one controller action per rule, without a group or output to CONTROLLER';
  return ofError('badAction', 'badArgument', why);
}

function isToController(action: Action): boolean {
  return action.type === 'group' || (action.type === 'output' && action.port === ofpp.controller);
}

/** Whether a rule's resubmits lead where gotos may: once, and to a later table. */
function refuseResubmits({ tableId, instructions }: FlowMod): OfError | undefined {
  const all = instructions.flatMap((one) =>
    one.type === 'applyActions' ? one.actions.filter(isResubmit) : [],
  );
  const [first, second] = all;
  if (first === undefined) return undefined;
  const goesOn = instructions.some(({ type }) => type === 'gotoTable');
  if (second !== undefined || goesOn) {
    const why = 'a rule may have one resubmit or goto_table, to a later table';
    return ofError('badAction', 'badArgument', why);
  }
  if (first.table > tableId && first.table < TENANT_TABLES) return undefined;
  const why = `a resubmit from table ${tableId} to ${first.table} does not lead to a later table`;
  return ofError('badAction', 'badArgument', why);
}

const ours: ReadonlySet<Action['type']> = new Set([
  ...(['load', 'move', 'resubmit', 'note', 'controller'] as const),
]);

/** Whether it does anything by Nicira's actions. */
export function usesNicira({ instructions }: Pick<FlowMod, 'instructions'>): boolean {
  return instructions.some(
    (one) => 'actions' in one && one.actions.some(({ type }) => ours.has(type)),
  );
}

function isResubmit(action: Action): action is ActionOf<'resubmit'> {
  return action.type === 'resubmit';
}
