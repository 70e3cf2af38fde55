/**
 * Many vswitches of a tenant on one datapath, on real switches: rows longer than Open vSwitch's 64
 * resubmits allow, rings, tenants' own depth; and what cannot be carried is refused.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import { root, socketOf, startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';
import type { StatusReport } from '../../hypervisor/operator/report.ts';

const lab = await startLab({
  switches: ['s1', 's2', 's3'],
  links: [['s1:9', 's2:9']],
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's1:2', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
    { name: 'b1', at: 's1:3', ip: '10.0.0.1/24', mac: '02:00:00:00:01:01' },
    { name: 'b2', at: 's1:4', ip: '10.0.0.2/24', mac: '02:00:00:00:01:02' },
  ],
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

const ROW = 24;
const ON_S2 = 2;
const RING = 3;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const socket = (tenant: string, i: number) => path.join(lab.dir, `${tenant}-${i}.sock`);
const vswitches = (tenant: string, count: number, on: (i: number) => string): string =>
  numbers(count)
    .map((i) => `v${i}: { dpid: ${i}, on: ${on(i)}, listen: ['punix:${socket(tenant, i)}'] }`)
    .join(', ');

/** Red is a row with a host at each end, blue a ring with two hosts. */
const network = `
control: here
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:9 - s2:9]
tenants:
  red:
    vswitches: { ${vswitches('red', ROW, (i) => (i > ROW - ON_S2 ? 's2' : 's1'))} }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v${ROW}:1, at: s1:2 } }
    links: [${numbers(ROW - 1).map((i) => `v${i}:3 - v${i + 1}:2`)}]
  blue:
    vswitches: { ${vswitches('blue', RING, () => 's1')} }
    hosts: { b1: { port: v1:1, at: s1:3 }, b2: { port: v2:1, at: s1:4 } }
    links: [${numbers(RING).map((i) => `v${i}:2 - v${(i % RING) + 1}:3`)}]
`;

async function flood(lab: Lab, tenant: string, count: number): Promise<void> {
  const add = 'ovs-ofctl -O OpenFlow13 add-flow "$one" actions=flood';
  const all = numbers(count).map((i) => socket(tenant, i));
  await lab.inside.run(['sh', '-ec', `for one in ${all.join(' ')}; do ${add}; done`]);
}

writeFileSync(path.join(lab.dir, 'crowded.yaml'), network);
await startLimevisor(lab, path.join(lab.dir, 'crowded.yaml'));
await untilReady(lab);

/** What Open vSwitch gave up, and why. */
async function givenUp(): Promise<string> {
  const log = path.join(lab.dir, 'ovs-vswitchd.log');
  const words = 'over max translation depth|resubmit actions|too many|recirculation depth';
  return (await lab.inside.attempt(['grep', '-E', words, log])).stdout;
}

t.test(
  'a row of flooding vswitches, and two more that come to it while traffic flows',
  async (t) => {
    await flood(lab, 'red', ROW);
    const ping = startPing(lab, 'h1', '10.0.0.2');
    for (const i of numbers(ON_S2)) {
      const vswitch = `red/v${ROW - ON_S2 + i}`;
      const { migration } = await ask<MigrateResult>(socketOf(lab), 'migrate', {
        vswitch,
        to: 's1',
        noWatch: true,
      });
      t.equal(migration?.state.type, 'done', `${vswitch} is one of ${ROW - ON_S2 + i} on s1`);
    }
    const result = await ping.stop();
    t.ok(result.received > 0);
    t.match(result, { lost: 0, duplicates: 0 });
    t.equal(await givenUp(), '');
  },
);

t.test('a ring of flooding vswitches is a loop: a broadcast arrives, more than once', async (t) => {
  await flood(lab, 'blue', RING);
  const { stdout } = await lab.inside.attempt(
    lab.on('b1', ['fping', '-c', '1', '-t', '2000', '-r', '0', '10.0.0.2']),
  );
  t.match(stdout, /1\/1\/0%|64 bytes|bytes, /, 'it arrives');
  // It ends by itself, and red does not feel it.
  const ping = startPing(lab, 'h1', '10.0.0.2', 50);
  await lab.inside.attempt(lab.on('b1', ['fping', '-c', '20', '-p', '20', '10.0.0.2']));
  t.match(await ping.stop(), { lost: 0, duplicates: 0 });
});

