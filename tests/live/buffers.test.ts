/**
 * `buffers:` of a tenant on real switches while its vswitch moves: packets are cut and kept, and
 * packet-outs and flow-mods with a buffer id let the whole of them go on, once, in every phase.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { limevisorJson, startLimevisor } from '../../examples/lab/programs.ts';
import { sleep } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';
import { oxm } from '../../openflow/match/match.ts';
import { ethernetFrame } from '../../openflow/packet/frames.ts';
import { NO_BUFFER, port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { toHex } from '../openflow/hex.ts';
import { TestController } from './mirror/controller.ts';
import { bytesOf, output, packetOut, rule } from './mirror/conversation.ts';
import { openWires } from './mirror/wires.ts';

type Tap = typeof t;
const SHOWN = 32;
const NONE = new Uint8Array(0);

const lab = await startLab({
  switches: ['s1', 's2', 's3'],
  links: [
    ['s1:3', 's3:1'],
    ['s2:3', 's3:2'],
    ['s1:4', 's2:4'],
  ],
  hosts: [
    { name: 'h1', at: 's1:1', ip: '192.0.2.1/24', mac: '06:00:00:00:00:01' },
    { name: 'h2', at: 's2:1', ip: '192.0.2.2/24', mac: '06:00:00:00:00:02' },
  ],
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());
const at = (name: string) => path.join(lab.dir, name);
const controller = new TestController(at('v1'), version.of13);
t.teardown(() => controller.close());
fs.writeFileSync(
  at('buffers.yaml'),
  `control: here
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:3 - s3:1, s2:3 - s3:2, s1:4 - s2:4]
tenants:
  red:
    buffers: 64
    vswitches: { v1: { dpid: 1, on: s1, controllers: ['unix:${at('v1')}'] } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s2:1 } }
`,
);
const wires = await openWires(lab, ['h1', 'h2']);
await controller.listening();
await startLimevisor(lab, at('buffers.yaml'));
await controller.up();

/** A frame like no other; its number is its source address. */
function frameOf(number: number): Uint8Array {
  const payload = new Uint8Array(200).fill(number);
  const low = number.toString(16).padStart(4, '0').replace(/(..)/, '$1:');
  return ethernetFrame({
    dst: '02:00:00:00:00:02',
    src: `02:00:00:01:${low}`,
    type: 0x88b5,
    payload,
  });
}

const sourceOf = (frame: Uint8Array) => frame.subarray(6, 12);

/** The packet-in of a frame: it is cut, and says where the whole of it is. */
async function cut(frame: Uint8Array): Promise<Extract<Message, { type: 'packetIn' }>> {
  wires.send('h1', frame);
  await controller.until('a packet-in', () => controller.count('packetIn') > 0);
  const found = controller.take().flatMap(({ message }) => {
    return message.type === 'packetIn' ? [message] : [];
  });
  const [one] = found;
  if (one === undefined || found.length > 1) throw new Error(`${found.length} packet-ins`);
  return one;
}

/** Errors that came, as type/code. */
async function errors(): Promise<readonly string[]> {
  await controller.barrier();
  return controller.take().flatMap(({ message }) => {
    return message.type === 'error' ? [`${message.errorType}/${message.errorCode}`] : [];
  });
}

const miss = rule([], [output(ofpp.controller, SHOWN)], { priority: 0 });
let number = 0;

/** Lets a kept packet go on: by a packet-out, or by a rule for it that has its id. */
async function letGo(frame: Uint8Array, bufferId: number): Promise<void> {
  if (number % 2 === 0) controller.send(bytesOf(packetOut(1, [output(2)], NONE, bufferId)));
  else {
    const match = [oxm('eth_src', [...sourceOf(frame)].map(twoDigits).join(':'))];
    controller.send(bytesOf(rule(match, [output(2)], { priority: 9, bufferId })));
  }
  await wires.arrival('h2', frame);
}

const twoDigits = (byte: number): string => byte.toString(16).padStart(2, '0');

async function one(t: Pick<Tap, 'strictSame'>): Promise<number> {
  number += 1;
  const frame = frameOf(number);
  const { bufferId, data, totalLen, match } = await cut(frame);
  t.strictSame([toHex(data), totalLen], [toHex(frame.subarray(0, SHOWN)), frame.length]);
  t.strictSame([match.length, bufferId === NO_BUFFER], [1, false]);
  await letGo(frame, bufferId);
  return bufferId;
}

/** What was kept while many others came and went, and bodies with them. */
async function letGoEarly(
  t: Pick<Tap, 'strictSame'>,
  frame: Uint8Array,
  bufferId: number,
): Promise<void> {
  controller.send(bytesOf(packetOut(1, [output(2)], NONE, bufferId)));
  t.strictSame(await errors(), [], 'an id of before the others is good after them');
  await wires.arrival('h2', frame);
}

for (const [to, way] of [
  ['s3', 'the only body is left'],
  ['s2', 'and another'],
] as const) {
  t.test(`kept packets while it moves to ${to}: ${way}`, async (t) => {
    controller.send(bytesOf(miss));
    await controller.barrier();
    const moving = limevisorJson<MigrateResult>(lab, 'migrate', 'red/v1', '--to', to, '--no-watch');
    const ended = { is: false };
    void moving.finally(() => {
      ended.is = true;
    });
    let first = frameOf(0x1000 + number);
    let early = await cut(first);
    let keptMs = Date.now();
    let last = 0;
    const before = number;
    while (!ended.is) {
      last = await one(t);
      await sleep(20);
      // An id is good for a limited time, and nobody says how long a migration takes.
      if (Date.now() - keptMs < limits.bufferTimeMs / 2) continue;
      await letGoEarly(t, first, early.bufferId);
      first = frameOf(0x1000 + number);
      early = await cut(first);
      keptMs = Date.now();
    }
    t.equal((await moving).migration?.state.type, 'done');
    t.ok(number - before > 10, `${number - before} packets`);
    t.strictSame(await errors(), [], 'nothing was refused');
    await letGoEarly(t, first, early.bufferId);
    controller.send(bytesOf(packetOut(1, [output(2)], NONE, last)));
    t.strictSame(await errors(), ['1/7'], 'an id is good once: BUFFER_EMPTY');
    t.strictSame(wires.take('h2'), [], 'and each packet arrived once');
  });
}
