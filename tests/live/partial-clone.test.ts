/**
 * A vswitch is cloned in part on real switches under traffic: hosts move one by one, each behind
 * its rules, both bodies process what their own hosts send, and when the last is there the vswitch
 * has migrated; and some come with the body as one migration, or nothing does. Nothing is lost but
 * what a host misses while its interface is at neither switch.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { type Ping, reaches, startPing } from '../../examples/lab/ping.ts';
import {
  addRule,
  attempt,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { triangle } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';

const lab = await startLab(triangle('s1:1', 's1:2', 's1:5'));
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'partial.yaml');
writeFileSync(
  file,
  `control: limevisor.sock
store: ${path.join(lab.dir, 'limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:3 - s3:1, s2:3 - s3:2, s1:4 - s2:4]
drivers: { netns: 'unix:${lab.dir}/db.sock', exec: [/bin/false] }
tenants:
  red:
    vswitches: { v: { dpid: 7, on: s1, listen: 'punix:${lab.dir}/v' } }
    hosts:
      h1: { port: v:1, at: s1:1 }
      h2: { port: v:2, at: s1:2 }
      h3: { port: v:3, at: s1:5 }
`,
);
await startLimevisor(lab, file);
await untilReady(lab);
for (const port of [1, 2, 3]) await addRule(lab, 'v', `in_port=${port},actions=flood`);

/** How many of the tenant's rules a switch holds, and what they have counted. */
async function rulesOn(bridge: string) {
  const text = await lab.ofctl('dump-flows', bridge, 'table=2');
  const counts = [...text.matchAll(/n_packets=([0-9]+)/g)].map(([, count]) => Number(count));
  return { rules: counts.length, packets: counts.reduce((sum, one) => sum + one, 0) };
}

async function limevisor(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await attempt(lab, args);
  if (code !== 0) throw new Error(`limevisor ${args.join(' ')}: ${code} ${stderr}`);
  return stdout;
}

async function mustReach(from: string, to: number): Promise<void> {
  await until(`an answer to ${from}`, 20_000, async () =>
    (await reaches(lab, from, `10.0.0.${to}`)) ? true : undefined,
  );
}

async function mustLoseNone(t: Test, ping: Ping, what: string): Promise<void> {
  const { sent, lost, duplicates } = await ping.stop();
  t.strictSame([lost, duplicates], [0, 0], `${what}: of ${sent}`);
  t.ok(sent > 20, `${sent} pings`);
}

const moves = (host: string, to: string) =>
  limevisor('move', `red/${host}`, '--to', to, '--driver', 'netns');

t.test('hosts move one by one, and the vswitch has moved with the last', async (t) => {
  await mustReach('h2', 3);
  const staying = startPing(lab, 'h2', '10.0.0.3');
  const dry = await limevisor(
    'migrate',
    'red/v',
    '--to',
    's2',
    '--strategy',
    'partial',
    '--dry-run',
  );
  t.match(dry, /red\/v: with s2\n {2}s2 joins, and gets 0 of 3 rules \(3 name ports/);
  const said = await limevisor('migrate', 'red/v', '--to', 's2', '--strategy', 'partial');
  t.match(said, /red\/v has a body on s2 now, with a part of its rules/);
  t.match(said, /write "on: \[s1, s2\], consistency: eventual, partial: \[s2\]"/);
  t.equal((await rulesOn('s2')).rules, 0);
  await moves('h1', 's2:1');
  t.strictSame([(await rulesOn('s1')).rules, (await rulesOn('s2')).rules], [3, 1]);
  await mustReach('h1', 2);
  const between = startPing(lab, 'h1', '10.0.0.2');
  const before = (await rulesOn('s2')).packets;
  await until('packets at s2', 10_000, async () =>
    (await rulesOn('s2')).packets > before + 20 ? true : undefined,
  );
  await mustLoseNone(t, staying, 'between those that stay');
  await mustLoseNone(t, between, 'between the two bodies');
  await moves('h2', 's2:2');
  await moves('h3', 's2:5');
  await mustReach('h1', 3);
  const there = startPing(lab, 'h1', '10.0.0.3');
  await sleep(300);
  await limevisor('migrate', 'red/v', '--from', 's1');
  await mustLoseNone(t, there, 'while the former body leaves');
  t.strictSame([(await rulesOn('s1')).rules, (await rulesOn('s2')).rules], [0, 3]);
  const [vswitch] = (await statusOf(lab)).vswitches;
  t.strictSame([vswitch?.on, vswitch?.bigSwitch], [['s2'], undefined]);
  t.match(
    await limevisor('migrations'),
    /red\/v +with s2 +member +done[\s\S]*without s1 +member +done/,
  );
});

/**
 * An interface goes from one bridge to another in no time: what has come at the near place by then,
 * and is still on its way to the far one, comes there, too. On a busy machine that is a ping or two
 * of the hundreds while a host has both places.
 */
const IN_FLIGHT_MAX = 3;

/** The body and two hosts, each with a driver. */
const together = (...drivers: readonly string[]) => [
  ...['migrate', 'red/v', 'red/h1', 'red/h2', '--to', 's1', '--strategy', 'partial'],
  ...['--to', 'red/h1=s1:1', '--to', 'red/h2=s1:2', '--moves-at-once', '1'],
  ...drivers.flatMap((one) => ['--driver', one]),
];

t.test('a body and its hosts are one: a driver that fails takes both back', async (t) => {
  const { code, stderr } = await attempt(lab, together('netns', 'red/h2=exec'));
  t.equal(code, 5, stderr);
  t.match(stderr, /undone after \d+ ms: red\/h2: \/bin\/false/);
  t.strictSame([(await rulesOn('s1')).rules, (await rulesOn('s2')).rules], [0, 3]);
  t.strictSame((await statusOf(lab)).vswitches[0]?.on, ['s2']);
  await mustReach('h1', 2);
});

t.test('a body and its hosts are one: all of it is there', async (t) => {
  const staying = startPing(lab, 'h3', '10.0.0.1');
  const said = await limevisor(...together('netns'));
  t.match(said, /red\/v has a body on s1, with a part of its rules; red\/h1 at s1:1, red\/h2 at/);
  t.strictSame([(await rulesOn('s1')).rules, (await rulesOn('s2')).rules], [2, 3]);
  await mustReach('h1', 2);
  await mustReach('h3', 1);
  const { sent, duplicates } = await staying.stop();
  t.ok(duplicates <= IN_FLIGHT_MAX, `${duplicates} of ${sent} came twice`);
});
