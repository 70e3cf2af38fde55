/**
 * Actions and instructions as `ovs-ofctl -O OpenFlow13` prints them (ofpacts_format()).
 *
 * Matches are printmatch.ts's; whole flows and messages are print.ts's.
 */

import { formatIpv4, hex } from './addresses.ts';
import { nicira, oxmClass, packetType, port } from './constants.ts';
import { fieldByNumber, fields, headerOf } from './fields.ts';
import { printPort, printValue } from './printmatch.ts';
import type { Action, Instruction, Oxm } from './values.ts';

/** Names that set_field uses and matches do not. */
const setNames: Readonly<Record<string, string>> = {
  ipv4_src: 'ip_src',
  ipv4_dst: 'ip_dst',
  tunnel_id: 'tun_id',
  nxm_in_port: 'in_port',
  icmpv4_type: 'icmp_type',
  icmpv4_code: 'icmp_code',
  ipv6_flabel: 'ipv6_label',
  ip_ecn: 'nw_ecn',
  ipv6_nd_target: 'nd_target',
  ipv6_nd_sll: 'nd_sll',
  ipv6_nd_tll: 'nd_tll',
};

/** Comma-separated; `drop` for none. */
export function printActions(actions: readonly Action[]): string {
  return actions.length === 0 ? 'drop' : actions.map(printAction).join(',');
}

function printAction(action: Action): string {
  switch (action.type) {
    case 'output':
      return printOutput(action.port, action.maxLen);
    case 'group':
      return `group:${action.groupId}`;
    case 'setQueue':
      return `set_queue:${action.queueId}`;
    case 'setField':
      return printSetField(action.oxm);
    case 'pushVlan':
      return `push_vlan:${ethertype(action.ethertype)}`;
    case 'popVlan':
      return 'pop_vlan';
    case 'pushMpls':
      return `push_mpls:${ethertype(action.ethertype)}`;
    case 'popMpls':
      return `pop_mpls:${ethertype(action.ethertype)}`;
    case 'pushPbb':
      return `push_pbb:${ethertype(action.ethertype)}`;
    case 'popPbb':
      return 'pop_pbb';
    case 'copyTtlOut':
      return 'copy_ttl_out';
    case 'copyTtlIn':
      return 'copy_ttl_in';
    case 'setMplsTtl':
    case 'decMplsTtl':
    case 'setNwTtl':
    case 'decNwTtl':
      return printTtl(action);
    case 'setVlanVid':
      return `mod_vlan_vid:${action.vid}`;
    case 'setVlanPcp':
      return `mod_vlan_pcp:${action.pcp}`;
    case 'stripVlan':
      return 'strip_vlan';
    case 'setNwSrc':
      return `mod_nw_src:${formatIpv4(action.address)}`;
    case 'setNwDst':
      return `mod_nw_dst:${formatIpv4(action.address)}`;
    case 'setNwTos':
      return `mod_nw_tos:${action.tos}`;
    case 'setTpSrc':
      return `mod_tp_src:${action.port}`;
    case 'setTpDst':
      return `mod_tp_dst:${action.port}`;
    case 'enqueue':
      return `enqueue:${printPort(action.port)}:${action.queueId}`;
    case 'resubmit':
    case 'move':
    case 'load':
    case 'clone':
    case 'encap':
    case 'decap':
    case 'experimenter':
      return printExperimenter(action);
  }
}

function printTtl(
  action: Extract<Action, { type: 'setMplsTtl' | 'decMplsTtl' | 'setNwTtl' | 'decNwTtl' }>,
): string {
  switch (action.type) {
    case 'setMplsTtl':
      return `set_mpls_ttl(${action.ttl})`;
    case 'decMplsTtl':
      return 'dec_mpls_ttl';
    case 'setNwTtl':
      return `mod_nw_ttl:${action.ttl}`;
    case 'decNwTtl':
      return 'dec_ttl';
  }
}

type Experimenter = Extract<
  Action,
  { type: 'resubmit' | 'move' | 'load' | 'clone' | 'encap' | 'decap' | 'experimenter' }
>;

function printExperimenter(action: Experimenter): string {
  switch (action.type) {
    case 'resubmit':
      return printResubmit(action.inPort, action.table);
    case 'move':
      return printMove(action);
    case 'load':
      return printLoad(action);
    case 'clone':
      return `clone(${printActions(action.actions)})`;
    case 'encap':
      return printEncap(action);
    case 'decap':
      return printDecap(action.packetType);
    case 'experimenter':
      return `experimenter(0x${action.experimenter.toString(16)},${hex(action.data)})`;
  }
}

function printMove({ bits, from, fromBit, to }: Extract<Action, { type: 'move' }>): string {
  return `move:${moved(from, bits, fromBit)}->${moved(to, bits)}`;
}

