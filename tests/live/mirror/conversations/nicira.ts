/**
 * Nicira's messages for OpenFlow 1.0: rules with an extended match and with tables, statistics,
 * flow-removed and packet-ins in its forms.
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { encode } from '../../../../openflow/messages/codec.ts';
import { extensions } from '../../../../openflow/messages/extensions.ts';
import { niciraFlowModOf } from '../../../../openflow/messages/nicira-messages.ts';
import { niciraRequestOf } from '../../../../openflow/messages/nicira-statistics.ts';
import {
  flowFlag,
  multipartType,
  nicira,
  port as ofpp,
  version,
} from '../../../../openflow/values/constants.ts';
import type { FlowMod, FlowStatsFilter, Oxm } from '../../../../openflow/values/values.ts';
import {
  applying,
  type Conversation,
  dump,
  filter,
  flowMod,
  output,
  packetOut,
  packets,
  rule,
  type Sent,
  send,
  sendBy,
  talk,
  toController,
} from '../conversation.ts';
import { arp, ether, H1, H2, neighbour, plain, tcp, tcp6, udp } from '../frames.ts';
import { controllersOf, load, reg, resubmit, wrongIdsOf } from './nicira-actions.ts';

/** A message of Nicira's with these bytes behind its type. */
function said(name: keyof typeof extensions, ...data: readonly number[]): Sent {
  const message = { type: 'experimenter', xid: 0, ...extensions[name] } as const;
  return encode(version.of10, { ...message, data: Uint8Array.from(data) });
}

function unknown(expType: number, ...data: readonly number[]): Sent {
  const { experimenter } = nicira;
  const message = { type: 'experimenter', xid: 0, experimenter, expType } as const;
  return encode(version.of10, { ...message, data: Uint8Array.from(data) });
}

export const flowForm = (number: number): Sent => said('niciraFlowFormat', 0, 0, 0, number);
export const packetInForm = (number: number): Sent => said('niciraPacketInFormat', 0, 0, 0, number);
export const tableIds = (isOn: 0 | 1): Sent => said('niciraTableIds', isOn, 0, 0, 0, 0, 0, 0, 0);

type Parts = Partial<FlowMod> & { readonly cookieAsked?: readonly [bigint, bigint] };

/** A flow-mod in Nicira's message; the table's number is above the command. */
export function nxMod(command: Parameters<typeof flowMod>[0], parts: Parts = {}): Sent {
  const { cookieAsked, ...rest } = parts;
  const mod = { ...flowMod(command, { ...rest, match: rest.match ?? [] }), xid: 0 } as FlowMod;
  const [cookie, cookieMask] = cookieAsked ?? [0n, 0n];
  const asked = { match: mod.match, cookie, cookieMask };
  const named = { ...mod, command: mod.command | (mod.tableId << 8), asked };
  return encode(version.of10, niciraFlowModOf(named));
}

export function nxRule(
  match: readonly Oxm[],
  actions: Parameters<typeof rule>[1],
  more: Parts = {},
): Sent {
  const { instructions = [] } = rule(match, actions) as FlowMod;
  return nxMod('add', { match, instructions, ...more });
}

function nxAsk(kind: 'flow' | 'aggregate', parts: Partial<FlowStatsFilter> = {}): Sent {
  const body = niciraRequestOf({ kind, filter: { ...filter(), ...parts } });
  const request = { kind: 'other', mpType: multipartType.experimenter, body } as const;
  return encode(version.of10, { type: 'multipartRequest', xid: 0, flags: 0, request });
}

export const nxDump = send(nxAsk('flow'));
const ip = oxm('eth_type', 0x0800);
const tcps = [ip, oxm('ip_proto', 6)];
const out = output(2);

const forms: readonly Conversation[] = [
  talk('nicira: forms that there are', /send/, send(flowForm(0), flowForm(2), flowForm(0))),
  talk('nicira: a form of flows that is not', /error/, send(flowForm(1), flowForm(7))),
  talk('nicira: a form of packet-ins that is not', /error/, send(packetInForm(9), packetInForm(0))),
  talk('nicira: a form of two bytes', /error/, send(said('niciraFlowFormat', 0, 2))),
  talk('nicira: about tables in four bytes', /error/, send(said('niciraTableIds', 1, 0, 0, 0))),
  talk('nicira: a message that nobody knows', /error/, send(unknown(99), unknown(13, 1, 2, 3))),
];

