/**
 * Ten tenants that move by themselves on real switches, COUNT times in all (COUNT=1000), while
 * their hosts ping and their rules change: nothing is lost or doubled, memory stays what it was,
 * and when all are home again the switches hold what they held.
 *
 * `node tests/support/reporter.ts tests/soak/scheduled.soak.ts`; COUNT=50 takes about a minute.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { type PingResult, reaches, startPing } from '../../examples/lab/ping.ts';
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
type Moved = Awaited<ReturnType<typeof statusOf>>['migrations'];

/** What is asked for as often meets the heap soon after a collection, too. */
const HEAP_MSEC = 1_000;
/** What is left after collections, late against early. */
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

/** The heap that limevisor itself uses, what nobody has collected yet included. */
async function heapBytes(): Promise<number> {
  const options = { socketPath: path.join(lab.dir, 'limevisor.sock'), path: '/metrics' };
  const [response] = await once(http.get({ ...options, agent: false }), 'response');
  const bytes = Number(/^nodejs_heap_size_used_bytes (\d+)/m.exec(await text(response))?.[1]);
  if (!(bytes > 0)) throw new Error('limevisor does not say how large its heap is');
  return bytes;
}

/**
 * The least that the heap is until so many have moved. The process is no measure: V8 keeps what it
 * has collected, and collects seldom where there is room.
 */
async function leastHeapUntil(moved: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      least = Math.min(least, await heapBytes());
      await sleep(HEAP_MSEC);
    }
  })();
  await untilMoved(moved);
  isOver = true;
  await looking;
  return least;
}

/** In which phase its moves were when packets were lost. */
function whenLost(tenant: string, { lostSeqs }: PingResult, startedMs: number, all: Moved): string {
  const own = all.filter(({ vswitch }) => vswitch.startsWith(`${tenant}/`));
  return lostSeqs
    .map((seq) => {
      const atMs = startedMs + seq * PING_MSEC;
      const isIn = (one: { startedMs: number; endedMs: number }): boolean =>
        one.startedMs <= atMs && atMs < one.endedMs;
      const phases = own.flatMap((one) => one.phases.filter(isIn).map(({ name }) => name));
      const last = own.filter(({ stateSinceMs }) => stateSinceMs <= atMs).at(-1);
      const rest = last === undefined ? 'before any' : `${atMs - last.stateSinceMs} ms after one`;
      return `${seq}: ${phases.join() || rest}`;
    })
    .join('; ');
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
  await startLimevisor(lab, file);
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
  const pingedMs = Date.now();
  const pings = names.map((name) => startPing(lab, `${name}-h1`, '10.0.0.2', PING_MSEC));
  let isOver = false;
  const churning = churn(() => isOver);
  await untilMoved(Math.ceil(count / 10));
  const early = await leastHeapUntil(Math.ceil(count / 2));
  const late = await leastHeapUntil(count);
  const report = await movesOf(lab);
  isOver = true;
  const changes = await churning;
  const ended = await Promise.all(pings.map((ping) => ping.stop()));
  write(false);
  t.equal((await attempt(lab, ['apply', file])).code, 0);
  const moved = (await statusOf(lab)).migrations;
  for (const [i, one] of ended.entries()) {
    const { lost, duplicates, sent } = one;
    const name = names[i] ?? '';
    if (lost > 0) t.comment(`${name}: ${whenLost(name, one, pingedMs, moved)}`);
    t.equal(lost, 0, `${name}: ${lost} of ${sent} lost`);
    t.equal(duplicates, 0, `${name}: doubled`);
  }
  t.equal(report.undone, 0, 'none is taken back');
  t.ok(late < early * GROWTH_MAX, `a heap of ${early} bytes became ${late}`);
  t.comment(`${report.moves} moves, ${changes} changes of rules, a heap of ${late} bytes`);
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