/** Part of a field, which its TLV header names. */
function moved(header: number, bits: number, first = 0): string {
  const row = fieldByNumber(header >>> 16, (header >>> 9) & 0x7f);
  const part = bits === 1 ? `${first}` : `${first}..${first + bits - 1}`;
  return `${row?.name ?? `0x${header.toString(16)}`}[${part}]`;
}

function printLoad({ field, firstBit, bits, value }: Extract<Action, { type: 'load' }>): string {
  const row = fieldByNumber(field >>> 16, (field >>> 9) & 0x7f);
  const name = nxmNames.get(field) ?? row?.name ?? `0x${field.toString(16)}`;
  const last = firstBit + bits - 1;
  const range = bits === 1 ? `${firstBit}` : `${firstBit}..${last}`;
  return `load:${hexNumber(Number(value))}->${name}[${range}]`;
}

/**
 * What a load calls a field whose Nicira name is older than OpenFlow's. Open vSwitch takes both
 * headers and says the older one of what it holds: they are the same field, and print the same.
 */
const nxmNames: ReadonlyMap<number, string> = new Map(
  (
    [
      ['eth_dst', 1],
      ['eth_src', 2],
    ] as const
  ).flatMap(([name, field]) => {
    const row = fields[name];
    const older = { ...row, oxmClass: oxmClass.nxm0, field };
    return [row, older].map((one) => [headerOf(one), `NXM_OF_${name.toUpperCase()}`] as const);
  }),
);

/** As C's `%#x`: zero has no prefix. */
function hexNumber(number: number): string {
  return number === 0 ? '0' : `0x${number.toString(16)}`;
}

const headerNames = new Map<number, string>([
  [packetType.ethernet, 'ethernet'],
  [packetType.nsh, 'nsh'],
  [packetType.mpls, 'mpls'],
]);

function printEncap({ packetType: type, mdType }: Extract<Action, { type: 'encap' }>): string {
  const name = headerNames.get(type) ?? `0x${type.toString(16)}`;
  return mdType === undefined ? `encap(${name})` : `encap(${name}(md_type=${mdType}))`;
}

function printDecap(type: number): string {
  if (type === packetType.useNextProtocol) return 'decap()';
  return `decap(packet_type(ns=${type >>> 16},type=${hexNumber(type & 0xffff)}))`;
}

function printOutput(portNo: number, maxLen: number): string {
  if (portNo === port.controller) return `CONTROLLER:${maxLen}`;
  const name = printPort(portNo);
  return name === String(portNo) ? `output:${name}` : name;
}

function printResubmit(inPort: number, table: number): string {
  // The port has 16 bits; the reserved ones are the 32-bit ones cut short.
  const from = printPort(inPort >= 0xff00 ? inPort + 0xffff0000 : inPort);
  if (inPort === nicira.resubmitInPort) return `resubmit(,${table === 255 ? '' : table})`;
  return table === 255 ? `resubmit:${from}` : `resubmit(${from},${table})`;
}

function printSetField(oxm: Oxm): string {
  const row = fieldByNumber(oxm.oxmClass, oxm.field);
  if (!row) return `set_field:0x${hex(oxm.value)}->oxm_${oxm.oxmClass.toString(16)}_${oxm.field}`;
  const value = row.name === 'vlan_vid' ? { ...row, format: 'decimal' as const } : row;
  return `set_field:${printValue(value, oxm)}->${setNames[row.name] ?? row.name}`;
}

function ethertype(number: number): string {
  return `0x${number.toString(16).padStart(4, '0')}`;
}

/** As one list of actions, the way ovs-ofctl shows a rule's instructions; `drop` for none. */
export function printInstructions(instructions: readonly Instruction[]): string {
  const parts = instructions.map(printInstruction).filter((part) => part !== '');
  return parts.length === 0 ? 'drop' : parts.join(',');
}

function printInstruction(instruction: Instruction): string {
  switch (instruction.type) {
    case 'gotoTable':
      return `goto_table:${instruction.table}`;
    case 'writeMetadata': {
      const { metadata, mask } = instruction;
      const masked = mask === 0xffffffffffffffffn ? '' : `/0x${mask.toString(16)}`;
      return `write_metadata:0x${metadata.toString(16)}${masked}`;
    }
    case 'writeActions':
      return `write_actions(${printActions(instruction.actions)})`;
    case 'applyActions':
      return instruction.actions.map(printAction).join(',');
    case 'clearActions':
      return 'clear_actions';
    case 'meter':
      return `meter:${instruction.meterId}`;
    case 'experimenter': {
      const id = instruction.experimenter.toString(16);
      return `experimenter_instruction(0x${id},${hex(instruction.data)})`;
    }
  }
}
