/**
 * Nicira's messages of OpenFlow 1.0: what Open vSwitch's own tool reads in them, and values back.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { readNiciraMatch } from '../../openflow/match/nicira-match.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { extensions } from '../../openflow/messages/extensions.ts';
import {
  carriedName,
  niciraFlowModOf,
  niciraRemovedOf,
  readNiciraFlowMod,
} from '../../openflow/messages/nicira-messages.ts';
import {
  niciraReplies,
  niciraRequestOf,
  readNiciraRequest,
  readNiciraRows,
} from '../../openflow/messages/nicira-statistics.ts';
import { errorName, isError, multipartType, version } from '../../openflow/values/constants.ts';
import type { Match, Message, MultipartReplyBody } from '../../openflow/values/values.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { viewOf } from './hex.ts';
import { ovsPrint } from './ovs.ts';

type Experimenter = Extract<Message, { type: 'experimenter' }>;

function received(message: Message): Experimenter {
  const frame = encode(version.of10, message);
  const found = decode(version.of10, viewOf(frame), 0, frame.length);
  if (found.type !== 'experimenter') throw new Error(found.type);
  return found;
}

function printed(...messages: readonly Message[]): readonly string[] {
  return ovsPrint(messages.map((one) => encode(version.of10, one))).map((text) =>
    text.trim().replaceAll(/\s+/g, ' '),
  );
}

const ip = oxm('eth_type', 0x0800);
const ipv6 = oxm('eth_type', 0x86dd);
const tcp = [ip, oxm('ip_proto', 6)];

/** A match, and how ovs-ofctl writes it. */
const matches: readonly (readonly [Match, string])[] = [
  [[], ''],
  [[oxm('in_port', 7)], 'in_port=7'],
  [[oxm('in_port', 0xffff_fffe)], 'in_port=LOCAL'],
  [matchOf(oxm('eth_src', '00:00:00:00:00:01')), 'dl_src=00:00:00:00:00:01'],
  [
    matchOf(oxm('eth_dst', 0x0100_0000_0000n, 0x0100_0000_0000n)),
    'dl_dst=01:00:00:00:00:00/01:00:00:00:00:00',
  ],
  [matchOf(...tcp, oxm('tcp_dst', 80)), 'tcp,tp_dst=80'],
  [matchOf(...tcp, oxm('tcp_src', 0x50, 0xf0)), 'tcp,tp_src=0x50/0xf0'],
  [matchOf(ip, oxm('ip_dscp', 10), oxm('ip_ecn', 1)), 'ip,nw_tos=40,nw_ecn=1'],
  [matchOf(ip, oxm('ipv4_src', '10.0.0.0/8')), 'ip,nw_src=10.0.0.0/8'],
  [matchOf(ip, oxm('ip_proto', 1), oxm('icmpv4_type', 8)), 'icmp,icmp_type=8'],
  [matchOf(ip, oxm('ip_proto', 132), oxm('sctp_dst', 9)), 'sctp,tp_dst=9'],
  [
    matchOf(ipv6, oxm('ipv6_dst', '2001:db8::/32'), oxm('ipv6_flabel', 5)),
    'ipv6,ipv6_dst=2001:db8::/32,ipv6_label=0x00005',
  ],
  [
    matchOf(ipv6, oxm('ip_proto', 58), oxm('icmpv6_type', 135), oxm('ipv6_nd_target', 'fe80::9')),
    'icmp6,icmp_type=135,nd_target=fe80::9',
  ],
  [
    matchOf(oxm('eth_type', 0x0806), oxm('arp_op', 1), oxm('arp_sha', '00:00:00:00:00:01')),
    'arp,arp_op=1,arp_sha=00:00:00:00:00:01',
  ],
  [[oxm('vlan_vid', 0)], 'vlan_tci=0x0000'],
  [[oxm('vlan_vid', 0x1005)], 'dl_vlan=5'],
  [[oxm('vlan_vid', 0x1000, 0x1000)], 'vlan_tci=0x1000/0x1000'],
  [matchOf(oxm('vlan_vid', 0x1005), oxm('vlan_pcp', 3)), 'dl_vlan=5,dl_vlan_pcp=3'],
  [matchOf(oxm('vlan_vid', 0x1000, 0x1000), oxm('vlan_pcp', 3)), 'dl_vlan_pcp=3'],
  [matchOf(oxm('eth_type', 0x8847), oxm('mpls_label', 9)), 'mpls,mpls_label=9'],
  [[oxm('tunnel_id', 5)], 'tun_id=0x5'],
  [[oxm('metadata', 5, 0xff)], 'metadata=0x5/0xff'],
];

