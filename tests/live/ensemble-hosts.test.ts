/**
 * A tenant moves whole, its hosts with it, on real switches: to a zone and back; and a driver that
 * fails when one of two hosts is there takes all of it back.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches } from '../../examples/lab/ping.ts';
import {
  addRule,
  attempt,
  limevisorJson,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { until } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';

const network = `
control: here
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
zones: { near: [s1, s2], far: [s3, s4] }
links: ['s1:3 - s2:3', 's2:4 - s3:3', 's1:4 - s4:1', 's4:2 - s3:4']
drivers: { netns: 'unix:DIR/db.sock', exec: [/bin/false], limit: 20s }
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: ['punix:DIR/v1'] }
      v2: { dpid: 2, on: s2, listen: ['punix:DIR/v2'] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]
`;

const lab = await startLab(square('s1:1', 's2:1'));
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'hosts.yaml');
writeFileSync(file, network.replaceAll('DIR', lab.dir));
await startLimevisor(lab, file);
await untilReady(lab);
for (const one of ['v1', 'v2']) await addRule(lab, one);

/** Where all of it is: bodies and hosts, by datapath. */
async function where(): Promise<string> {
  const { vswitches, datapaths } = await statusOf(lab);
  const bodies = vswitches.map(({ name, on }) => `${name} ${on.join('+')}`);
  const hosts = datapaths.flatMap(({ name, hosts }) => hosts.map((host) => `${host} ${name}`));
  return [...bodies, ...hosts].sort().join(', ');
}

const near = 'red/h1 s1, red/h2 s2, red/v1 s1, red/v2 s2';

async function mustReach(): Promise<void> {
  await until('an answer', 10_000, async () =>
    (await reaches(lab, 'h1', '10.0.0.2')) ? true : undefined,
  );
}

t.test('to a zone and back, hosts and all', async (t) => {
  await mustReach();
  const there = ['migrate', 'red', '--hosts', '--to', 'far', '--driver', 'netns', '--no-watch'];
  const result = await limevisorJson<MigrateResult>(lab, ...there);
  t.equal(result.ensemble?.state.type, 'done', JSON.stringify(result.ensemble?.state));
  const far = await where();
  t.notMatch(far, /s1|s2/);
  t.match(far, /red\/h1 s[34], red\/h2 s[34]/);
  await mustReach();
  const back = ['--to', 'red/v1=s1', '--to', 'red/v2=s2', '--to', 'red/h1=s1:1'];
  const home = [
    'migrate',
    'red',
    '--hosts',
    ...back,
    '--to',
    'red/h2=s2:1',
    '--driver',
    'netns',
    '--no-watch',
  ];
  const returned = await limevisorJson<MigrateResult>(lab, ...home);
  t.equal(returned.ensemble?.state.type, 'done', JSON.stringify(returned.ensemble?.state));
  t.equal(await where(), near);
  await mustReach();
});

t.test('a driver that fails takes all of it back, the other host too', async (t) => {
  const drivers = ['--driver', 'netns', '--driver', 'red/h2=exec', '--moves-at-once', '1'];
  const asked = ['migrate', 'red', '--hosts', '--to', 'far', ...drivers];
  const { code, stderr } = await attempt(lab, asked);
  t.equal(code, 5, stderr);
  t.match(stderr, /undone after \d+ ms: red\/h2: \/bin\/false/);
  t.equal(await where(), near);
  await mustReach();
});

t.test(
  'a switch is drained with the hosts that are plugged in there, and both return',
  async (t) => {
    const how = ['--everything', '--hosts', '--driver', 'netns', '--no-watch'];
    const drained = await attempt(lab, ['drain', 's1', ...how]);
    t.equal(drained.code, 0, drained.stderr);
    t.notMatch(await where(), /s1/);
    await mustReach();
    const returned = await attempt(lab, ['undrain', 's1', '--everything']);
    t.equal(returned.code, 0, returned.stderr);
    t.equal(await where(), near);
    await mustReach();
  },
);
