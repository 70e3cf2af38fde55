/**
 * A big switch's member leaves a datapath that is drained or evacuated with everything, on real
 * switches: another takes its place, its hosts' frames are carried there, and nothing is lost.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  addRule,
  attempt,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { until } from '../../examples/lab/wait.ts';

const lab = await startLab(square('s1:1', 's2:1', 's3:1'));
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'members.yaml');
fs.writeFileSync(
  file,
  `control: limevisor.sock
store: ${path.join(lab.dir, 'limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [s1:3 - s2:3, s2:4 - s3:3, s1:4 - s4:1, s4:2 - s3:4]
tenants:
  red:
    vswitches:
      hot:
        { dpid: 7, on: [s1, s2, s3], consistency: eventual, listen: 'punix:${lab.dir}/hot' }
    hosts:
      h1: { port: hot:1, at: s1:1 }
      h2: { port: hot:2, at: s2:1 }
      h3: { port: hot:3, at: s3:1 }
`,
);

const members = async (): Promise<string> =>
  [...((await statusOf(lab)).vswitches[0]?.on ?? [])].sort().join(' ');

t.test('drained, brought back, evacuated, while all hosts talk', async (t) => {
  await startLimevisor(lab, file);
  await untilReady(lab);
  await addRule(lab, 'hot');
  const pairs = [
    ['h1', 2],
    ['h2', 3],
    ['h3', 1],
  ] as const;
  for (const [host, last] of pairs) {
    await until(`an answer to ${host}`, 20_000, async () =>
      (await reaches(lab, host, `10.0.0.${last}`)) ? true : undefined,
    );
  }
  const pings = pairs.map(([host, last]) => startPing(lab, host, `10.0.0.${last}`));
  const drained = await attempt(lab, ['drain', 's2', '--everything', '--no-watch']);
  t.equal(drained.code, 0, drained.stderr);
  t.match(drained.stdout, /\nred\/hot has the member s4 in place of s2\n/);
  t.equal(await members(), 's1 s3 s4');
  t.notMatch(await lab.ofctl('dump-flows', 's2', 'table=2'), /actions/, 's2 holds nothing of it');
  const back = await attempt(lab, ['undrain', 's2', '--everything']);
  t.equal(back.code, 0, back.stderr);
  t.equal(await members(), 's1 s2 s3');
  const gone = await attempt(lab, ['evacuate', 's1', '--within', '30s']);
  t.equal(gone.code, 0, gone.stderr);
  t.match(gone.stdout, /\nred\/hot +0 +s4 +away after /);
  t.equal(await members(), 's2 s3 s4');
  const ended = await Promise.all(pings.map((ping) => ping.stop()));
  for (const [i, { lost, duplicates, sent }] of ended.entries()) {
    t.equal(lost + duplicates, 0, `${pairs[i]?.[0]}: ${lost} of ${sent} lost, ${duplicates} twice`);
  }
});
