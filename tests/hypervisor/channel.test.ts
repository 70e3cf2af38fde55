/**
 * A channel's first words: hello, versions, and nothing before them (OF1.3.5 section 6.3.1).
 */

import t from 'tap';
import { Channel } from '../../hypervisor/channel/channel.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { messages } from '../../openflow/messages/messages.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { fromHex } from '../openflow/hex.ts';
import { FakeWorld, Peer } from './fake-world.ts';

/** A channel whose connection is open, and what it tells its user. */
function opened(offered: readonly Version[] = [version.of13]) {
  const world = new FakeWorld();
  const peer = new Peer();
  const events: string[] = [];
  const channel = new Channel(
    world,
    {
      onUp: () => void events.push('up'),
      onFrame: (dv, at, length) => {
        events.push(`frame ${dv.getUint8(at + 1)}`);
        return length;
      },
      onDown: (why) => void events.push(`down: ${why}`),
    },
    1_000_000,
    offered,
  ).attach(peer);
  peer.user = channel;
  channel.onOpen();
  world.turn();
  const bytes = (hex: string): void => {
    channel.onBytes(fromHex(hex));
    world.turn();
  };
  return { world, peer, channel, events, bytes };
}

const barrier: Message = { type: 'barrierRequest', xid: 7 };

t.test('we say hello first, once, in 1.3', async (t) => {
  const { peer, world } = opened();
  t.match(peer.received(), [{ type: 'hello', versions: [4] }]);
  world.pass(100);
  t.strictSame(peer.received(), []);
});

t.test('hellos that agree', async (t) => {
  const agreeing = {
    'no bitmap, 1.3': '0400000800000001',
    'no bitmap, 1.5': '0600000800000001',
    'bitmap 1.0 and 1.3': '04000010000000010001000800000012',
    'bitmap 1.3 in a 1.5 header': '06000010000000010001000800000010',
    'an element that nobody knows, then the bitmap':
      '040000180000000100ff000800000000 0001000800000010',
  };
  for (const [name, hex] of Object.entries(agreeing)) {
    const { bytes, events, channel } = opened();
    bytes(hex);
    t.strictSame(events, ['up'], name);
    t.ok(channel.isUp);
  }
});

t.test('hellos that do not: an error for the peer, both versions for people', async (t) => {
  const differing: Readonly<Record<string, readonly [hex: string, theirs: RegExp]>> = {
    'no bitmap, 1.0': ['0100000800000001', /peer.*1\.0 \(0x01\); enable OpenFlow13 there/],
    'bitmap 1.0 and 1.2': ['0300001000000001000100080000000a', /peer.*0x01.*, .*0x03\);/],
    'bitmap without 1.3 in a 1.5 header': ['06000010000000010001000800000060', /0x05.*0x06\);/],
  };
  for (const [name, [hex, theirs]] of Object.entries(differing)) {
    const { bytes, events, peer } = opened();
    peer.received();
    bytes(hex);
    t.match(events, [/^down: .*OpenFlow 1\.3 \(0x04\)/], name);
    t.match(events[0], theirs, name);
    t.match(peer.received(), [{ type: 'error', errorType: 0, errorCode: 0, xid: 1 }], name);
    t.ok(peer.isClosed, name);
  }
});

t.test('both versions: the highest that both have', async (t) => {
  const cases: readonly (readonly [name: string, hex: string, version: number | undefined])[] = [
    ['no bitmap, 1.0', '0100000800000001', 1],
    ['no bitmap, 1.1: neither of ours', '0200000800000001', undefined],
    ['no bitmap, 1.2: neither of ours', '0300000800000001', undefined],
    ['no bitmap, 1.3', '0400000800000001', 4],
    ['no bitmap, 1.5: ours is the lower', '0600000800000001', 4],
    ['bitmap 1.0 and 1.2', '0300001000000001000100080000000a', 1],
    ['bitmap of Open vSwitch: 1.0, 1.3, 1.4, 1.5', '06000010000000010001000800000072', 4],
    ['bitmap 1.0 in a 1.5 header', '06000010000000010001000800000002', 1],
    ['bitmap 1.4 and 1.5', '06000010000000010001000800000060', undefined],
    ['an element that nobody knows, and no bitmap', '010000100000000100ff000800000000', 1],
  ];
  for (const [name, hex, wanted] of cases) {
    const { bytes, events, channel, peer } = opened([version.of10, version.of13]);
    t.match(peer.received(), [{ type: 'hello', versions: [1, 4] }]);
    bytes(hex);
    t.equal(channel.isUp ? channel.version : undefined, wanted, name);
    if (wanted === undefined) t.match(events, [/^down: .*enable OpenFlow10 or 13 there/], name);
  }
});

