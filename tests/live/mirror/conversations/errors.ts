/**
 * What is wrong with a message, and the error that says so (OF1.3.5 section 7.4.4).
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { fromHex, toHex } from '../../../openflow/hex.ts';
import {
  ask,
  bent,
  bytesOf,
  type Conversation,
  dump,
  filter,
  flowMod,
  output,
  packetOut,
  raw,
  resized,
  rule,
  send,
  talk,
} from '../conversation.ts';
import { plain } from '../frames.ts';

const good = rule([oxm('in_port', 1)], [output(2)]);

/** A flow-mod whose match and instructions are these bytes, whatever they say. */
function flowModOf(match: string, instructions = ''): Uint8Array {
  const head = bytesOf(flowMod('add')).subarray(0, 48);
  const oxms = fromHex(match);
  const size = 4 + oxms.length;
  const whole = new Uint8Array(Math.ceil(size / 8) * 8);
  whole.set([0, 1, size >> 8, size]);
  whole.set(oxms, 4);
  const frame = Uint8Array.from([...head, ...whole, ...fromHex(instructions)]);
  frame.set([frame.length >> 8, frame.length & 0xff], 2);
  return frame;
}

function wrong(name: string, frame: Uint8Array, sees = /error/): Conversation {
  return talk(`error: ${name}`, sees, send(frame), dump);
}

/** An OXM of the basic class: field, mask or not, its bytes. */
function field(number: number, value: string, mask = ''): string {
  const size = (value.length + mask.length) / 2;
  const head = [0x80, 0x00, (number << 1) | (mask === '' ? 0 : 1), size];
  return toHex(Uint8Array.from(head)) + value + mask;
}

const ip = field(5, '0800');
/** A solicitation with this code. */
const neighbour = (code: string): string =>
  field(5, '86dd') + field(10, '3a') + field(29, '87') + field(30, code);
/** Instructions: apply-actions with these actions' bytes. */
function apply(actions: string): string {
  const size = 8 + actions.length / 2;
  return `0004${size.toString(16).padStart(4, '0')}00000000${actions}`;
}
const out2 = '0000001000000002ffff000000000000';

const matches: readonly Conversation[] = [
  wrong('a match field twice', flowModOf(ip + ip)),
  wrong(
    'a match field twice with another value',
    flowModOf(field(0, '00000001') + field(0, '00000002')),
  ),
  wrong('ipv4_src without eth_type', flowModOf(field(11, '0a000001'))),
  wrong('ipv4_src before eth_type', flowModOf(field(11, '0a000001') + ip)),
  wrong('tcp_dst without ip_proto', flowModOf(ip + field(14, '0050'))),
  wrong('tcp_dst after UDP', flowModOf(ip + field(10, '11') + field(14, '0050'))),
  wrong('vlan_pcp without vlan_vid', flowModOf(field(7, '03'))),
  wrong('vlan_vid without OFPVID_PRESENT', flowModOf(field(6, '0005')), /flow/),
  wrong('vlan_vid with bits beyond', flowModOf(field(6, 'f005'))),
  wrong('vlan_pcp of 8', flowModOf(field(6, '1005') + field(7, '08'))),
  wrong('ip_dscp of 64', flowModOf(ip + field(8, '40'))),
  wrong('ip_ecn of 4', flowModOf(ip + field(9, '04'))),
  wrong('in_port 0', flowModOf(field(0, '00000000')), /flow/),
  wrong('in_port of a port that is not there', flowModOf(field(0, '00000009')), /./),
  wrong('in_port with a mask', flowModOf(field(0, '00000001', '0000000f'))),
  wrong('eth_type with a mask', flowModOf(field(5, '0800', 'ff00'))),
  wrong('ip_proto with a mask', flowModOf(ip + field(10, '06', '0f'))),
  wrong('a mask of ones is no mask', flowModOf(field(3, '000000000002', 'ffffffffffff')), /flow/),
  wrong('value bits outside the mask', flowModOf(field(3, '000000000003', '000000000001'))),
  wrong('a field that runs over the end', flowModOf('80000a06080000')),
  wrong('half a header of a field', flowModOf('8000')),
  wrong('a field that nobody knows', flowModOf(field(60, '00'))),
  wrong('a class that nobody knows', flowModOf('123400020000')),
  wrong('an experimenter’s field', flowModOf('ffff000812345678deadbeef')),
  wrong('a field shorter than it is', flowModOf('8000000200010000')),
  wrong('a field longer than it is', flowModOf('80000a04080000000000')),
  wrong('an odd length with a mask', flowModOf('8000070b000000000001ffffffffff')),
  wrong(
    'a tag’s priority of what may have no tag',
    flowModOf(field(6, '0005', '0fff') + field(7, '01')),
  ),
  wrong(
    'a field of neighbours with a code',
    flowModOf(neighbour('01') + field(32, '000000000001')),
  ),
  wrong(
    'ports of TCP with a mask',
    flowModOf(`${ip}${field(10, '06')}${field(14, '0050', '00f0')}`),
    /tcp/,
  ),
  wrong('RARP has ARP’s fields', flowModOf(field(5, '8035') + field(22, '0a000001')), /rarp/),
  wrong('a match of a type that nobody knows', bent(good, 48, 0, 9)),
  wrong('a match longer than the message', bent(good, 50, 0xff, 0xff)),
  wrong('a match shorter than its header', bent(good, 50, 0, 2)),
  wrong('a field too short', flowModOf('80000a0108')),
  wrong('a field too long', flowModOf('80000a03080000')),
  wrong('a match of type standard that is empty', bent(good, 48, 0, 0)),
  wrong('arp_op of 256', flowModOf(field(5, '0806') + field(21, '0100')), /./),
  wrong(
    'ipv6_nd_sll in an advertisement',
    flowModOf(field(5, '86dd') + field(10, '3a') + field(29, '88') + field(32, '000000000001')),
  ),
  wrong('mpls_bos of 2', flowModOf(field(5, '8847') + field(36, '02'))),
];

