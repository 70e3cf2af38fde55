/**
 * A controller that asks and does not read is no longer read: what it costs is bounded, nothing is
 * lost, and others are served meanwhile. Over real sockets, with the real clock.
 */

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { Channel } from '../../hypervisor/channel/channel.ts';
import { nodeWorld } from '../../hypervisor/world/node-world.ts';
import type { ConnectionUser } from '../../hypervisor/world/world.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import { header, messages } from '../../openflow/messages/messages.ts';
import { version } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';

const world = nodeWorld();
/** What an answer costs here. */
const ANSWER_BYTES = 4_000;
const WORK_MS = 0.05;

/** Answers each frame after some work, as the hypervisor does. */
async function served(path: string) {
  const channels: Channel[] = [];
  let highest = 0;
  const listening = world.listen(
    { path },
    {
      accept(connection): ConnectionUser {
        const answer = new Uint8Array(ANSWER_BYTES);
        const channel: Channel = new Channel(
          world,
          {
            onUp: () => undefined,
            onFrame(dv, at, length) {
              for (const end = world.nowMs() + WORK_MS; world.nowMs() < end; );
              const xid = header.get.xid(dv, at);
              channel.send({
                type: 'experimenter',
                xid,
                experimenter: 1,
                expType: 1,
                data: answer,
              });
              highest = Math.max(highest, channel.pendingBytes());
              return length;
            },
            onDown: () => undefined,
            mayRead: () => channel.pendingBytes() <= limits.unreadBytesMax,
          },
          limits.controllerOutboxBytesMax,
          [version.of13],
        ).attach(connection);
        channels.push(channel);
        return channel;
      },
      refused: () => undefined,
      failed: (why) => t.fail(why),
    },
  );
  const close = () => {
    for (const channel of channels) channel.close('the test is over');
    listening.close();
  };
  return { close, highest: () => highest };
}

async function connected(path: string): Promise<net.Socket> {
  const socket = net.connect(path);
  await once(socket, 'connect');
  socket.write(encode(version.of13, { type: 'hello', xid: 1, versions: [4] }));
  return socket;
}

const folder = mkdtempSync(join(tmpdir(), 'limevisor-'));
t.teardown(() => rmSync(folder, { recursive: true }));
let sockets = 0;

/** Short: a socket's path has 108 bytes at most. */
function socketPath(): string {
  return join(folder, String(sockets++));
}

/**
 * Calls `each` with the xid of each answer. On a slow machine it takes so long that it is asked
 * whether it lives.
 */
function reading(socket: net.Socket, each: (xid: number, type: number) => void): void {
  const framer = new Framer({ frameBytesMax: 0xffff });
  socket.on('data', (chunk) => {
    framer.push(chunk, (dv, at) => {
      const [xid, type] = [header.get.xid(dv, at), header.get.type(dv, at)];
      if (type !== messages.echoRequest.number) each(xid, type);
      else socket.write(encode(version.of13, { type: 'echoReply', xid, data: new Uint8Array(0) }));
    });
  });
}

const FLOOD = 20_000;

function flood(): Uint8Array {
  const one = encode(version.of13, { type: 'barrierRequest', xid: 0 });
  const all = new Uint8Array(one.length * FLOOD);
  for (let i = 0; i < FLOOD; i++) {
    all.set(one, i * one.length);
    header.set.xid(new DataView(all.buffer), i * one.length, i);
  }
  return all;
}

t.test('asks 20,000 times and reads nothing: bounded; then reads, and all is there', async (t) => {
  const path = socketPath();
  const { close, highest } = await served(path);
  const socket = await connected(path);
  socket.pause();
  socket.write(flood());
  await new Promise((resolve) => setTimeout(resolve, 500));
  // Answers to the slice that was being looked at may come on top.
  const slice = (limits.sliceBytesMax / header.size) * (ANSWER_BYTES + 16);
  t.ok(highest() <= limits.unreadBytesMax + slice, `${highest()} bytes waited`);
  const xids: number[] = [];
  const done = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    reading(socket, (xid, type) => {
      if (type === messages.experimenter.number) xids.push(xid);
      if (xids.length === FLOOD) resolve();
    });
  });
  socket.resume();
  await done;
  t.ok(
    xids.every((xid, i) => xid === i),
    'each once, in order',
  );
  socket.destroy();
  close();
});

t.test('while one sends a burst, another’s echo comes back within a few turns', async (t) => {
  const path = socketPath();
  const { close } = await served(path);
  const [busy, other] = [await connected(path), await connected(path)];
  let answered = 0;
  reading(busy, () => {
    answered += 1;
  });
  const echoes: number[] = [];
  let sentMs = 0;
  const echo = encode(version.of13, { type: 'echoRequest', xid: 9, data: new Uint8Array(0) });
  const ping = (): void => {
    sentMs = world.nowMs();
    other.write(echo);
  };
  reading(other, (_, type) => {
    if (type !== messages.echoReply.number) return;
    echoes.push(world.nowMs() - sentMs);
    if (answered < FLOOD) setTimeout(ping, 1);
  });
  busy.write(flood());
  ping();
  while (answered < FLOOD) await new Promise((resolve) => setTimeout(resolve, 10));
  echoes.sort((a, b) => a - b);
  const p90 = echoes[Math.floor(echoes.length * 0.9)] ?? Number.POSITIVE_INFINITY;
  // A slice is 2,048 of these; the burst as a whole would take a second and more.
  const sliceMs = (limits.sliceBytesMax / header.size) * WORK_MS;
  t.ok(echoes.length > 3, `${echoes.length} echoes meanwhile`);
  t.ok(p90 < 3 * sliceMs, `p90 ${p90.toFixed(1)} ms; the whole burst ${FLOOD * WORK_MS} ms`);
  for (const socket of [busy, other]) socket.destroy();
  close();
});
