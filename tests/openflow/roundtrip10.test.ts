/**
 * Every frame of OpenFlow 1.0 means the same after it was read and written.
 *
 * 300 seeded random frames of each type: decode, encode, decode, compare; the second encoding is
 * the first, byte for byte. And what 1.0 cannot say is named, and never written.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { decode, encode, whyNotIn10 } from '../../openflow/messages/codec.ts';
import { NO_BUFFER, version } from '../../openflow/values/constants.ts';
import type { Action, FlowMod, Match, Message } from '../../openflow/values/values.ts';
import { toHex, viewOf } from './hex.ts';
import { Random } from './random.ts';
import { messageNames10, randomFrame10 } from './random10.ts';

const { of10 } = version;

for (const [index, name] of messageNames10.entries()) {
  t.test(name, (t) => {
    for (let round = 0; round < 300 && t.passing(); round++) {
      const seed = index * 1000 + round;
      const frame = randomFrame10(new Random(seed), name);
      const message = decode(of10, viewOf(frame), 0, frame.length);
      if (message.type === 'ofError') {
        t.fail(`seed ${seed}: ${message.why}`);
        break;
      }
      const again = encode(of10, message);
      t.strictSame(decode(of10, viewOf(again), 0, again.length), message, `seed ${seed}`);
    }
    t.end();
  });
}

function addFlow(match: Match, actions: readonly Action[]): FlowMod {
  return {
    type: 'flowMod',
    xid: 1,
    version: of10,
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0,
    command: 0,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    priority: 1,
    bufferId: NO_BUFFER,
    outPort: 0xffffffff,
    outGroup: 0xffffffff,
    flags: 0,
    match,
    instructions: actions.length === 0 ? [] : [{ type: 'applyActions', actions }],
  };
}

const ip = oxm('eth_type', 0x800);

t.test('what 1.0 can say of 1.3', (t) => {
  const matches = [
    matchOf(oxm('vlan_vid', 0)),
    matchOf(oxm('vlan_vid', 0x1005), oxm('vlan_pcp', 3)),
    matchOf(oxm('vlan_vid', 0x1000, 0x1000), oxm('vlan_pcp', 3)),
    matchOf(ip, oxm('ipv4_src', '10.0.0.0/9'), oxm('ip_dscp', 9)),
    matchOf(oxm('eth_type', 0x806), oxm('arp_op', 2), oxm('arp_tpa', '10.0.0.1')),
    matchOf(ip, oxm('ip_proto', 1), oxm('icmpv4_type', 8), oxm('icmpv4_code', 0)),
  ];
  for (const match of matches) {
    const mod = addFlow(match, [{ type: 'popVlan' }]);
    t.equal(whyNotIn10(mod), undefined);
    const frame = encode(of10, mod);
    const back = decode(of10, viewOf(frame), 0, frame.length);
    t.strictSame(back, addFlow(match, [{ type: 'stripVlan' }]));
  }
  t.end();
});

t.test('what 1.0 cannot say', (t) => {
  const matches = [
    matchOf(oxm('vlan_vid', 0x1000, 0x1000)),
    matchOf(oxm('eth_dst', '01:00:00:00:00:00', '01:00:00:00:00:00')),
    matchOf(ip, oxm('ipv4_src', 1, 0x0101)),
    matchOf(ip, oxm('ip_ecn', 1)),
    matchOf(oxm('metadata', 1)),
    matchOf(oxm('eth_type', 0x86dd), oxm('ipv6_src', '::1')),
    matchOf(oxm('in_port', 0xff00)),
  ];
  const actions: Action[] = [
    { type: 'group', groupId: 1 },
    { type: 'setQueue', queueId: 1 },
    { type: 'pushVlan', ethertype: 0x8100 },
    { type: 'setNwTtl', ttl: 9 },
    { type: 'setField', oxm: oxm('ipv6_src', '::1') },
    { type: 'output', port: 0x10000, maxLen: 0 },
    { type: 'enqueue', port: 0x10000, queueId: 1 },
  ];
  const messages: Message[] = [
    ...matches.map((match) => addFlow(match, [])),
    ...actions.map((action) => addFlow([], [action])),
    { ...addFlow([], []), instructions: [{ type: 'gotoTable', table: 1 }] },
    { ...addFlow([], []), cookieMask: 1n },
    { ...addFlow([], []), outPort: 0x10000 },
    {
      ...{ type: 'packetOut', xid: 1, bufferId: NO_BUFFER, actions: [], data: new Uint8Array() },
      inPort: 0xff00,
    },
    { type: 'queueGetConfigRequest', xid: 1, portNo: 0x10000 },
    {
      ...{ type: 'multipartRequest', xid: 1, flags: 0 },
      request: { kind: 'portStats', portNo: 0x10000 },
    },
    { type: 'getAsyncRequest', xid: 1 },
    { type: 'multipartRequest', xid: 1, flags: 0, request: { kind: 'groupDesc' } },
  ];
  for (const message of messages) {
    t.match(whyNotIn10(message), /OpenFlow 1.0/);
    t.throws(() => encode(of10, message));
  }
  t.end();
});

t.test('of a rule of 1.3, statistics say what 1.0 can', (t) => {
  const match = matchOf(oxm('in_port', 1), ip, oxm('ip_ecn', 1));
  const actions: Action[] = [
    { type: 'setNwTtl', ttl: 9 },
    { type: 'output', port: 2, maxLen: 0 },
  ];
  const { instructions, version: _version, ...mod } = addFlow(match, actions);
  const row = { ...mod, durationSec: 0, durationNsec: 0, packetCount: 0n, byteCount: 0n };
  const reply = { kind: 'flow', flows: [{ ...row, match, instructions }] } as const;
  const frame = encode(of10, { type: 'multipartReply', xid: 1, flags: 0, reply });
  const back = decode(of10, viewOf(frame), 0, frame.length);
  const flow = back.type === 'multipartReply' && back.reply.kind === 'flow' && back.reply.flows[0];
  t.match(flow, {
    match: matchOf(oxm('in_port', 1), ip),
    instructions: [{ type: 'applyActions', actions: [actions[1]] }],
  });
  t.equal(toHex(encode(of10, back as Message)), toHex(frame));
  t.end();
});
