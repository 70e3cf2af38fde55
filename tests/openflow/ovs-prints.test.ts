/**
 * Matches, actions, flows print as ovs-ofctl prints the same bytes.
 *
 * 600 random matches in one run of the tool, then every action in a rule that allows it.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { printFlow, printInstructions, printMatch } from '../../openflow/print/print.ts';
import { NO_BUFFER, packetType, version } from '../../openflow/values/constants.ts';
import { type FieldName, fields, headerOf } from '../../openflow/values/fields.ts';
import type {
  Action,
  FlowMod,
  FlowStats,
  Instruction,
  Match,
} from '../../openflow/values/values.ts';
import { ovsPrint } from './ovs.ts';
import { Random, randomMatch } from './random.ts';

function addFlow(match: Match, instructions: readonly Instruction[]): FlowMod {
  return {
    type: 'flowMod',
    xid: 1,
    cookie: 1n,
    cookieMask: 0n,
    tableId: 0,
    command: 0,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    priority: 5,
    bufferId: NO_BUFFER,
    outPort: 0xffffffff,
    outGroup: 0xffffffff,
    flags: 0,
    match,
    instructions,
  };
}

/** Our line for a rule, in the form that the tool gives it. */
function line({ match, instructions }: FlowMod): string {
  const rule = ['priority=5', printMatch(match)].filter((part) => part !== '').join(',');
  return `ADD ${rule} cookie:0x1 actions=${printInstructions(instructions)}`;
}

function compare(t: Tap, mods: readonly FlowMod[]): void {
  const said = ovsPrint(mods.map((mod) => encode(version.of13, mod)));
  t.equal(said.length, mods.length);
  for (const [index, mod] of mods.entries()) {
    const theirs = said[index]?.trim().replace(/^OFPT_FLOW_MOD \(OF1.3\) \(xid=0x1\): /, '');
    if (theirs !== line(mod)) t.equal(line(mod), theirs);
  }
}

type Tap = Pick<typeof t, 'equal'>;

t.test('random matches', (t) => {
  const random = new Random(11);
  compare(
    t,
    Array.from({ length: 600 }, () => addFlow(randomMatch(random), [])),
  );
  t.end();
});

t.test('VLAN matches in all their forms', (t) => {
  const vids = [[0], [0x1005], [0x1000, 0x1000], [0x1001, 0x1001], [0, 0x1000], [5], [5, 15]];
  const matches = vids.map(([value = 0, mask]) => matchOf(oxm('vlan_vid', value, mask)));
  const any = matchOf(oxm('vlan_vid', 0x1000, 0x1000), oxm('vlan_pcp', 3));
  compare(
    t,
    [...matches, any].map((match) => addFlow(match, [])),
  );
  t.end();
});

t.test('the network service header', (t) => {
  const type = oxm('eth_type', 0x894f);
  const some = [[oxm('nsh_spi', 77)], [oxm('nsh_si', 3)], [oxm('nsh_spi', 1), oxm('nsh_si', 0)]];
  compare(
    t,
    some.map((more) => addFlow(matchOf(type, ...more), [])),
  );
  t.end();
});

t.test('IPv6 addresses as inet_ntop writes them', (t) => {
  const texts = ['::', '::1', '1::', '::1.2.3.4', '::ffff:1.2.3.4', '1:0:0:2:0:0:0:3', '1:0:2::'];
  const type = oxm('eth_type', 0x86dd);
  compare(
    t,
    texts.map((text) => addFlow(matchOf(type, oxm('ipv6_src', text)), [])),
  );
  t.end();
});

/** Actions, and matches in which they are allowed. */
const tcp = matchOf(oxm('vlan_vid', 0x1005), oxm('eth_type', 0x800), oxm('ip_proto', 6));
const mpls = matchOf(oxm('eth_type', 0x8847));
/** A frame in a network service header, and that in a frame. */
const wrapped: readonly Action[] = [
  { type: 'encap', packetType: packetType.nsh, mdType: 2 },
  { type: 'setField', oxm: oxm('nsh_spi', 77) },
  { type: 'setField', oxm: oxm('nsh_si', 3) },
  { type: 'encap', packetType: packetType.ethernet },
];
const inMatch: readonly (readonly [Match, readonly Action[]])[] = [
  [[], [1, 0xfffffff8, 0xfffffff9, 0xfffffffa, 0xfffffffb, 0xfffffffc, 0xfffffffe].map(output)],
  [[], [0, 128, 0xffff].map((maxLen) => ({ type: 'output', port: 0xfffffffd, maxLen }))],
  [[], [0x8100, 0x88a8].map((ethertype) => ({ type: 'pushVlan', ethertype }))],
  [tcp, [{ type: 'popVlan' }, { type: 'decNwTtl' }, { type: 'setNwTtl', ttl: 9 }]],
  [mpls, [{ type: 'decMplsTtl' }, { type: 'setMplsTtl', ttl: 9 }]],
  [
    mpls,
    [
      { type: 'pushMpls', ethertype: 0x8848 },
      { type: 'popMpls', ethertype: 0x800 },
    ],
  ],
  [
    [],
    [
      { type: 'setQueue', queueId: 4 },
      { type: 'group', groupId: 5 },
    ],
  ],
  [[], [2, 0xfff8, 0xfffe].map((inPort) => ({ type: 'resubmit', inPort, table: 3 }))],
  [[], [2, 0xfff8].map((inPort) => ({ type: 'resubmit', inPort, table: 255 }))],
  [
    [],
    [
      { type: 'load', field: headerOf(fields.eth_dst), firstBit: 40, bits: 2, value: 3n },
      { type: 'load', field: headerOf(fields.eth_src), firstBit: 0, bits: 1, value: 0n },
      // As Open vSwitch names the same two fields when it says what it holds.
      { type: 'load', field: 0x206, firstBit: 40, bits: 2, value: 3n },
      { type: 'load', field: 0x406, firstBit: 0, bits: 1, value: 0n },
      { type: 'encap', packetType: packetType.nsh, mdType: 2 },
      { type: 'encap', packetType: packetType.nsh, mdType: 1 },
      { type: 'encap', packetType: packetType.mpls },
      { type: 'decap', packetType: packetType.useNextProtocol },
      { type: 'decap', packetType: packetType.ethernet },
    ],
  ],
  [[], [{ type: 'clone', actions: [...wrapped, output(4)] }]],
];