t.test('flow-mods say what Open vSwitch reads, and come back', async (t) => {
  const mods = matches.map(([match]) => {
    return flowMod({ xid: 9, cookie: 1n, priority: 5, match, instructions: outputs(2) });
  });
  const said = printed(...mods.map(niciraFlowModOf));
  for (const [i, [match, text]] of matches.entries()) {
    const rule = text === '' ? 'priority=5' : `priority=5,${text}`;
    const wanted = `NXT_FLOW_MOD (xid=0x9): ADD ${rule} cookie:0x1 actions=output:2`;
    t.equal(said[i], wanted);
    const back = readNiciraFlowMod(received(niciraFlowModOf(mods[i] ?? flowMod())), false);
    t.match(back, { type: 'flowMod', xid: 9, priority: 5, cookie: 1n, tableId: 0 });
    t.strictSame(isError(back) ? back.why : back.match, match, text);
  }
});

t.test('a table is in the command where that was asked for', async (t) => {
  const read = (command: number, namesTables: boolean) => {
    const mod = received(niciraFlowModOf(flowMod({ command })));
    const { command: is, tableId } = readNiciraFlowMod(mod, namesTables) as {
      command: number;
      tableId: number;
    };
    return [is, tableId];
  };
  t.strictSame(read(0x0300, true), [0, 3]);
  t.strictSame(read(0x0303, true), [3, 3]);
  t.strictSame(read(0xff03, true), [3, 0xff]);
  t.strictSame(read(0xff00, true), [0, 0], 'what is added is in one');
  t.strictSame(read(0x0003, false), [3, 0xff]);
  t.strictSame(read(0x0000, false), [0, 0]);
  t.strictSame(read(0x0300, false), [0x300, 0], 'no command has that number');
});

t.test('by cookie: what is asked for and what becomes of it', async (t) => {
  const read = (command: number, cookie: bigint, mask = 0xffn) => {
    const asked = { match: [], cookie: 5n, cookieMask: mask };
    const mod = { ...flowMod({ command, cookie }), asked };
    return readNiciraFlowMod(received(niciraFlowModOf(mod)), false);
  };
  const all = 0xffff_ffff_ffff_ffffn;
  t.match(read(1, 9n), { cookie: 5n, cookieMask: 0xffn, newCookie: 9n, version: undefined });
  t.match(read(1, all, all), { cookie: 5n, cookieMask: all, newCookie: undefined });
  t.match(read(3, 0n), { cookie: 5n, cookieMask: 0xffn });
  const wrongs = [read(0, 9n), read(3, 0n, 4n), read(1, 9n, 0xf0n)].map(
    (one) => isError(one) && errorName(one.errorType, one.errorCode),
  );
  const outside = 'badMatch/badWildcards';
  t.strictSame(wrongs, ['niciraError/nxmInvalid', outside, outside]);
});

t.test('matches that are wrong', async (t) => {
  const read = (...bytes: readonly number[]) => {
    const found = readNiciraMatch(new DataView(Uint8Array.from(bytes).buffer), 0, bytes.length);
    return isError(found) ? errorName(found.errorType, found.errorCode) : 'fine';
  };
  t.equal(read(0, 0, 0, 2, 0, 1), 'fine');
  t.equal(read(0, 0, 0, 2, 0, 1, 0, 0, 0, 2, 0, 1), 'badMatch/dupField');
  t.equal(read(0, 0, 0, 2), 'badMatch/badLen');
  t.equal(read(0, 0), 'badMatch/badLen');
  t.equal(read(0, 0, 0, 4, 0, 0, 0, 1), 'badMatch/badField');
  t.equal(read(0, 0, 1, 4, 0, 1, 0, 0xff), 'badMatch/badMask');
  t.equal(read(0, 0, 0xee, 1, 1), 'badMatch/badField');
  t.equal(read(0, 0, 0x0a, 1, 0x28), 'badMatch/badPrereq');
  t.equal(read(0, 0, 0x06, 2, 8, 0, 0, 0, 0x0a, 1, 0x29), 'badMatch/badValue', 'bits of ECN');
  t.equal(read(0, 0, 0x09, 4, 0x70, 5, 0xff, 0xff), 'fine');
  t.equal(read(0, 0, 0x09, 4, 0x30, 5, 0x7f, 0xff), 'badMatch/badMask', 'half a priority');
  t.equal(read(0, 0, 0x09, 4, 0x60, 0, 0xe0, 0), 'badMatch/badMask', 'a priority without a tag');
  t.equal(read(0, 0, 0x09, 4, 0x10, 5, 0x10, 0), 'badMatch/badWildcards');
  t.equal(read(0, 0, 0x08, 2, 0x10, 5, 0, 0, 0x08, 2, 0x10, 5), 'badMatch/dupField');
});

