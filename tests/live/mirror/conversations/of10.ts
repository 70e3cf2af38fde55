/**
 * What OpenFlow 1.0 has and 1.3 has not: its own actions, its flow-mods that add when they should
 * modify, its errors (OF1.0.1 section 5).
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { port as ofpp, version } from '../../../../openflow/values/constants.ts';
import type { Action, Oxm } from '../../../../openflow/values/values.ts';
import {
  applying,
  ask,
  bytesOf,
  type Conversation,
  dump,
  flowMod,
  output,
  packetOut,
  packets,
  rule,
  send,
  talk,
  type Unsent,
} from '../conversation.ts';
import { plain, tcp, udp } from '../frames.ts';

const ip = oxm('eth_type', 0x0800);
const tcps = [ip, oxm('ip_proto', 6)];
const tagged = tcp({}, { vid: 5, pcp: 3 });
const address = Uint8Array.of(10, 1, 2, 3);

function acting(
  name: string,
  actions: readonly Action[],
  packet: Uint8Array,
  match: readonly Oxm[] = [],
): Conversation {
  return talk(
    `1.0 action ${name}`,
    /h2 <|error/,
    send(rule(match, actions)),
    packets([1, packet]),
    dump,
  );
}

const out = output(2);
const actions: readonly Conversation[] = [
  acting('set_vlan_vid of a tag', [{ type: 'setVlanVid', vid: 9 }, out], tagged),
  acting('set_vlan_vid of none: pushes', [{ type: 'setVlanVid', vid: 9 }, out], tcp()),
  acting('set_vlan_vid of 4096', [{ type: 'setVlanVid', vid: 4096 }, out], tcp()),
  acting('set_vlan_pcp of a tag', [{ type: 'setVlanPcp', pcp: 6 }, out], tagged),
  acting('set_vlan_pcp of none: pushes', [{ type: 'setVlanPcp', pcp: 6 }, out], tcp()),
  acting('set_vlan_pcp of 8', [{ type: 'setVlanPcp', pcp: 8 }, out], tcp()),
  acting('strip_vlan', [{ type: 'stripVlan' }, out], tagged),
  acting('strip_vlan of none', [{ type: 'stripVlan' }, out], tcp()),
  acting('set_nw_src', [{ type: 'setNwSrc', address }, out], tcp(), tcps),
  acting('set_nw_dst', [{ type: 'setNwDst', address }, out], tcp(), tcps),
  acting('set_nw_src without a match on IP', [{ type: 'setNwSrc', address }, out], tcp()),
  acting('set_nw_src of no IP packet', [{ type: 'setNwSrc', address }, out], plain),
  acting('set_nw_tos', [{ type: 'setNwTos', tos: 0xb8 }, out], tcp(), [ip]),
  acting('set_nw_tos with bits of ECN', [{ type: 'setNwTos', tos: 0xb9 }, out], tcp(), [ip]),
  acting('set_tp_src', [{ type: 'setTpSrc', port: 77 }, out], tcp(), tcps),
  acting('set_tp_dst', [{ type: 'setTpDst', port: 77 }, out], tcp(), tcps),
  acting('set_tp_dst without a match on TCP', [{ type: 'setTpDst', port: 77 }, out], udp()),
  acting('enqueue', [{ type: 'enqueue', port: 2, queueId: 1 }], tcp()),
];

const to = (port: number) => applying(output(port));
const flowMods: readonly Conversation[] = [
  talk(
    '1.0 modify of nothing adds',
    /output:3/,
    send(flowMod('modify', { match: tcps, instructions: to(3), cookie: 7n })),
    packets([1, tcp()]),
    dump,
  ),
  talk(
    '1.0 modify strict of nothing adds',
    /output:3/,
    send(flowMod('modifyStrict', { match: tcps, instructions: to(3), priority: 9 })),
    dump,
  ),
  talk(
    '1.0 modify of a rule keeps counters',
    /n_packets=1/,
    send(rule(tcps, [out], { cookie: 1n })),
    packets([1, tcp()]),
    send(flowMod('modify', { match: [ip], instructions: to(3), cookie: 2n })),
    dump,
  ),
  talk(
    '1.0 add again: counters begin anew',
    /n_packets=0/,
    send(rule(tcps, [out])),
    packets([1, tcp()]),
    send(rule(tcps, [output(3)])),
    dump,
  ),
  talk(
    '1.0 a rule without wildcards is above all others',
    /flows/,
    send(rule([ip], [output(3)], { priority: 0xffff }), rule([oxm('in_port', 1), ...tcps], [out])),
    packets([1, tcp()]),
    dump,
  ),
  talk(
    '1.0 flow-removed',
    /flowRemoved/,
    send(rule(tcps, [out], { flags: 1, cookie: 5n })),
    packets([1, tcp()]),
    send(flowMod('delete')),
  ),
  talk('1.0 emergency flag', /./, send(rule(tcps, [out], { flags: 4 })), dump),
  talk(
    '1.0 delete by out_port',
    /output:3/,
    send(rule(tcps, [out]), rule([ip], [output(3)]), flowMod('delete', { outPort: 2 })),
    dump,
  ),
];

/** A frame of 1.0 with these bytes written over. */
function bent10(message: Unsent, at: number, ...over: readonly number[]): Uint8Array {
  const frame = bytesOf(message, version.of10);
  frame.set(over, at);
  return frame;
}

