/**
 * A tenant's rule chooses a queue, and the datapath where the packet leaves uses the one that the
 * file grants for it: here, at the end of a way, and while the vswitch has two bodies.
 *
 * Open vSwitch's own trace says which queue that is (skb_priority): its userspace datapath keeps
 * the choice, and has no queues of its own to see it in.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { limevisorJson, startLimevisor } from '../../examples/lab/programs.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Action } from '../../openflow/values/values.ts';
import { TestController } from './mirror/controller.ts';
import { bytesOf, output, rule } from './mirror/conversation.ts';
import { plain } from './mirror/frames.ts';
import { openWires } from './mirror/wires.ts';

const lab = await startLab({
  switches: ['s1', 's2'],
  links: [['s1:3', 's2:3']],
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's1:2', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
    { name: 'h3', at: 's1:4', ip: '10.0.0.3/24', mac: '02:00:00:00:00:03' },
  ],
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

const at = (name: string) => path.join(lab.dir, name);
const controller = new TestController(at('v1'), version.of13);
t.teardown(() => controller.close());
fs.writeFileSync(
  at('queues.yaml'),
  `control: here
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1, controllers: ['unix:${at('v1')}'] } }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v1:2, at: s1:2, queues: { 1: 5, 2: 6 } }
      h3: { port: v1:3, at: s1:4 }
`,
);
await controller.listening();
await startLimevisor(lab, at('queues.yaml'));
await controller.up();

const want = (queueId: number): Action => ({ type: 'setQueue', queueId });

/** The datapath's actions for a packet that enters a bridge there. */
async function trace(bridge: string, packet: string): Promise<string> {
  const said = await lab.appctl('ofproto/trace', bridge, packet);
  return /^Datapath actions: (.*)$/m.exec(said)?.[1] ?? said;
}

async function install(...actions: readonly Action[]): Promise<void> {
  controller.send(bytesOf(rule([], actions)));
  await controller.barrier();
  t.equal(controller.count('error'), 0);
}

t.test('here: the queue that is granted for the vport, and for its outputs only', async (t) => {
  await install(want(1), output(2), output(3));
  t.match(
    await trace('s1', 'in_port=1'),
    /^set\(skb_priority\(0x5\)\),\d+,set\(skb_priority\(0\)\),\d+$/,
  );
  await install(output(2));
  t.notMatch(await trace('s1', 'in_port=1'), /skb_priority/, 'none was wanted');
  await install(want(7), output(2));
  t.notMatch(await trace('s1', 'in_port=1'), /skb_priority/, 'that is not granted');
});

t.test('far away: what we wrap the frame in says which queue it is', async (t) => {
  await install(want(2), output(2), output(3));
  await limevisorJson(lab, 'migrate', 'red/v1', '--to', 's2', '--no-watch');
  // What h1 sends is carried to s2, processed there, and carried back to h2 and h3.
  const wires = await openWires(lab, ['h1', 'h2', 'h3']);
  const frame = plain;
  wires.send('h1', frame);
  await Promise.all([wires.arrival('h2', frame), wires.arrival('h3', frame)]);
  const cached = await lab.appctl('dpctl/dump-flows');
  const ways = [...cached.matchAll(/push_eth\(src=02:00:([0-9a-f]+):00:00:00,dst=([0-9a-f:]+)\)/g)];
  const places = new Map(ways.map(([, place, path = '']) => [path, place]));
  t.strictSame([...places.values()].sort(), ['00', '00', '02'], cached);
  const [path] = [...places].find(([, place]) => place === '02') ?? [];
  const its = `table=0,dl_type=0x894f,dl_dst=${path}/ff:ff:ff:00:00:00`;
  const ends = await lab.ofctl('dump-flows', 's1', its);
  t.match(
    ends,
    /dl_src=00:00:02:00:00:00\/00:00:ff:00:00:00.* actions=decap\(\),decap\(\),set_queue:6,/,
  );
  t.match(cached, /recirc_id\(0x[1-9a-f]\w*\)[^\n]*set\(skb_priority\(0x6\)\)/);
});
