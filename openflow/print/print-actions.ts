/**
 * Actions and instructions as `ovs-ofctl -O OpenFlow13` prints them (ofpacts_format()).
 *
 * Matches are print-match.ts's; whole flows and messages are print.ts's.
 */

import { formatIpv4, hex } from '../values/addresses.ts';
import { learnFlag, nicira, oxmClass, packetType, port } from '../values/constants.ts';
import { fieldByNumber, fields, headerOf } from '../values/fields.ts';
import type { Action, ActionOf, Instruction, LearnSpec, Oxm } from '../values/values.ts';
import { printPort, printValue } from './print-match.ts';

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

type Printers = { readonly [T in Action['type']]: (action: ActionOf<T>) => string };

/** Each as ovs-ofctl writes it. */
const printers: Printers = {
  output: ({ port, maxLen }) => printOutput(port, maxLen),
  group: ({ groupId }) => `group:${groupId}`,
  setQueue: ({ queueId }) => `set_queue:${queueId}`,
  setField: ({ oxm }) => printSetField(oxm),
  pushVlan: (action) => `push_vlan:${ethertype(action.ethertype)}`,
  popVlan: () => 'pop_vlan',
  pushMpls: (action) => `push_mpls:${ethertype(action.ethertype)}`,
  popMpls: (action) => `pop_mpls:${ethertype(action.ethertype)}`,
  pushPbb: (action) => `push_pbb:${ethertype(action.ethertype)}`,
  popPbb: () => 'pop_pbb',
  copyTtlOut: () => 'copy_ttl_out',
  copyTtlIn: () => 'copy_ttl_in',
  setMplsTtl: ({ ttl }) => `set_mpls_ttl(${ttl})`,
  decMplsTtl: () => 'dec_mpls_ttl',
  setNwTtl: ({ ttl }) => `mod_nw_ttl:${ttl}`,
  decNwTtl: () => 'dec_ttl',
  setVlanVid: ({ vid }) => `mod_vlan_vid:${vid}`,
  setVlanPcp: ({ pcp }) => `mod_vlan_pcp:${pcp}`,
  stripVlan: () => 'strip_vlan',
  setNwSrc: ({ address }) => `mod_nw_src:${formatIpv4(address)}`,
  setNwDst: ({ address }) => `mod_nw_dst:${formatIpv4(address)}`,
  setNwTos: ({ tos }) => `mod_nw_tos:${tos}`,
  setTpSrc: ({ port }) => `mod_tp_src:${port}`,
  setTpDst: ({ port }) => `mod_tp_dst:${port}`,
  enqueue: ({ port, queueId }) => `enqueue:${printPort(port)}:${queueId}`,
  resubmit: ({ inPort, table }) => printResubmit(inPort, table),
  move: printMove,
  load: printLoad,
  controller: ({ maxLen, controllerId, reason }) =>
    `controller(reason=${reason},max_len=${maxLen},id=${controllerId})`,
  controller2: ({ meterId }) => `controller(meter_id=${meterId})`,
  note: ({ data }) => `note:${Array.from(data, (byte) => hex(Uint8Array.of(byte))).join('.')}`,
  clone: ({ actions }) => `clone(${printActions(actions)})`,
  encap: printEncap,
  decap: ({ packetType }) => printDecap(packetType),
  learn: printLearn,
  experimenter: ({ experimenter, data }) =>
    `experimenter(0x${experimenter.toString(16)},${hex(data)})`,
};

function printAction(action: Action): string {
  // The line of its own type, whose argument is of that type.
  return (printers[action.type] as (action: Action) => string)(action);
}

function printMove({ bits, from, fromBit, to, toBit }: ActionOf<'move'>): string {
  return `move:${moved(from, bits, fromBit)}->${moved(to, bits, toBit)}`;
}

/** Part of a field, which its TLV header names. */
function moved(header: number, bits: number, first = 0): string {
  const row = fieldByNumber(header >>> 16, (header >>> 9) & 0x7f);
  const part = bits === 1 ? `${first}` : `${first}..${first + bits - 1}`;
  return `${row?.name ?? `0x${header.toString(16)}`}[${part}]`;
}

function printLoad({ field, firstBit, bits, value }: ActionOf<'load'>): string {
  const row = fieldByNumber(field >>> 16, (field >>> 9) & 0x7f);
  const name = nxmNames.get(field) ?? row?.name ?? `0x${field.toString(16)}`;
  const last = firstBit + bits - 1;
  const range = bits === 1 ? `${firstBit}` : `${firstBit}..${last}`;
  return `load:${hexNumber(Number(value))}->${name}[${range}]`;
}

/** Its priority is printed where it is not the usual one. */
function printLearn({ specs, ...learn }: ActionOf<'learn'>): string {
  const { table, hardTimeoutSec, priority, flags, cookie, limit } = learn;
  const said = [
    `table=${table}`,
    ...(hardTimeoutSec > 0 ? [`hard_timeout=${hardTimeoutSec}`] : []),
    ...(priority !== USUAL_PRIORITY ? [`priority=${priority}`] : []),
    ...((flags & learnFlag.sendFlowRem) === 0 ? [] : ['send_flow_rem']),
    ...((flags & learnFlag.deleteLearned) === 0 ? [] : ['delete_learned']),
    ...(cookie === 0n ? [] : [`cookie=0x${cookie.toString(16)}`]),
    ...(limit === 0 ? [] : [`limit=${limit}`]),
    ...specs.map(printSpec),
  ];
  return `learn(${said.join(',')})`;
}

/** OFP_DEFAULT_PRIORITY. */
const USUAL_PRIORITY = 0x8000;

function printSpec({ does, bits, field, firstBit, from }: LearnSpec): string {
  const to = learntPart(field, firstBit, bits);
  if (typeof from === 'bigint') {
    const value = hexNumber(Number(from));
    return does === 'match' ? `${to}=${value}` : `load:${value}->${to}`;
  }
  const source = learntPart(from.field, from.firstBit, bits);
  if (does === 'load') return `load:${source}->${to}`;
  return source === to ? to : `${to}=${source}`;
}

/** Part of a field, by the name that it has in actions; without bits where that is all of it. */
function learntPart(header: number, first: number, bits: number): string {
  const row = fieldByNumber(header >>> 16, (header >>> 9) & 0x7f);
  const known = row && `${row.oxmClass === oxmClass.nxm1 ? 'NXM_NX' : 'OXM_OF'}_${row.name}`;
  const older = header === VLAN_TCI ? 'NXM_OF_VLAN_TCI' : nxmNames.get(header);
  const name = older ?? known?.toUpperCase() ?? `0x${header.toString(16)}`;
  const isWhole = first === 0 && bits === (row?.bits ?? (header === VLAN_TCI ? 16 : 48));
  if (isWhole) return `${name}[]`;
  return bits === 1 ? `${name}[${first}]` : `${name}[${first}..${first + bits - 1}]`;
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

/** NXM_OF_VLAN_TCI, all of a tag: OpenFlow's own fields are parts of it. */
const VLAN_TCI = headerOf({ oxmClass: oxmClass.nxm0, field: 4, size: 2 });

/** As C's `%#x`: zero has no prefix. */
function hexNumber(number: number): string {
  return number === 0 ? '0' : `0x${number.toString(16)}`;
}

const headerNames = new Map<number, string>([
  [packetType.ethernet, 'ethernet'],
  [packetType.nsh, 'nsh'],
  [packetType.mpls, 'mpls'],
]);

function printEncap({ packetType: type, mdType }: ActionOf<'encap'>): string {
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