const instructions: readonly Conversation[] = [
  wrong('an instruction that nobody knows', flowModOf('', '0063000800000000')),
  wrong('an instruction of length 0', flowModOf('', '0004000000000000')),
  wrong('an instruction of length 4', flowModOf('', '0004000400000000')),
  wrong('an instruction longer than the message', flowModOf('', '0004001000000000')),
  wrong('an experimenter’s instruction', flowModOf('', 'ffff000812345678')),
  wrong('an action that nobody knows', flowModOf('', apply('0063000800000000'))),
  wrong('an action of length 0', flowModOf('', apply('0000000000000000'))),
  wrong('an action of length 4', flowModOf('', apply('0000000400000002'))),
  wrong(
    'an action longer than its instruction',
    flowModOf('', apply('0000002000000002ffff000000000000')),
  ),
  wrong('an output action of 8 bytes', flowModOf('', apply('0000000800000002'))),
  wrong(
    'an output action of 24 bytes',
    flowModOf('', apply(`00000018${out2.slice(8)}0000000000000000`)),
  ),
  wrong(
    'a set_field with a mask',
    flowModOf('', apply('0019001880000706000000000001000000000001000000000000'.slice(0, 48))),
    /./,
  ),
  wrong('a set_field of two fields', flowModOf('', apply('0019001080000a02080080000a020800'))),
  wrong(
    'a set_field of vlan_vid without OFPVID_PRESENT',
    flowModOf(field(6, '1005'), apply('0019001080000c020007000000000000')),
  ),
  ...(
    [
      [1, '00000001'],
      [37, '000001'],
      [39, '0001'],
      [60, '01'],
    ] as const
  ).map(([number, value]) => {
    const set = `00190010${field(number, value)}`.padEnd(32, '0');
    return wrong(`a set_field of field ${number}`, flowModOf('', apply(set)));
  }),
  wrong(
    'a set_field of a field too long',
    flowModOf('', apply('0019001080000a040800000000000000')),
  ),
  wrong('a set_field of eth_type', flowModOf('', apply('0019001080000a020800000000000000'))),
  wrong(
    'a set_field of a class that nobody knows',
    flowModOf('', apply('0019001012340a020800000000000000')),
  ),
  wrong('a set_field of ARP without it', flowModOf('', apply('0019001080002a020001000000000000'))),
  wrong('an instruction twice', flowModOf('', '00010008030000000001000803000000')),
  wrong('a tag that is none', flowModOf('', apply('0011000808000000'))),
  wrong('a tag to pop that may not be there', flowModOf('', apply('0012000800000000'))),
  wrong('three tags', flowModOf('', apply('001100088100000000110008810000000011000881000000'))),
  wrong(
    'output with bits in its padding',
    flowModOf('', apply('0000001000000002ffffffffffffffff')),
    /output:2/,
  ),
];

const messages: readonly Conversation[] = [
  wrong('half an action’s header', flowModOf('', `0004000c0000000000000000`)),
  wrong('a flow-mod with four bytes behind', resized(good, 88 + 4)),
  wrong(
    'a packet-out whose actions are half one',
    bent(packetOut(1, [output(2)], plain), 16, 0, 12),
  ),
  wrong('a switch’s message cut short: packet-in', raw(10, ...new Array<number>(24).fill(0))),
  wrong('an experimenter’s multipart', raw(18, 255, 255, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 1)),
  wrong('a message type that nobody knows', raw(99)),
  wrong('a message type of OpenFlow 1.4', raw(30)),
  wrong('a flow-mod cut short', resized(good, 40)),
  wrong('a flow-mod of only a header', resized(good, 8)),
  wrong('a command that nobody knows', bent(good, 25, 9)),
  wrong('a command of 255', bent(good, 25, 255)),
  wrong('features with a body', raw(5, 1, 2, 3, 4)),
  wrong('a barrier with a body', raw(20, 1, 2, 3, 4)),
  wrong('get-config with a body', raw(7, 1, 2, 3, 4)),
  wrong('set-config cut short', raw(9, 0, 0)),
  wrong('a packet-out cut short', resized(packetOut(1, [], plain), 20)),
  wrong('a packet-out whose actions run over', bent(packetOut(1, [], plain), 16, 0xff, 0xff)),
  wrong('a switch’s message: features reply', raw(6, ...new Array<number>(24).fill(0))),
  wrong('a switch’s message: barrier reply', raw(21)),
  wrong('a switch’s message: port-status', raw(12, ...new Array<number>(72).fill(0))),
  wrong('an experimenter that nobody knows', raw(4, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 1)),
  wrong('an experimenter’s message cut short', raw(4, 0x12, 0x34)),
  wrong('version 1.0 after 1.3 was agreed', bent({ type: 'featuresRequest' }, 0, 1)),
  wrong('version 1.4 after 1.3 was agreed', bent({ type: 'featuresRequest' }, 0, 5)),
  wrong('a multipart type that nobody knows', raw(18, 0, 99, 0, 0, 0, 0, 0, 0)),
  wrong('a multipart request cut short', raw(18, 0, 1)),
  wrong('a flow request cut short', resized(ask({ kind: 'flow', filter: filter() }), 40)),
  wrong('a description request with a body', raw(18, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4)),
  wrong('a flow request with a bad match', bent(ask({ kind: 'flow', filter: filter() }), 48, 0, 9)),
];

export const errors: readonly Conversation[] = [...matches, ...instructions, ...messages];
