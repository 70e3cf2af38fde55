/**
 * Ten tenants that move by themselves on real switches, COUNT times in all (COUNT=1000), while
 * their hosts ping and their rules change: nothing is lost or doubled, memory stays what it was,
 * and when all are home again the switches hold what they held.
 *
 * `node tests/support/reporter.ts tests/soak/scheduled.soak.ts`; COUNT=50 takes about a minute.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  addRule,
  attempt,
  migrate,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square, tenantHost } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MtdReport } from '../../hypervisor/operator/mtd-report.ts';

const count = Number(process.env['COUNT'] ?? 1_000);
const TENANTS = 10;
const PING_MSEC = 50;
const CHURN_MSEC = 500;
const QUIET_MSEC = 10_000;
/** A move takes seconds on a busy machine. */
const MOVE_MSEC = 20_000;
/** Of what it was when the first tenth had moved. */
const GROWTH_MAX = 1.3;

const names = Array.from({ length: TENANTS }, (_, i) => `t${i}`);
const switches = ['s1', 's2', 's3', 's4'];
const home = (i: number): string => switches[i % switches.length] ?? '';
const far = (i: number): string => switches[(i + 2) % switches.length] ?? '';
const port = (i: number): number => 10 + i;

const hosts = names.flatMap((name, i) => [
  tenantHost(name, 1, `${home(i)}:${port(i)}`),
  tenantHost(name, 2, `${far(i)}:${port(i)}`),
]);
const lab = await startLab({ ...square(), hosts });
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'scheduled.yaml');

function write(isScheduled: boolean): void {
  const schedules = names.map((name) => {
    return `  ${name}: { move: ${name}, every: 1s, jitter: 2s, not-last: 1 }`;
  });
  const tenants = names.map(
    (name, i) => `  ${name}:
    vswitches: { v: { dpid: 1, on: ${home(i)}, listen: ['punix:${lab.dir}/${name}'] } }
    hosts:
      h1: { port: v:1, at: ${home(i)}:${port(i)} }
      h2: { port: v:2, at: ${far(i)}:${port(i)} }`,
  );
  fs.writeFileSync(
    file,
    `control: limevisor.sock
store: limevisor.db
listen: [ptcp:6653]
migrations: { keep: 20000 }
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [s1:3 - s2:3, s2:4 - s3:3, s1:4 - s4:1, s4:2 - s3:4]
${isScheduled ? `schedules:\n${schedules.join('\n')}` : ''}
tenants:
${tenants.join('\n')}
`,
  );
}

/** How many entries and groups all switches hold, when nothing is there for a moment only. */
async function held(): Promise<number> {
  await sleep(QUIET_MSEC);
  const all = await Promise.all(
    switches.flatMap((name) => [lab.ofctl('dump-flows', name), lab.ofctl('dump-groups', name)]),
  );
  return all.join('\n').match(/cookie=|group_id=/g)?.length ?? 0;
}

function memoryBytes(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

function movesOf(of: Lab): Promise<MtdReport> {
  const params = { tenant: names, windowMs: 86_400_000 };
  return ask<MtdReport>(path.join(of.dir, 'limevisor.sock'), 'mtd', params);
}

async function untilMoved(least: number): Promise<void> {
  const before = (await movesOf(lab)).moves;
  const missing = Math.max(1, least - before);
  await until(`${least} moves`, missing * MOVE_MSEC, async () => {
    return (await movesOf(lab)).moves >= least ? true : undefined;
  });
}

/** A rule that matters to nobody comes and goes at each vswitch in turn. */
async function churn(isOver: () => boolean): Promise<number> {
  let changes = 0;
  while (!isOver()) {
    const name = names[changes % TENANTS] ?? '';
    const vlan = 1 + (changes % 7);
    await addRule(lab, name, `table=0,priority=9,udp,tp_dst=${1_000 + vlan},actions=drop`);
    changes += 1;
    await sleep(CHURN_MSEC);
  }
  return changes;
}

t.test(`${count} scheduled moves of ${TENANTS} tenants`, async (t) => {
  write(false);
  const running = await startLimevisor(lab, file);
  const pid = running.child.pid ?? 0;
  await untilReady(lab);
  for (const name of names) {
    await addRule(lab, name);
    await until(`an answer to ${name}-h1`, 20_000, async () =>
      (await reaches(lab, `${name}-h1`, '10.0.0.2')) ? true : undefined,
    );
  }
  const before = await held();
  write(true);
  t.equal((await attempt(lab, ['apply', file])).code, 0);
  const pings = names.map((name) => startPing(lab, `${name}-h1`, '10.0.0.2', PING_MSEC));
  let isOver = false;
  const churning = churn(() => isOver);
  await untilMoved(Math.ceil(count / 10));
  const early = memoryBytes(pid);
  await untilMoved(count);
  const late = memoryBytes(pid);
  const report = await movesOf(lab);
  isOver = true;
  const changes = await churning;
  const ended = await Promise.all(pings.map((ping) => ping.stop()));
  write(false);
  t.equal((await attempt(lab, ['apply', file])).code, 0);
  for (const [i, { lost, duplicates, sent }] of ended.entries()) {
    t.equal(lost, 0, `${names[i]}: ${lost} of ${sent} lost`);
    t.equal(duplicates, 0, `${names[i]}: doubled`);
  }
  t.equal(report.undone, 0, 'none is taken back');
  t.ok(late < early * GROWTH_MAX, `${early} bytes of memory became ${late}`);
  t.comment(`${report.moves} moves, ${changes} changes of rules, ${late} bytes of memory`);
  await until('nothing moving', 30_000, async () => {
    const { migrations } = await statusOf(lab);
    const open = migrations.filter(({ state }) => !['done', 'undone'].includes(state.type));
    return open.length === 0 ? true : undefined;
  });
  for (const [i, name] of names.entries()) {
    const { vswitches } = await statusOf(lab);
    const on = vswitches.find((one) => one.name === `${name}/v`)?.on[0];
    if (on !== home(i)) t.equal(await migrate(lab, `${name}/v`, home(i)), 'done');
    const delFlows = ['ovs-ofctl', '-O', 'OpenFlow13', 'del-flows'];
    await lab.inside.run([...delFlows, path.join(lab.dir, name), 'udp']);
  }
  t.equal(await held(), before, 'what the switches hold');
});