t.test('1.0 alone is offered without a bitmap, and spoken', async (t) => {
  const { bytes, peer, channel, events } = opened([version.of10]);
  bytes('0400001000000001 0001000800000012');
  t.equal(channel.version, version.of10);
  peer.received();
  bytes('010200080000002a');
  t.match(peer.received(), [{ type: 'echoReply', xid: 42 }]);
  bytes('041400080000002b');
  t.match(peer.received(), [{ type: 'error', errorType: 1, errorCode: 0, xid: 43 }]);
  t.strictSame(events, ['up']);
  const other = opened([version.of10]);
  other.bytes('04000010000000010001000800000010');
  t.match(other.events, [/we speak .*1\.0.*the peer speaks .*1\.3.*; enable OpenFlow10 there/]);
});

t.test('versions above nine are written in hexadecimal', async (t) => {
  const { bytes, events } = opened();
  bytes('0a000010000000010001000800000400');
  t.match(events[0], /peer.* 0x0a;/);
});

t.test('frames before the hello are ignored (DELTA 1.1.140, 2.1.040)', async (t) => {
  const { channel, events, peer, world } = opened();
  peer.received();
  peer.says(barrier, { type: 'echoRequest', xid: 1, data: new Uint8Array(0) });
  world.turn();
  t.strictSame(events, []);
  t.strictSame(peer.received(), [], 'not even the echo is answered');
  peer.hello();
  peer.says(barrier);
  t.strictSame(events, ['up', 'frame 20']);
  t.ok(channel.isUp);
});

t.test('no hello: closed after the time-out, whatever else it sends', async (t) => {
  const { events, peer, world } = opened();
  for (let i = 0; i < 9; i++) {
    world.pass(limits.handshakeTimeoutMs / 10);
    peer.says(barrier);
  }
  t.strictSame(events, []);
  world.pass(limits.handshakeTimeoutMs / 10);
  t.strictSame(events, ['down: no hello within 5 s']);
  t.ok(peer.isClosed);
  t.equal(world.timers(), 0, 'no timer is left');
});

t.test('an error instead of a hello is told with its words', async (t) => {
  const { events, peer, world } = opened();
  const data = new TextEncoder().encode('we want 1.0');
  peer.says({ type: 'error', xid: 1, errorType: 0, errorCode: 0, data });
  world.turn();
  t.strictSame(events, ['down: refused: we want 1.0']);
});

t.test('hello and more in one chunk, in pieces, and again', async (t) => {
  const { channel, events, peer } = opened();
  const hello = encode(version.of13, { type: 'hello', xid: 1, versions: [4] });
  const all = [
    ...hello,
    ...encode(version.of13, barrier),
    ...hello,
    ...encode(version.of13, barrier),
  ];
  for (const byte of all) channel.onBytes(Uint8Array.of(byte));
  t.strictSame(events, ['up', 'frame 20', 'frame 20'], 'a second hello is nothing');
  t.notOk(peer.isClosed);
});

t.test('another version after the hello: BAD_VERSION, with xid and bytes', async (t) => {
  const { bytes, events, peer } = opened();
  peer.hello();
  peer.received();
  bytes('011400080000002a');
  t.match(peer.received(), [
    { type: 'error', errorType: 1, errorCode: 0, xid: 42, data: fromHex('011400080000002a') },
  ]);
  t.strictSame(events, ['up']);
});

t.test('what is behind a hello and names no version is ignored', async (t) => {
  const cases: readonly (readonly [hex: string, version: number])[] = [
    ['0100000c00000001 0000ffff', 1],
    ['0400000c00000001 00010003', 4],
    ['0400000a00000001 0001', 4],
    ['0400001000000001 00010009 00000000', 4],
    ['0400001000000001 00010004 00000000', 4],
    ['0400001000000001 00010008 00000000', 4],
  ];
  for (const [hex, wanted] of cases) {
    const { bytes, channel } = opened([version.of10, version.of13]);
    bytes(hex);
    t.equal(channel.isUp ? channel.version : undefined, wanted, hex);
  }
});

t.test('every other type reaches the user, whole', async (t) => {
  const { events, peer, bytes } = opened();
  peer.hello();
  events.length = 0;
  const kept = ['hello', 'echoRequest', 'echoReply'];
  for (const [name, { number }] of Object.entries(messages)) {
    events.length = 0;
    bytes(`04${number.toString(16).padStart(2, '0')}000800000001`);
    t.strictSame(events, kept.includes(name) ? [] : [`frame ${number}`], name);
  }
});
