/**
 * What counts as a probe: ours, once, and in time. Everything else that looks like one is told as
 * suspicious, with the port where it came in, and is nothing more.
 */
import { createHmac } from 'node:crypto';
import t from 'tap';
import type { Datapath } from '../../hypervisor/datapath/datapath.ts';
import { packetInOf } from '../../hypervisor/datapath/packet-ins.ts';
import { Probes } from '../../hypervisor/datapath/probes.ts';
import { Seals } from '../../hypervisor/datapath/seals.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { NO_BUFFER, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { endText, type Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { SEAL_BYTES } from '../../translation/datapath/link-probe.ts';
import { randomFrom } from '../sim/world.ts';
import { FakeWorld, fakeLog } from './fake-world.ts';

type Frame = Uint8Array;

function scene(seed = 1) {
  const world = Object.assign(new FakeWorld(), { random: randomFrom(seed) });
  const log = fakeLog();
  const deaf: string[] = [];
  const probes = new Probes(world, log, {
    deafen: (name, port, isDeaf) => void deaf.push(`${name}:${port} ${isDeaf ? 'deaf' : 'hears'}`),
  });
  const sent: Frame[] = [];
  const datapathOf = (name: string, dpid: bigint): Datapath => {
    const tell = (message: Message): void => {
      if (message.type === 'packetOut') sent.push(message.data);
    };
    return { name, config: { dpid }, version: version.of13, tell } as unknown as Datapath;
  };
  const [s1, s2] = [datapathOf('s1', 1n), datapathOf('s2', 2n)];
  const events: string[] = [];
  const prober = {
    arrived: (size: string, at: Parameters<typeof endText>[0], ms: number) =>
      void events.push(`${size} came at ${endText(at)} after ${ms} ms`),
    lost: (size: string) => void events.push(`${size} lost`),
  };
  const send = (): Frame => {
    probes.send(s1, 3 as Port, 'small', true, prober);
    const frame = sent.at(-1);
    if (frame === undefined) throw new Error('it is sent');
    return frame;
  };
  const come = (frame: Frame, at: Datapath = s2, port = 4): boolean => {
    const bytes = encode(version.of13, {
      ...{ type: 'packetIn', xid: 0, bufferId: NO_BUFFER, totalLen: frame.length, reason: 1 },
      ...{ tableId: 0, cookie: 0n, match: matchOf(oxm('in_port', port)), data: frame },
    });
    const dv = new DataView(bytes.buffer, bytes.byteOffset);
    const packetIn = packetInOf(at, dv, 0, bytes.length);
    return packetIn !== undefined && probes.take(at, packetIn);
  };
  const suspicious = (): readonly string[] =>
    probes.suspicions().map(({ at, why, count }) => `${endText(at)}: ${why} (${count})`);
  return { world, probes, deaf, s1, s2, events, send, come, suspicious };
}

t.test('a seal is the beginning of an HMAC', async (t) => {
  const seals = new Seals(Object.assign(new FakeWorld(), { random: () => 0 }));
  const message = Uint8Array.from({ length: 28 }, (_, i) => i);
  const whole = createHmac('sha256', new Uint8Array(32)).update(message).digest();
  t.same(seals.of(message), whole.subarray(0, SEAL_BYTES));
});

const forged = 'frames that look like our probes and are not';

t.test('a probe that comes counts, with where and after what time', async (t) => {
  const { world, events, send, come, suspicious } = scene();
  const frame = send();
  world.pass(7);
  t.ok(come(frame));
  t.strictSame(events, ['small came at s2:4 after 7 ms']);
  t.strictSame(suspicious(), []);
});

t.test('what is no probe is not taken', async (t) => {
  const { send, come, suspicious } = scene();
  const frame = send().slice();
  frame[12] = 0x08;
  t.notOk(come(frame));
  t.strictSame(suspicious(), []);
});

t.test('a changed one, a made-up one, and one of another key count for nothing', async (t) => {
  const { events, send, come, suspicious } = scene();
  const frame = send();
  for (const at of [14, 17, 18, 33]) {
    const changed = frame.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.ok(come(changed), 'it is taken, and counts for nothing');
  }
  const other = scene(2);
  t.ok(come(other.send()), 'the same number, of a process that has another key');
  t.strictSame(events, []);
  t.strictSame(suspicious(), [`s2:4: ${forged} (5)`]);
  come(frame);
  t.equal(events.length, 1, 'and the true one still counts');
});

t.test('a copy counts once, wherever it comes', async (t) => {
  const { s1, events, send, come, suspicious } = scene();
  const frame = send();
  come(frame);
  come(frame, s1, 9);
  t.equal(events.length, 1);
  t.strictSame(suspicious(), ['s1:9: a probe from s1:3 came again: first at s2:4 (1)']);
});

t.test('lost when it does not come in time; late, and then too late', async (t) => {
  const { world, probes, events, send, come, suspicious } = scene();
  const [one, other] = [send(), send()];
  world.pass(limits.linkProbeLostMs);
  probes.expire();
  t.strictSame(events, ['small lost', 'small lost']);
  come(one);
  t.equal(events.at(-1), `small came at s2:4 after ${limits.linkProbeLostMs} ms`);
  world.pass(limits.linkProbeLateMs);
  come(other);
  t.equal(events.length, 3);
  t.strictSame(suspicious(), ['s2:4: a probe from s1:3 came more than 10 s late (1)']);
  world.pass(limits.suspicionMs);
  probes.expire();
  t.strictSame(suspicious(), [], 'shown for a while');
});

t.test('a port where they come in a flood is not heard for a while', async (t) => {
  const { world, probes, deaf, send, come } = scene();
  const frame = send().slice();
  frame[20] = (frame[20] ?? 0) ^ 1;
  for (let i = 1; i < limits.linkForgeriesPerSecMax; i += 1) come(frame);
  t.strictSame(deaf, []);
  come(frame);
  t.strictSame(deaf, ['s2:4 deaf']);
  world.pass(limits.linkDeafMs);
  probes.expire();
  t.strictSame(deaf, ['s2:4 deaf', 's2:4 hears']);
});
