/**
 * Random files applied to real switches, one after the other (SEED=1 APPLIES=60), some while red's
 * vswitch migrates, some cut short by kill -9. Red is in each file and its hosts ping all the time:
 * where nobody is killed it loses nothing. In the end switches hold as much as after a start with
 * the last file.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  attempt,
  killLimevisor,
  migrate,
  startLimevisor,
  startTestController,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { Random } from '../openflow/random.ts';

const random = new Random(Number(process.env['SEED'] ?? 1));
const applies = Number(process.env['APPLIES'] ?? 60);
const KILLED = 8;
const WITHIN_MSEC = 1_500;
const QUIET_MSEC = 10_000;

const lab = await startLab(square('s1:1', 's3:1'));
t.teardown(() => lab.stop());
await startTestController(lab, 6661);
const file = path.join(lab.dir, 'random.yaml');
const names = ['s1', 's2', 's3', 's4'];

/** One that comes and goes: its second vswitch may be a big switch. */
function tenant(name: string, port: number): string {
  const places = [...new Set([random.pick(names), random.pick(names)])];
  const wish = random.pick(['', ', spread: select', ', via: [s2]']);
  return `
  ${name}:
    controllers: [tcp:127.0.0.1:6999]
    vswitches: { v1: { dpid: 1, on: ${random.pick(names)} }, v2: { dpid: 2, on: [${places}] } }
    hosts:
      h1: { port: v1:1, at: ${random.pick(names)}:${port} }
      h2: { port: v2:1, at: ${random.pick(names)}:${port + 1} }
    links: [{ ends: v1:2 - v2:2${wish} }]`;
}

function write(isFirst: boolean): void {
  const links = ['s1:3 - s2:3', 's2:4 - s3:3', 's1:4 - s4:1', 's4:2 - s3:4'];
  // Any three of a ring join all; a cable in the file is there, and one that is not in it, too.
  const gone = isFirst || random.number(3) > 0 ? -1 : random.number(links.length);
  const cables = links.filter((_, i) => i !== gone);
  const others = ['green', 'gold'].filter(() => !isFirst && random.number(5) > 1);
  fs.writeFileSync(
    file,
    `control: ${lab.dir}/limevisor.sock
store: ${lab.dir}/limevisor.db
listen: ['ptcp:6653:127.0.0.1']
failover: { backups: ${isFirst ? 0 : random.number(2)} }
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [${cables}]
tenants:
  red:
    controllers: [tcp:127.0.0.1:6661]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s3:1 } }
${others.map((name, i) => tenant(name, 20 + 10 * i)).join('')}
`,
  );
}

/** How many entries and groups all switches hold, when nothing is there for a moment only. */
async function held(): Promise<number> {
  await sleep(QUIET_MSEC);
  const all = await Promise.all(
    names.flatMap((name) => [lab.ofctl('dump-flows', name), lab.ofctl('dump-groups', name)]),
  );
  return all.join('\n').match(/cookie=|group_id=/g)?.length ?? 0;
}

async function startAnew(): Promise<void> {
  await startLimevisor(lab, file);
  await untilReady(lab);
}

write(true);
await startLimevisor(lab, file);
await untilReady(lab);
await until('red having its controller', 30_000, async () => {
  const { vswitches } = await statusOf(lab);
  return vswitches[0]?.controllers.every(({ state }) => state === 'up') || undefined;
});
await until('h2 answers', 30_000, async () => (await reaches(lab, 'h1', '10.0.0.2')) || undefined);

/** Refusals that a random file may deserve. */
const fine = /is being migrated, and the file changes|no way|has "spread|via/;
const counts = { applied: 0, refused: 0, killed: 0, migrated: 0 };

for (let run = 1; run <= applies; run++) {
  t.test(`file ${run}`, async (t) => {
    const isKilled = random.number(KILLED) === 0;
    const ping = startPing(lab, 'h1', '10.0.0.2');
    await sleep(100);
    const [on] = (await statusOf(lab)).vswitches.find(({ name }) => name === 'red/v1')?.on ?? [];
    const others = names.filter((name) => name !== on);
    const moves = random.number(3) === 0;
    // Who asked is told nothing when the process is killed.
    const moved = (to: string) => migrate(lab, 'red/v1', to).catch(() => undefined);
    const moving = moves ? moved(random.pick(others)) : undefined;
    if (moving !== undefined) await sleep(random.number(400));
    write(false);
    const applied = attempt(lab, ['apply', file]);
    if (isKilled) {
      await sleep(random.number(WITHIN_MSEC));
      await killLimevisor(lab);
      await applied;
      await moving;
      counts.killed += 1;
      await startAnew();
      // What it began with is right when all is done that was under way.
      await until('nothing being under way', 60_000, async () => {
        const { migrations } = await statusOf(lab);
        const isOver = migrations.every(({ state }) => ['done', 'undone'].includes(state.type));
        return isOver || undefined;
      });
      await ping.stop();
      return;
    }
    const { code, stderr } = await applied;
    if (code === 0) counts.applied += 1;
    else {
      counts.refused += 1;
      t.match(stderr, fine, stderr);
    }
    if (moving !== undefined) counts.migrated += 1;
    await moving;
    const { lost, duplicates, errors } = await ping.stop();
    t.strictSame({ lost, duplicates, errors }, { lost: 0, duplicates: 0, errors: 0 });
  });
}

t.test('switches hold as much as after a start', async (t) => {
  // The last one may have been refused: what runs is to be what the file says.
  const { code, stderr } = await attempt(lab, ['apply', file]);
  t.equal(code, 0, stderr);
  const before = await held();
  await killLimevisor(lab);
  await startAnew();
  // Of equal ways it may use others, which are as long.
  t.equal(await held(), before, 'no entry was left over, and none was missing');
  t.comment(JSON.stringify(counts));
  t.ok(counts.applied > applies / 3, JSON.stringify(counts));
});