t.test('what one vswitch of the row does wrong ends nothing but its own packets', async (t) => {
  // A pass that Open vSwitch gives up, whatever else it would have sent.
  const middle = socket('blue', 3);
  const of = (command: string, ...args: readonly string[]) =>
    lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', command, middle, ...args]);
  const chain = numbers(70).map(
    (i) => `group_id=${71 - i},type=indirect,bucket=${bucketOf(71 - i)}`,
  );
  writeFileSync(path.join(lab.dir, 'groups'), `${chain.join('\n')}\n`);
  await of('add-groups', path.join(lab.dir, 'groups'));
  await of('add-flow', 'actions=group:1');
  const { stdout, stderr } = await lab.inside.attempt(
    lab.on('b1', ['fping', '-c', '5', '-p', '50', '10.0.0.2']),
  );
  t.match(`${stdout}${stderr}`, /xmt\/rcv\/%loss = 5\/5\/0%/, 'v1 and v2 are linked all the same');
});

t.test('groups that double at every step are refused; those before stop nobody', async (t) => {
  const of = (command: string, ...args: readonly string[]) =>
    lab.inside.attempt(['ovs-ofctl', '-O', 'OpenFlow13', command, socket('blue', 2), ...args]);
  const ping = startPing(lab, 'h1', '10.0.0.2', 50);
  await of('add-group', 'group_id=1,type=all');
  let last = 1;
  for (; last < 30; last += 1) {
    const twice = `bucket=group:${last},bucket=group:${last}`;
    const added = await of('add-group', `group_id=${last + 1},type=all,${twice}`);
    if (added.code === 0) continue;
    t.match(added.stderr, /OFPGMFC_OUT_OF_BUCKETS/);
    break;
  }
  t.ok(last > 10 && last < 20, `${last} groups`);
  const frame = 'ffffffffffff02000000000188ff';
  const sent = await of('packet-out', `in_port=1,packet=${frame},actions=group:${last}`);
  t.equal(sent.code, 0, 'the largest that is taken');
  t.match(await ping.stop(), { lost: 0, duplicates: 0 });
});

t.test('neighbours that multiply a frame at each pass stop nobody', async (t) => {
  const of = (i: number, command: string, ...args: readonly string[]) =>
    lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', command, socket('blue', i), ...args]);
  const times = (action: string) => Array.from({ length: 20 }, () => action).join(',');
  for (const i of numbers(RING)) {
    for (const port of [2, 3]) {
      // Above the rules that flood.
      await of(i, 'add-flow', `priority=40000,in_port=${port},actions=${times('in_port')}`);
    }
  }
  const ping = startPing(lab, 'h1', '10.0.0.2', 50);
  const frame = 'ffffffffffff02000000000188ff';
  await of(1, 'packet-out', `in_port=1,packet=${frame},actions=${times('output:2,output:3')}`);
  t.match(await ping.stop(), { lost: 0, duplicates: 0 });
  const counted = (await lab.ofctl('meter-stats', 's1')).matchAll(/0: packet_count:(\d+)/g);
  const dropped = [...counted].reduce((sum, [, packets]) => sum + Number(packets), 0);
  t.ok(dropped > 0, `${dropped} copies were dropped`);
  for (const i of numbers(RING)) await of(i, 'del-flows', 'in_port=2');
  for (const i of numbers(RING)) await of(i, 'del-flows', 'in_port=3');
  const { datapaths } = await ask<StatusReport>(socketOf(lab), 'status', {});
  for (const one of datapaths) t.strictSame(one.warnings, [], 'its meters are known as ours');
});

function bucketOf(i: number): string {
  return i === 70 ? 'output:2' : `group:${i + 1}`;
}

t.test('a row that a datapath cannot carry is refused by check, with what to do', async (t) => {
  const file = path.join(lab.dir, 'alone.yaml');
  const alone = network.replaceAll('on: s1', 'on: s3').replaceAll('on: s2', 'on: s3');
  writeFileSync(file, alone.replaceAll('at: s1', 'at: s3'));
  const refused = await lab.inside.attempt([path.join(root, 'limevisor'), 'check', file]);
  t.equal(refused.code, 4);
  t.match(refused.stderr, /vswitches that are linked .* are on s3.*Add to "links" a cable/);
  writeFileSync(
    file,
    alone.replaceAll('at: s1', 'at: s3').replace('links: [', 'links: [s3:21 - s3:22, '),
  );
  const cabled = await lab.inside.attempt([path.join(root, 'limevisor'), 'check', file]);
  t.match(cabled, { code: 0 }, 'with a cable to itself');
});
