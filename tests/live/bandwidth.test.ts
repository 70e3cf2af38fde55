/**
 * The bandwidth of a vport and of a virtual link on real switches: what enters and what leaves is
 * held to it, each way, beside ports that are not, before and after the vswitch moved.
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { limevisorJson, startLimevisor } from '../../examples/lab/programs.ts';
import { sleep } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';
import { oxm } from '../../openflow/match/match.ts';
import { version } from '../../openflow/values/constants.ts';
import { TestController } from './mirror/controller.ts';
import { bytesOf, output, rule } from './mirror/conversation.ts';

const hosts = ['s1:1', 's1:2', 's2:1', 's2:2'].map((at, i) => {
  const name = `h${i + 1}`;
  return { name, at, ip: `10.0.0.${i + 1}/24`, mac: `02:00:00:00:00:0${i + 1}` };
});
const lab = await startLab({
  switches: ['s1', 's2'],
  links: [['s1:3', 's2:3']],
  hosts,
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

const at = (name: string) => path.join(lab.dir, name);
const [v1, v2] = ['v1', 'v2'].map((name) => new TestController(at(name), version.of13));
if (v1 === undefined || v2 === undefined) throw new Error('two controllers');
t.teardown(() => {
  v1.close();
  v2.close();
});
const controllers = (name: string) => `controllers: ['unix:${at(name)}']`;
fs.writeFileSync(
  at('bandwidth.yaml'),
  `control: here
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    limits:
      bandwidth: { v1:1: 1M burst 100kbit, v2:9: 2M burst 100kbit }
    vswitches:
      v1: { dpid: 1, on: s1, ${controllers('v1')} }
      v2: { dpid: 2, on: s2, ${controllers('v2')} }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v1:2, at: s1:2 }
      h3: { port: v1:3, at: s2:1 }
      h4: { port: v2:1, at: s2:2 }
    links: [v1:9 - v2:9]
`,
);
await Promise.all([v1.listening(), v2.listening()]);
await startLimevisor(lab, at('bandwidth.yaml'));
await Promise.all([v1.up(), v2.up()]);

const inPort = (port: number) => [oxm('in_port', port)];
v1.send(bytesOf(rule(inPort(1), [output(2)])));
v1.send(bytesOf(rule(inPort(2), [output(1), output(3)])));
v1.send(bytesOf(rule(inPort(3), [output(9)])));
v2.send(bytesOf(rule(inPort(9), [output(1)])));
await Promise.all([v1.barrier(), v2.barrier()]);

const COUNT = 500;
const BYTES = 1_400;
const FRAME_KBIT = ((BYTES + 14) * 8) / 1_000;
const STILL_MS = 300;

async function receivedBy(host: string): Promise<number> {
  const file = '/sys/class/net/eth0/statistics/rx_packets';
  return Number(await lab.inside.run(lab.on(host, ['cat', file])));
}

/**
 * 3.7 Mbit/s, of an ethertype that nothing answers: a port of Open vSwitch has room for some ninety
 * frames, and so for the quarter of a second in which a busy machine may do something else.
 */
const send = `
import socket, time
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(('eth0', 0))
frame = bytes.fromhex('020000000099020000000011' + '88b5') + bytes(${BYTES})
for i in range(${COUNT}):
    wire.send(frame)
    time.sleep(0.003)
`;

interface Passed {
  readonly counts: readonly number[];
  /** How long it took to send them, and until the last had come. */
  readonly sentSec: number;
  readonly cameSec: number;
}

/** Sends frames from one host: how many came to others, and how long it took. */
async function passed(from: string, ...to: readonly string[]): Promise<Passed> {
  const received = () => Promise.all(to.map(receivedBy));
  const before = await Promise.all(to.map(receivedBy));
  const beganMs = performance.now();
  await lab.inside.run(lab.on(from, ['/usr/bin/python3', '-c', send]));
  const sentSec = (performance.now() - beganMs) / 1_000;
  // A switch that has to wait for a processor carries them later.
  let [after, isStill, cameSec]: [readonly number[], boolean, number] = [[], false, 0];
  while (!isStill) {
    const now = await received();
    isStill = String(now) === String(after);
    if (!isStill) cameSec = (performance.now() - beganMs) / 1_000;
    after = now;
    if (!isStill) await sleep(STILL_MS);
  }
  return { counts: after.map((one, i) => one - (before[i] ?? 0)), sentSec, cameSec };
}

/** Within what the rate and one burst let pass, and not much less. */
function isHeld(t: Test, { counts, sentSec, cameSec }: Passed, kbps: number, what: string): void {
  const [count = 0] = counts;
  const letsPass = (seconds: number): number => (100 + kbps * seconds) / FRAME_KBIT;
  const most = letsPass(cameSec) * 1.1 + 3;
  t.ok(count <= most, `${what}: ${count} of ${COUNT}, at most ${Math.round(most)}`);
  const least = Math.min(COUNT, letsPass(sentSec)) * 0.5;
  t.ok(count >= least, `${what}: ${count} is not much less, at least ${Math.round(least)}`);
}

async function holds(t: Test, where: string): Promise<void> {
  isHeld(t, await passed('h1', 'h2'), 1_000, `${where}: what h1 sends`);
  const flooded = await passed('h2', 'h1', 'h3');
  isHeld(t, flooded, 1_000, `${where}: what h1 gets`);
  const [, copies = 0] = flooded.counts;
  t.ok(copies >= COUNT, `${where}: another has its copy of each: ${copies}`);
  isHeld(t, await passed('h3', 'h4'), 2_000, `${where}: a virtual link`);
}

t.test('where the vswitch is at first', async (t) => {
  await holds(t, 's1');
});

t.test('while it moves, and where it lives then', async (t) => {
  const to = ['--to', 's2', '--no-watch'];
  const moving = limevisorJson<MigrateResult>(lab, 'migrate', 'red/v1', ...to);
  isHeld(t, await passed('h1', 'h2'), 1_000, 'moving: what h1 sends');
  t.equal((await moving).migration?.state.type, 'done');
  await holds(t, 's2');
});

t.test('the datapath says what it dropped, and what passed is what was counted', async (t) => {
  const dropped = (await lab.ofctl('meter-stats', 's2')).match(/0: packet_count:[1-9]/g);
  t.ok((dropped ?? []).length > 1);
  const flows = await lab.ofctl('dump-flows', 's2', 'table=245');
  t.match(flows, /n_packets=[1-9]/, 'behind the meters');
});
