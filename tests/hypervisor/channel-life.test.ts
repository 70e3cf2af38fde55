/**
 * A channel's life after the hello: echo, silence, lost framing, and an outbox that fills.
 */

import t from 'tap';
import { Channel } from '../../hypervisor/channel/channel.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { FakeWorld, Peer } from './fake-world.ts';

function up(outboxBytesMax = 1_000_000) {
  const world = new FakeWorld();
  const peer = new Peer();
  const events: string[] = [];
  const user = {
    onUp: () => undefined,
    onFrame: (_dv: DataView, _at: number, length: number) => {
      events.push('frame');
      return length;
    },
    onDown: (why: string) => void events.push(why),
  };
  const channel = new Channel(world, user, outboxBytesMax, [version.of13]).attach(peer);
  peer.user = channel;
  channel.onOpen();
  peer.hello();
  world.turn();
  peer.received();
  return { world, peer, channel, events };
}

const echoReply: Message = { type: 'echoReply', xid: 1, data: new Uint8Array(0) };

t.test('an echo comes back with its xid and its bytes', async (t) => {
  const { peer, world, events } = up();
  const data = Uint8Array.of(1, 2, 3);
  peer.says({ type: 'echoRequest', xid: 0xdeadbeef, data });
  peer.says({ type: 'echoRequest', xid: 2, data: new Uint8Array(60_000) });
  world.turn();
  t.match(peer.received(), [
    { type: 'echoReply', xid: 0xdeadbeef, data },
    { type: 'echoReply', xid: 2 },
  ]);
  t.strictSame(events, []);
});

t.test('a silent peer is asked, and given up when it says nothing', async (t) => {
  const { peer, world, events } = up();
  world.pass(limits.echoIntervalMs);
  t.strictSame(peer.types(), ['echoRequest']);
  world.pass(limits.echoTimeoutMs - limits.echoIntervalMs);
  t.match(events, [/^silent for 15 s$/]);
  t.ok(peer.isClosed);
  t.equal(world.timers(), 0);
});

t.test('any word keeps it, and a talkative one is not asked', async (t) => {
  const { peer, world, events } = up();
  for (let i = 0; i < 20; i++) {
    world.pass(limits.echoIntervalMs - 1);
    peer.says(echoReply);
  }
  t.strictSame(peer.types(), [], 'never silent for long enough');
  t.strictSame(events, []);
  for (let i = 0; i < 5; i++) {
    world.pass(limits.echoTimeoutMs - 1);
    peer.says(echoReply);
    t.ok(peer.types().length >= 1);
  }
  t.strictSame(events, []);
});

for (const length of ['0000', '0007']) {
  t.test(`a frame of 0x${length} bytes loses the framing`, async (t) => {
    const { channel, events, peer } = up();
    const bad = Buffer.from(`0414${length}00000001`, 'hex');
    const good = encode(version.of13, { type: 'barrierRequest', xid: 1 });
    channel.onBytes(Uint8Array.from([...good, ...bad, ...good]));
    t.match(events, ['frame', /^framing is lost: /]);
    t.ok(peer.isClosed);
    channel.onBytes(good);
    t.equal(events.length, 2, 'nothing after it');
  });
}

t.test('messages of one turn leave in one write, in their order', async (t) => {
  const { channel, world, peer } = up();
  let writes = 0;
  const write = peer.write.bind(peer);
  peer.write = (bytes) => {
    writes += 1;
    return write(bytes);
  };
  for (let xid = 1; xid <= 50; xid++) channel.send({ type: 'barrierReply', xid });
  t.equal(writes, 0);
  world.turn();
  t.equal(writes, 1);
  t.strictSame(
    peer.received().map((message) => message.xid),
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
});

t.test('a peer that does not read is closed when its outbox is over its bound', async (t) => {
  const { channel, world, peer, events } = up(10_000);
  peer.reads = false;
  peer.unread = 0;
  const data = new Uint8Array(988);
  for (let i = 0; i < 10; i++) {
    channel.send({ type: 'echoReply', xid: i, data });
    world.turn();
  }
  t.strictSame(events, [], '9,960 bytes fit');
  t.equal(channel.pendingBytes(), 9_960);
  channel.send({ type: 'echoReply', xid: 10, data });
  world.turn();
  t.match(events, [/^it does not read: 10956 bytes wait \(limit 10000\)$/]);
  t.ok(peer.isClosed);
});

t.test('closing: what was said before still leaves; the user hears of it once', async (t) => {
  const { channel, peer, events, world } = up();
  channel.send({ type: 'barrierReply', xid: 9 });
  channel.close('enough');
  channel.close('again');
  channel.onClose('and again');
  t.match(peer.received(), [{ type: 'barrierReply', xid: 9 }]);
  t.strictSame(events, ['enough']);
  channel.send({ type: 'barrierReply', xid: 10 });
  world.turn();
  t.strictSame(peer.received(), [], 'a write after the close would have thrown');
});

t.test('xids: in a row, never 0, and they wrap', async (t) => {
  const { channel } = up();
  const first = channel.reserveXids(3);
  t.equal(channel.nextXid(), first + 3);
  channel.reserveXids(0xffff_fff0 - first);
  const wrapped = channel.reserveXids(100);
  t.ok(wrapped >= 1 && wrapped + 100 <= 0xffff_ffff);
});