const counted = { durationSec: 3, durationNsec: 5_000_000, packetCount: 7n, byteCount: 9n };
const row = {
  ...{ tableId: 3, idleTimeoutSec: 4, hardTimeoutSec: 0, flags: 0, cookie: 5n, ...counted },
  ages: { idleSec: 0, hardSec: 7 },
};

t.test('statistics are asked for, and told', async (t) => {
  const [match] = matches[5] ?? [[]];
  const filter = {
    ...{ tableId: 0xff, outPort: 0xffff_ffff, outGroup: 0xffff_ffff },
    ...{ cookie: 5n, cookieMask: 0xffn, match },
  };
  for (const kind of ['flow', 'aggregate'] as const) {
    t.strictSame(readNiciraRequest(niciraRequestOf({ kind, filter })), { kind, filter });
  }
  t.equal(readNiciraRequest(Uint8Array.of(0, 0, 0x23, 0x20, 0, 0, 0, 2)), undefined);
  t.equal(readNiciraRequest(Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0)), undefined);
  t.ok(isError(readNiciraRequest(Uint8Array.of(0, 0, 0x23, 0x20, 0, 0, 0, 0))));
  const flows = matches.map(([match], priority) => {
    return { ...row, priority, match, instructions: outputs(2) };
  });
  const parts = niciraReplies({ kind: 'flow', flows });
  t.equal(parts.length, 1);
  t.strictSame(readNiciraRows(bodyOf(parts[0])), flows);
  const reply = (one: MultipartReplyBody): Message => {
    return { type: 'multipartReply', xid: 9, flags: 0, reply: one };
  };
  const [text = ''] = printed(...parts.map(reply));
  t.match(text, /^NXST_FLOW reply \(xid=0x9\): cookie=0x5, duration=3.005s, table=3, n_packets=7/);
  t.match(text, /idle_age=0, hard_age=7, priority=5,tcp,tp_dst=80 actions=output:2/);
  const sum = { kind: 'aggregate', packetCount: 7n, byteCount: 9n, flowCount: 2 } as const;
  const [told] = printed(...niciraReplies(sum).map(reply));
  t.equal(told, 'NXST_AGGREGATE reply (xid=0x9): packet_count=7 byte_count=9 flow_count=2');
});

t.test('many rows are as many replies as fit frames', async (t) => {
  const [match] = matches[5] ?? [[]];
  const flows = Array.from({ length: 2_000 }, (_, priority) => {
    return { ...row, priority, match, instructions: outputs(2) };
  });
  const parts = niciraReplies({ kind: 'flow', flows });
  t.ok(parts.length > 1);
  for (const part of parts) t.ok(bodyOf(part).length <= 0xffff - 12);
  const rows = parts.flatMap((part) => {
    const some = readNiciraRows(bodyOf(part));
    return isError(some) ? [] : some.map(({ priority }) => priority);
  });
  t.strictSame(
    rows,
    flows.map(({ priority }) => priority),
  );
});

function bodyOf(part: MultipartReplyBody | undefined): Uint8Array {
  if (part?.kind !== 'other' || part.mpType !== multipartType.experimenter) throw new Error('no');
  return part.body;
}

t.test('flow-removed', async (t) => {
  const [match] = matches[5] ?? [[]];
  const removed = {
    ...({ type: 'flowRemoved', xid: 0, priority: 5, reason: 2, match } as const),
    ...{ ...row, tableId: 3 },
  };
  t.strictSame(printed(niciraRemovedOf(removed)), [
    'NXT_FLOW_REMOVED (xid=0x0): priority=5,tcp,tp_dst=80 reason=delete table_id=3 cookie:0x5 ' +
      'duration3.005s idle4 pkts7 bytes9',
  ]);
});

t.test('only a flow-mod counts as one', async (t) => {
  const name = (message: Message): string | undefined => {
    const frame = encode(version.of10, message);
    return carriedName(viewOf(frame), 0, frame.length);
  };
  t.equal(name(niciraFlowModOf(flowMod())), 'flowMod');
  const other = { type: 'experimenter', xid: 0, data: new Uint8Array(8) } as const;
  t.equal(name({ ...other, ...extensions.niciraTableIds }), undefined);
  t.equal(name({ type: 'barrierRequest', xid: 1 }), undefined);
});