const matched = (name: string, match: readonly Oxm[], ...frames: readonly Uint8Array[]) =>
  talk(
    `nicira: a match on ${name}`,
    /h2 </,
    send(nxRule(match, [out], { cookie: 5n })),
    packets(...frames.map((frame) => [1, frame] as const), [1, plain]),
    nxDump,
    send(nxAsk('aggregate', { match })),
    send(nxMod('deleteStrict', { match })),
    nxDump,
  );

const tagged = tcp({}, { vid: 5, pcp: 3 });
const rules: readonly Conversation[] = [
  matched('nothing', [], tcp()),
  matched('a port', [oxm('in_port', 1)], tcp()),
  matched('addresses with masks', [oxm('eth_dst', 0n, 0x0100_0000_0000n)], tcp()),
  matched('TCP', [...tcps, oxm('tcp_dst', 80, 0xf0)], tcp(), udp()),
  matched('a type of service', [ip, oxm('ip_dscp', 10), oxm('ip_ecn', 1)], tcp()),
  matched('IPv6', [oxm('eth_type', 0x86dd), oxm('ipv6_src', '2001:db8::/32')], tcp6(), tcp()),
  matched(
    'a neighbour',
    [
      ...[oxm('eth_type', 0x86dd), oxm('ip_proto', 58), oxm('icmpv6_type', 135)],
      ...[oxm('ipv6_nd_target', 'fe80::9'), oxm('ipv6_nd_sll', '00:00:00:00:00:01')],
    ],
    neighbour(135),
    tcp6(),
  ),
  matched('ARP', [oxm('eth_type', 0x0806), oxm('arp_op', 1)], arp(), tcp()),
  matched('a tag', [oxm('vlan_vid', 0x1005)], tagged, tcp()),
  matched('any tag', [oxm('vlan_vid', 0x1000, 0x1000)], tagged, tcp()),
  matched('a priority', [oxm('vlan_vid', 0x1000, 0x1000), oxm('vlan_pcp', 3)], tagged, tcp()),
  matched('no tag', [oxm('vlan_vid', 0)], tcp(), tagged),
  talk(
    'nicira: tables by their numbers',
    /h2 </,
    send(tableIds(1), nxRule([], [out], { tableId: 3 }), nxRule(tcps, [out], { tableId: 0 })),
    packets([1, tcp()], [1, udp()]),
    nxDump,
    send(nxMod('delete', { tableId: 3 })),
    nxDump,
    send(nxMod('delete', { tableId: 0xff }), tableIds(0)),
    nxDump,
  ),
  talk(
    'nicira: a table’s number where none is asked for',
    /error/,
    send(nxRule([], [out], { tableId: 3 })),
    nxDump,
  ),
  talk(
    'nicira: by cookie',
    /h2 </,
    send(nxRule(tcps, [out], { cookie: 5n }), nxRule([ip], [out], { cookie: 0x15n })),
    send(
      nxMod('modify', { cookie: 9n, cookieAsked: [5n, 0xfn], instructions: applying(output(3)) }),
    ),
    nxDump,
    packets([1, plain]),
    send(nxRule([], [out], { cookieAsked: [1n, 1n] })),
    send(nxMod('modify', { cookie: 3n, cookieAsked: [77n, 0xffn] })),
    nxDump,
    send(nxAsk('flow', { cookie: 9n, cookieMask: 0xffn })),
    send(nxMod('delete', { cookieAsked: [9n, 0xffn] }), nxRule([], [out])),
    packets([1, plain]),
    nxDump,
  ),
  talk(
    'nicira: a cookie with bits outside its mask asks for nothing',
    /error/,
    send(nxRule(tcps, [out], { cookie: 5n }), nxRule([ip], [out], { cookie: 0x15n })),
    send(nxMod('delete', { cookieAsked: [7n, 5n] })),
    send(nxMod('modify', { cookie: 9n, cookieAsked: [0x1_0000_0005n, 0xfn] })),
    send(nxAsk('flow', { cookie: 7n, cookieMask: 5n })),
    nxDump,
  ),
  talk(
    'nicira: a rule is taken off, and told in the form that was asked for',
    /experimenter/,
    send(flowForm(2), tableIds(1)),
    send(nxRule(tcps, [out], { flags: flowFlag.sendFlowRem, cookie: 5n, tableId: 2 })),
    send(nxMod('delete', { tableId: 0xff })),
    send(flowForm(0), tableIds(0)),
  ),
  talk(
    'nicira: packet-ins in the form that was asked for',
    /experimenter/,
    send(packetInForm(1), nxRule(tcps, [toController], { cookie: 0x123n })),
    packets([1, tcp()], [3, udp()]),
    send(packetOut(2, [output(ofpp.table)], plain), packetOut(2, [toController], plain)),
    sendBy('c2', packetOut(2, [toController], plain)),
    send(packetInForm(0)),
    packets([1, tcp()]),
  ),
];