function raw10(type: number, ...body: readonly number[]): Uint8Array {
  const length = 8 + body.length;
  return Uint8Array.from([1, type, length >> 8, length, 0, 0, 0, 0, ...body]);
}

const good = rule(tcps, [out]);
const zeros = (size: number) => new Array<number>(size).fill(0);
const wrong = (name: string, frame: Uint8Array, sees = /error/) =>
  talk(`1.0 error: ${name}`, sees, send(frame), dump);

/** ofp_flow_mod: the command is at 56, the actions at 72. */
const errors: readonly Conversation[] = [
  wrong('a command that nobody knows', bent10(good, 56, 0, 9)),
  wrong('an action that nobody knows', bent10(good, 72, 0, 99)),
  wrong('an action of length 0', bent10(good, 74, 0, 0)),
  wrong('an action of length 12', bent10(good, 74, 0, 12)),
  wrong('an action longer than the message', bent10(good, 74, 0, 64)),
  wrong('flags that nobody knows, and the emergency’s', bent10(good, 70, 0x80, 0x04)),
  wrong('a packet-out whose actions are half one', bent10(packetOut(1, [out], plain), 14, 0, 4)),
  wrong('descriptions of ports, and more', raw10(16, 0, 13, 0, 0, 0, 0, 0, 1)),
  wrong('output to port 0xff00', bent10(good, 76, 0xff, 0x00)),
  wrong('output to NONE', bent10(good, 76, 0xff, 0xff)),
  wrong('a vendor’s action', bent10(good, 72, 0xff, 0xff, 0, 8, 0x12, 0x34, 0x56, 0x78)),
  wrong('a message type that nobody knows', raw10(99)),
  wrong('a vendor that nobody knows', raw10(4, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 1)),
  wrong('a flow-mod cut short', raw10(14, ...zeros(40))),
  wrong('a packet-out whose actions run over', bent10(packetOut(1, [], plain), 14, 0xff, 0xff)),
  wrong('a switch’s message: features reply', raw10(6, ...zeros(24))),
  wrong('statistics that nobody knows', raw10(16, 0, 99, 0, 0)),
  wrong('a vendor’s statistics', raw10(16, 0xff, 0xff, 0, 0, 1, 2, 3, 4)),
  wrong('features with a body', raw10(5, 1, 2, 3, 4)),
  wrong('version 1.3 after 1.0 was agreed', Uint8Array.from([4, 5, 0, 8, 0, 0, 0, 0])),
  wrong('the port status of no switch', raw10(12, ...zeros(56))),
];

const small: readonly Conversation[] = [
  talk(
    '1.0 port statistics of all ports: their numbers',
    /c1 </,
    send(ask({ kind: 'portStats', portNo: 9 })),
  ),
  talk(
    '1.0 packet-in of 20 bytes',
    /packetIn/,
    send(rule([], [output(ofpp.controller, 20)])),
    packets([1, plain]),
  ),
  talk('1.0 a miss goes to the controller', /packetIn/, packets([1, plain], [2, tcp()])),
  talk(
    '1.0 a miss through a packet-out',
    /packetIn/,
    send(packetOut(2, [output(ofpp.table)], plain)),
  ),
];

export const of10Talks: readonly Conversation[] = [...actions, ...flowMods, ...errors, ...small];
