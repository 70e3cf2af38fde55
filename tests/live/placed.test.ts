/**
 * A tenant whose places the file leaves open, on real switches: it is placed, its hosts reach each
 * other, what runs is shown as a file that does not differ from it, and after a move and a restart
 * everything is where it was.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches } from '../../examples/lab/ping.ts';
import {
  attempt,
  killLimevisor,
  limevisorJson,
  restartLimevisor,
  startLimevisor,
  startTestController,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';

const lab = await startLab({
  switches: ['s1', 's2', 's3'],
  links: [
    ['s1:9', 's2:9'],
    ['s2:8', 's3:8'],
  ],
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's3:1', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
  ],
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'auto.yaml');
fs.writeFileSync(
  file,
  `control: ${lab.dir}/limevisor.sock
store: ${lab.dir}/limevisor.db
listen: ['ptcp:6653:127.0.0.1']
datapaths:
  s1: { dpid: 1, capacity: { rules: 1000 } }
  s2: { dpid: 2, capacity: { rules: 1000 } }
  s3: { dpid: 3, capacity: { rules: 1000 } }
links:
  - { ends: s1:9 - s2:9, bandwidth: 1G }
  - { ends: s2:8 - s3:8, bandwidth: 1G }
tenants:
  red:
    controllers: [tcp:127.0.0.1:6661]
    vswitches:
      v1: { dpid: 1, place: auto, reserve: { rules: 700 } }
      v2: { dpid: 2, place: auto, reserve: { rules: 700 } }
    hosts:
      h1: { port: v1:1, at: s1:1, bandwidth: 200M }
      h2: { port: v2:1, at: [s3:1, s3:2], bandwidth: 100M }
    links: [{ ends: v1:2 - v2:2, bandwidth: 100M }]
`,
);

/** Where each vswitch lives, and that its controllers are there. */
async function places(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { vswitches } = await statusOf(lab);
  return Object.fromEntries(vswitches.map((one) => [one.name, one.on]));
}

const answers = async () => (await reaches(lab, 'h1', '10.0.0.2')) || undefined;

await startTestController(lab, 6661);
await startLimevisor(lab, file);
await untilReady(lab);

t.test('it is placed near its hosts, and they reach each other', async (t) => {
  const { 'red/v1': one, 'red/v2': other } = await places();
  t.strictSame(one, ['s1']);
  t.notSame(other, ['s1'], 'there is no room for both');
  t.ok(await until('h2 answers', 20_000, answers));
});

t.test('what runs is a file that does not differ from it, also after a move', async (t) => {
  const shown = await attempt(lab, ['show']);
  const copy = path.join(lab.dir, 'shown.yaml');
  fs.writeFileSync(copy, shown.stdout);
  const same = await attempt(lab, ['diff', copy]);
  t.strictSame([same.code, same.stdout], [0, 'no difference\n'], same.stderr);
  t.equal((await attempt(lab, ['diff', file])).code, 0, 'the file that was run does not, either');
  await limevisorJson(lab, 'migrate', 'red/v1', '--to', 's3', '--no-watch');
  t.ok(await until('h2 answers', 20_000, answers));
  const moved = await attempt(lab, ['show']);
  t.match(moved.stdout, /v1: \{ dpid: 0+1, on: s3, place: auto, /);
  t.equal((await attempt(lab, ['diff', file])).code, 0, 'it says nothing of places');
});

t.test('after a kill everything is where it was', async (t) => {
  const before = await places();
  await killLimevisor(lab);
  await restartLimevisor(lab);
  await untilReady(lab);
  t.strictSame(await places(), before);
  t.ok(await until('h2 answers', 20_000, answers));
});
