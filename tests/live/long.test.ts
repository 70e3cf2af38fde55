/**
 * Long messages on a real switch: what fits stands there as it was asked for and forwards; what
 * does not is refused, and the switch hears of nothing else than what was meant. One of the
 * packet-outs has a tenant's own flow-mod where a length that wraps would begin the next message.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { startLimevisor } from '../../examples/lab/programs.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { TestController } from './mirror/controller.ts';
import { bytesOf, output, rule } from './mirror/conversation.ts';
import { plain } from './mirror/frames.ts';
import { openWires } from './mirror/wires.ts';

const lab = await startLab({
  switches: ['s1'],
  links: [],
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's1:2', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
  ],
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

const at = (name: string) => path.join(lab.dir, name);
const controller = new TestController(at('v1'), version.of13);
t.teardown(() => controller.close());
fs.writeFileSync(
  at('long.yaml'),
  `control: here
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1, controllers: ['unix:${at('v1')}'] } }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v1:2, at: s1:2 }
`,
);
await controller.listening();
await startLimevisor(lab, at('long.yaml'));
await controller.up();

const many = (count: number) => Array.from({ length: count }, () => output(2));

/** The errors that some frames get. */
async function errorsOf(...frames: readonly Uint8Array[]) {
  for (const frame of frames) controller.send(frame);
  await controller.barrier();
  return controller.take().flatMap(({ message }) => {
    return 'type' in message && message.type === 'error' ? [message] : [];
  });
}

async function tables(): Promise<string> {
  const said = await lab.ofctl('dump-flows', 's1', '--no-stats');
  return said.split('\n').sort().join('\n');
}

t.test('a rule of 2,000 outputs stands and forwards; one of 4,000 is refused', async (t) => {
  t.same(await errorsOf(bytesOf(rule([], many(2_000)))), []);
  const stands = (await tables()).split('\n').find((line) => line.length > 10_000) ?? '';
  t.equal(stands.match(/resubmit\(,250\)/g)?.length, 2_000);
  const wires = await openWires(lab, ['h1', 'h2']);
  wires.send('h1', plain);
  await wires.arrival('h2', plain);
  const before = await tables();
  t.match(await errorsOf(bytesOf(rule([], many(4_000)))), [{ errorType: 2, errorCode: 7 }]);
  t.equal(await tables(), before, 'what it would have replaced stands');
});

t.test('a packet-out cannot smuggle a message to the switch', async (t) => {
  const before = await tables();
  const outputsCount = 1_150;
  const inner = encode(version.of13, flowMod({ priority: 65_535, instructions: outputs(1) }));
  // Filled with whole messages: wherever a wrapped length ends there is a beginning.
  const data = new Uint8Array(65_535 - 24 - outputsCount * 16);
  for (let i = 7; i + inner.length <= data.length; i += inner.length) data.set(inner, i);
  const head = { bufferId: 0xffff_ffff, inPort: ofpp.controller } as const;
  const out: Message = { type: 'packetOut', xid: 9, ...head, actions: many(outputsCount), data };
  t.match(await errorsOf(encode(version.of13, out)), [{ xid: 9 }]);
  t.equal(await tables(), before);
  t.same(await errorsOf(bytesOf(rule([], [output(2)]))), [], 'the switch is still there');
});
