/**
 * DELTA's fuzzing (0.0.*), in short: tests/fuzz/ has the fuzzers, `make fuzz` runs them long. Here
 * also over real sockets, into a real process.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import type { VswitchId } from '../../slices/ids.ts';
import { cookieOf, metadataOf } from '../../translation/entries/pipeline.ts';
import { bent, brokenLength } from '../fuzz/bend.ts';
import { goodFrame } from '../fuzz/codec.ts';
import { Scene } from '../fuzz/scene.ts';
import { findingOf } from '../fuzz/targets.ts';
import { limevisor, program } from '../hypervisor/cli.ts';
import { shortDir } from '../hypervisor/running.ts';
import { Random } from '../openflow/random.ts';
import { spawnWithUs, untilSaid } from '../support/child.ts';
import { rule } from './attack.ts';

t.test('0.0.010 control plane, from seeds', async (t) => {
  for (let seed = 1_001; seed <= 1_004; seed++) {
    for (const target of ['controller', 'datapath', 'stranger'] as const) {
      t.equal(findingOf(target, seed), undefined, `${target} ${seed}`);
    }
  }
});

t.test('0.0.020 data plane, from seeds', async (t) => {
  const random = new Random(20);
  const scene = new Scene(20);
  const red = scene.session('red', 3n);
  const id = scene.hypervisor.runtimes().find((one) => one.vswitch.name === 'red/v3')?.vswitch.id;
  red.say({ ...rule(matchOf(oxm('eth_type', 0x88cc)), 0xffff_fffd), xid: 1 });
  scene.pass(1_000);
  for (let i = 0; i < 500; i++) {
    const data = random.bytes(random.number(200));
    // Half of them claim to be what somebody here looks into: LLDP, tags, IP.
    const type = random.pick([0x88cc, 0x8100, 0x88a8, 0x8942, 0x0800, 0x86dd]);
    if (random.number(2) === 0)
      data.set(
        [type >> 8, type & 0xff].slice(0, data.length),
        Math.min(12, Math.max(0, data.length - 2)),
      );
    const metadata = metadataOf((id ?? 1) as VswitchId, 1 + random.number(3));
    const match = matchOf(oxm('in_port', 1 + random.number(4)), oxm('metadata', metadata));
    const cookie = cookieOf('rule', id ?? 1, 1);
    const what = { bufferId: 0xffff_ffff, totalLen: data.length + random.number(3), reason: 1 };
    const packet = { ...what, tableId: 2, cookie, match, data };
    scene.switch('s3').inject(encode(version.of13, { type: 'packetIn', xid: 0, ...packet }));
    const actions = [{ type: 'output', port: 1 + random.number(2), maxLen: 0 }] as const;
    red.say({ type: 'packetOut', xid: 2, bufferId: 0xffff_ffff, inPort: 1, actions, data });
  }
  scene.pass(5_000);
  t.ok(scene.answers(red, 3), 'its controller is served');
  const heard = scene.session('blue', 3n).received.map((one) => one.type);
  t.strictSame(heard, [], 'and blue heard nothing');
});

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A process with a datapath, and a vswitch that listens. */
async function started(dir: string, ports: readonly number[]): Promise<ChildProcess> {
  writeFileSync(
    join(dir, 'x.yaml'),
    `listen: ['ptcp:${ports[0]}:127.0.0.1']
control: ${join(dir, 'c.sock')}
store: x.db
datapaths: { s1: { dpid: 1 } }
tenants: { red: { vswitches: { v1: { dpid: 1, on: s1, listen: ['ptcp:${ports[1]}:127.0.0.1'] } } } }
`,
  );
  const child = spawnWithUs(program, ['run', join(dir, 'x.yaml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await untilSaid(child, 'limevisor runs');
  return child;
}

/** Connects, says it in pieces, and is cut off or goes. */
function say(port: number, pieces: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve());
    socket.on('data', () => undefined);
    for (const piece of pieces) socket.write(piece);
    setTimeout(() => socket.destroy(), 50);
  });
}

t.test('0.0.011 control plane, live', async (t) => {
  const dir = shortDir(t);
  const ports = [await freePort(), await freePort()];
  const child = await started(dir, ports);
  t.teardown(() => void child.kill('SIGKILL'));
  const random = new Random(11);
  const hello = encode(version.of13, { type: 'hello', xid: 1, versions: [1, 4] });
  const sizes = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
  const features = encode(version.of13, { type: 'featuresReply', xid: 1, dpid: 1n, ...sizes });
  for (let i = 0; i < 30; i++) {
    const said = random.some(30, () => bent(random, goodFrame(random).frame));
    const last = random.pick([brokenLength(random, hello), random.bytes(50), hello.slice(0, 5)]);
    const isGreeted = random.number(3) > 0;
    const head = isGreeted ? [hello, ...(random.number(2) === 0 ? [features] : [])] : [];
    await Promise.all(ports.map((port) => say(port, [...head, ...said, last])));
  }
  const { code, stderr } = limevisor('status', '--socket', join(dir, 'c.sock'));
  t.strictSame([code, stderr], [0, ''], 'it answers');
  t.equal(child.exitCode, null, 'and lives');
});