function output(port: number): Action {
  return { type: 'output', port, maxLen: 0 };
}

t.test('actions, one by one', (t) => {
  const mods = inMatch.flatMap(([match, actions]) =>
    actions.map((action) => addFlow(match, [{ type: 'applyActions', actions: [action] }])),
  );
  compare(t, mods);
  t.end();
});

t.test('set-field of every field that OVS lets be set', (t) => {
  const protocols: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };
  const skipped =
    /^(in_|metadata|eth_type|ip_proto|mpls_bos|pbb|ipv6_exthdr|vlan_vid|icmpv6_code|icmp10)/;
  const mods = (Object.keys(fields) as FieldName[])
    .filter((name) => !skipped.test(name))
    .map((name) => addFlow(allowing(name, protocols), [setField(name, 1)]));
  compare(t, [...mods, addFlow(tcp, [setField('vlan_vid', 0x1007)])]);
  t.end();
});

function setField(name: FieldName, value: number): Instruction {
  return { type: 'applyActions', actions: [{ type: 'setField', oxm: oxm(name, value) }] };
}

/** A match under which OVS lets this field be set. */
function allowing(name: FieldName, protocols: Readonly<Record<string, number>>): Match {
  const stem = name.split('_')[0] ?? '';
  const protocol = protocols[stem];
  if (protocol) return matchOf(oxm('eth_type', 0x800), oxm('ip_proto', protocol));
  if (stem === 'icmpv4') return matchOf(oxm('eth_type', 0x800), oxm('ip_proto', 1));
  if (stem === 'icmpv6' || name.startsWith('ipv6_nd')) {
    const type = oxm('icmpv6_type', name.endsWith('tll') ? 136 : 135);
    const icmp = [oxm('eth_type', 0x86dd), oxm('ip_proto', 58), type, oxm('icmpv6_code', 0)];
    return matchOf(...icmp);
  }
  const types: Readonly<Record<string, number>> = {
    arp: 0x806,
    ipv6: 0x86dd,
    mpls: 0x8847,
    nsh: 0x894f,
  };
  return stem === 'vlan' ? tcp : matchOf(oxm('eth_type', types[stem] ?? 0x800));
}

t.test('instructions', (t) => {
  const one: Action[] = [output(1)];
  const all: readonly (readonly Instruction[])[] = [
    [],
    [{ type: 'applyActions', actions: [] }],
    [{ type: 'gotoTable', table: 3 }],
    [{ type: 'writeMetadata', metadata: 5n, mask: 0xffffffffffffffffn }],
    [{ type: 'clearActions' }, { type: 'writeMetadata', metadata: 5n, mask: 0xffn }],
    [{ type: 'writeActions', actions: one }],
    [{ type: 'writeActions', actions: [] }],
    [
      { type: 'meter', meterId: 3 },
      { type: 'applyActions', actions: one },
    ],
  ];
  compare(
    t,
    all.map((instructions) => addFlow([], instructions)),
  );
  t.end();
});

t.test('rows of dump-flows', (t) => {
  const base: FlowStats = {
    tableId: 2,
    durationSec: 3,
    durationNsec: 120_000_000,
    priority: 5,
    idleTimeoutSec: 1,
    hardTimeoutSec: 2,
    flags: 31,
    cookie: 3n,
    packetCount: 1n,
    byteCount: 2n,
    match: tcp,
    instructions: [{ type: 'gotoTable', table: 4 }],
  };
  const flows = [
    base,
    { ...base, durationNsec: 0, flags: 0, priority: 0x8000 },
    { ...base, durationNsec: 1, idleTimeoutSec: 0, hardTimeoutSec: 0, match: [] },
    { ...base, durationNsec: 120_000, flags: 1, priority: 0x8000, match: [] },
    { ...base, flags: 0, priority: 0x8000, match: [], instructions: [] },
  ];
  const frame = encode(version.of13, {
    type: 'multipartReply',
    xid: 1,
    flags: 0,
    reply: { kind: 'flow', flows },
  });
  const said = ovsPrint([frame]).join('').trimEnd().split('\n').slice(1);
  t.same(
    flows.map((flow) => ` ${printFlow(flow)}`),
    said,
  );
  t.end();
});