/** A flow-mod whose match has these bytes. */
function bentMatch(...bytes: readonly number[]): Sent {
  const frame = (nxRule([oxm('in_port', 1)], [out]) as Uint8Array).slice();
  frame.set(bytes, 48);
  return frame;
}
const wrong = (name: string, ...bytes: readonly number[]): Conversation =>
  talk(`nicira: wrong: ${name}`, /error/, send(bentMatch(...bytes)), nxDump);

const errors: readonly Conversation[] = [
  wrong('a field that nobody knows', 0, 0x77),
  wrong('a port of another length', 0, 0, 0, 4),
  wrong('a field that runs over', 0, 0, 0, 40),
  wrong('a mask of a port', 0, 0, 1, 2, 0, 0),
  talk(
    'nicira: a match on a port of no switch',
    /flow|multipart/,
    send(bentMatch(0, 0, 0, 2, 0xff, 0x00)),
    nxDump,
  ),
  wrong('prerequisites', 0, 0, 0x14, 2, 0, 80),
  talk('nicira: wrong: flags', /error/, send(nxRule([], [out], { flags: 0x40 }))),
  talk('nicira: wrong: the emergency flag', /error/, send(nxRule([], [out], { flags: 4 }))),
];

/** Its dec_ttl reaches to the end of the output behind it. */
const longTtl = encode(version.of10, {
  ...rule([oxm('eth_type', 0x0800)], [{ type: 'decNwTtl' }, out]),
  xid: 0,
}).slice();
longTtl[75] = 24;

/** A learning switch of two tables, by addresses, as POX's l2_nx: of H1 and H2 it knows. */
const learning: readonly Conversation[] = [
  controllersOf(version.of10),
  wrongIdsOf(version.of10),
  talk('nicira: wrong: dec_ttl of another length', /error/, send(longTtl), dump),
  talk(
    'nicira: a learning switch of two tables',
    /h2 </,
    send(packetInForm(1), tableIds(1), nxMod('delete', { tableId: 1 })),
    send(
      nxRule([], [toController, resubmit(1)], { priority: 1 }),
      nxRule([], [output(ofpp.flood)], { priority: 1, tableId: 1 }),
    ),
    packets([1, plain], [3, tcp()]),
    send(
      nxRule([oxm('eth_src', H1)], [resubmit(1)]),
      nxRule([oxm('eth_dst', H1)], [output(1)], { tableId: 1 }),
      nxRule([oxm('eth_dst', H2)], [output(2)], { tableId: 1 }),
    ),
    packets([1, plain], [1, tcp()], [2, ether(0x88b6, { src: H2, dst: H1 })]),
    nxDump,
    send(nxMod('delete', { tableId: 0xff }), packetInForm(0), tableIds(0)),
  ),
  talk(
    'nicira: actions and registers in 1.0',
    /h3 </,
    send(tableIds(1)),
    send(
      nxRule(tcps, [{ type: 'decNwTtl' }, load(reg(2), 7n, 32), resubmit(5), out]),
      nxRule([oxm('reg2', 7, 0xff)], [output(3)], { tableId: 5 }),
      nxRule([], [{ type: 'note', data: Uint8Array.of(1, 2, 3, 4, 5, 6) }, out], { priority: 1 }),
    ),
    packets([1, tcp()], [1, plain]),
    nxDump,
    dump,
    send(nxAsk('flow', { match: [oxm('reg2', 7, 0xff)] })),
    send(nxMod('delete', { tableId: 0xff }), tableIds(0)),
  ),
];

export const niciraTalks: readonly Conversation[] = [...forms, ...rules, ...learning, ...errors];
