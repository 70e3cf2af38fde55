/**
 * The flows of one virtual link over all equal paths (`spread: select`), on real switches: each
 * flow takes one cable, all cables are taken, nothing is lost, doubled or out of order; not when
 * the vswitch migrates, and next to nothing when a cable is cut.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { portName, startLab } from '../../examples/lab/lab.ts';
import { lastLineOf } from '../../examples/lab/processes.ts';
import {
  addRule,
  attempt,
  limevisorJson,
  portStates,
  startLimevisor,
  untilReady,
} from '../../examples/lab/programs.ts';
import { compared, startReceiver, startSender } from '../../examples/lab/streams.ts';
import { until } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';

const H2 = '02:00:00:00:00:02';
const FLOWS = 24;
const EVERY_MS = 25;
const addresses = Array.from({ length: FLOWS }, (_, i) => `10.9.${i}.1`);

const lab = await startLab({
  switches: ['s1', 's2', 's3'],
  links: [
    ['s1:8', 's2:8'],
    ['s1:9', 's2:9'],
    ['s1:7', 's3:7'],
    ['s3:5', 's2:5'],
    ['s3:6', 's2:6'],
  ],
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's2:1', ip: '10.0.0.2/24', mac: H2 },
  ],
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'spread.yaml');
writeFileSync(
  file,
  `
control: here
listen: ['ptcp:6653:127.0.0.1']
failover: { revert: 1s }
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: ['s1:8 - s2:8', 's1:9 - s2:9', 's1:7 - s3:7', 's3:5 - s2:5', 's3:6 - s2:6']
tenants:
  red:
    vswitches:
      v: { dpid: 1, on: s1, listen: ['punix:${lab.dir}/v'] }
      w: { dpid: 2, on: s2, listen: ['punix:${lab.dir}/w'] }
    hosts: { h1: { port: 'v:1', at: 's1:1' }, h2: { port: 'w:1', at: 's2:1' } }
    links: [{ ends: 'v:2 - w:2', spread: select }]
`,
);
await startLimevisor(lab, file);
await untilReady(lab);
for (const name of ['v', 'w']) {
  await addRule(lab, name, 'in_port=1,actions=output:2');
  await addRule(lab, name, 'in_port=2,actions=output:1');
}

/** What came over a cable, by address, as its far end sees it; until it is asked. */
async function watched(end: string) {
  const script = path.join(import.meta.dirname, 'carried.py');
  const running = lab.inside.start(['/usr/bin/python3', script, portName(end)]);
  const said = lastLineOf(running);
  if (running.child.stdout !== null) await once(running.child.stdout, 'data');
  return async (): Promise<Readonly<Record<string, number>>> => {
    await running.end('SIGINT');
    return JSON.parse(said());
  };
}

t.test('each flow takes one cable, and all cables are taken', async (t) => {
  const cables = [await watched('s2:8'), await watched('s2:9')];
  const receiver = await startReceiver(lab, 'h2', 50);
  const sender = startSender(lab, 'h1', H2, EVERY_MS, addresses);
  await until('frames of all flows', 20_000, () => {
    const counts = Object.values(receiver.counts());
    return counts.length === FLOWS && counts.every((one) => one > 40) ? true : undefined;
  });
  const result = Object.values(await compared([sender], receiver));
  t.strictSame(
    result.map(({ lost, doubled, late }) => ({ lost, doubled, late })),
    result.map(() => ({ lost: 0, doubled: 0, late: 0 })),
  );
  const carried = await Promise.all(cables.map((one) => one()));
  const [first = {}, second = {}] = carried;
  t.equal(Object.keys(first).length + Object.keys(second).length, FLOWS, 'no flow takes both');
  t.ok(Object.keys(first).length >= 3 && Object.keys(second).length >= 3, JSON.stringify(carried));
  const { stdout } = await attempt(lab, ['flows', 'red/v']);
  t.match(stdout, /to red\/w:2 over 2 paths, up/);
});

t.test('a cable that is cut costs its own flows a moment; then all are spread again', async (t) => {
  const before = await portStates(lab);
  const receiver = await startReceiver(lab, 'h2', 50);
  const sender = startSender(lab, 'h1', H2, EVERY_MS, addresses);
  const came = (before: Readonly<Record<string, number>>, count: number) => {
    const now = receiver.counts();
    return addresses.every((one) => (now[one] ?? 0) > (before[one] ?? 0) + count) || undefined;
  };
  await until('frames of all flows', 20_000, () => came({}, 10));
  await lab.inside.run(['ip', 'link', 'set', portName('s1:8'), 'down']);
  const cut = receiver.counts();
  await until('frames of all flows by the other', 20_000, () => came(cut, 50));
  t.equal(await portStates(lab), before, 'the tenant’s ports');
  await lab.inside.run(['ip', 'link', 'set', portName('s1:8'), 'up']);
  await until('both again', 20_000, async () => {
    const { stdout } = await attempt(lab, ['flows', 'red/v']);
    return stdout.includes('over 2 paths') ? true : undefined;
  });
  const result = Object.values(await compared([sender], receiver));
  t.comment(`${result.reduce((sum, { lost }) => sum + lost, 0)} lost`);
  t.strictSame(
    result.map(({ doubled }) => doubled),
    result.map(() => 0),
  );
});

t.test('the vswitch moves to where other cables are, and loses nothing', async (t) => {
  const receiver = await startReceiver(lab, 'h2', 50);
  const sender = startSender(lab, 'h1', H2, EVERY_MS, addresses);
  await until('frames', 20_000, () =>
    Object.keys(receiver.counts()).length === FLOWS ? true : undefined,
  );
  const { migration } = await limevisorJson<MigrateResult>(lab, 'migrate', 'red/v', '--to', 's3');
  t.equal(migration?.state.type, 'done');
  const cables = [await watched('s2:5'), await watched('s2:6')];
  const moved = Object.values(receiver.counts()).reduce((sum, one) => sum + one, 0);
  await until('frames by s3', 20_000, () =>
    Object.values(receiver.counts()).reduce((sum, one) => sum + one, 0) > moved + 500
      ? true
      : undefined,
  );
  const carried = await Promise.all(cables.map((one) => one()));
  t.ok(
    carried.every((one) => Object.keys(one).length >= 3),
    JSON.stringify(carried),
  );
  const result = Object.values(await compared([sender], receiver));
  t.strictSame(
    result.map(({ lost, doubled }) => ({ lost, doubled })),
    result.map(() => ({ lost: 0, doubled: 0 })),
  );
});
