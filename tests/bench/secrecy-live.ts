/**
 * What moving by itself is worth and costs on real switches: the same time without moves, with
 * moves by freeze-and-copy, and by LIME, one after the other, under pings and a TCP connection.
 *
 * `node tests/bench/secrecy-live.ts`: an hour of a schedule that moves every five minutes, made
 * short: its twelve moves, a few seconds apart (MOVES). secrecy.ts has a week of it, in memory.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  addRule,
  migrateBy,
  socketOf,
  startLimevisor,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square, tenantHost } from '../../examples/lab/topologies.ts';
import { isSound, startTransfer, tcpCountsOf } from '../../examples/lab/transfer.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MtdReport } from '../../hypervisor/operator/mtd-report.ts';
import { table } from '../../hypervisor/operator/report-text.ts';
import { type Strategy, strategies } from '../../translation/migration/migration.ts';
import { Random } from '../openflow/random.ts';

/** Each begins so long after the one before it, plus what it takes longer. */
const STEP_MS = 3_000;
const JITTER_MS = 1_000;
const RULES = 50;
const KBYTES_SEC = 40;
const DAY_MS = 86_400_000;
const switches = ['s1', 's2', 's3', 's4'];

const file = `control: here
store: DIR/limevisor.db
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [s1:3 - s2:3, s2:4 - s3:3, s1:4 - s4:1, s4:2 - s3:4]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1, listen: ['punix:DIR/red'] } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s3:1 } }
  blue:
    vswitches: { v1: { dpid: 1, on: s1, listen: ['punix:DIR/blue'] } }
    hosts: { h1: { port: v1:1, at: s2:1 }, h2: { port: v1:2, at: s4:3 } }
`;

const hosts = [
  tenantHost('red', 1, 's1:1'),
  tenantHost('red', 2, 's3:1'),
  tenantHost('blue', 1, 's2:1'),
  tenantHost('blue', 2, 's4:3'),
];

/** Of one run. */
export interface Lived {
  readonly strategy: Strategy | undefined;
  readonly report: MtdReport;
  readonly sent: number;
  readonly lost: number;
  readonly doubled: number;
  /** Of the tenant that stands still. */
  readonly othersLost: number;
  /** That red's hosts have sent or got, as their kernels count them; and what TCP sent again. */
  readonly resets: number;
  readonly again: number;
  /** Whether the connection lived, and all of it came, in its order. */
  readonly isSound: boolean;
}

/** Each time in a network of its own. */
export async function livedWith(strategy: Strategy | undefined, moves: number): Promise<Lived> {
  const lab = await startLab({ ...square(), hosts });
  try {
    await serve(lab);
    const before = await tcpCountsOf(lab, ['red-h1', 'red-h2']);
    const pings = ['red', 'blue'].map((tenant) => startPing(lab, `${tenant}-h1`, '10.0.0.2'));
    const to = { host: 'red-h2', ip: '10.0.0.2' };
    const transferred = await startTransfer(lab, 'red-h1', to, KBYTES_SEC);
    await live(lab, strategy, moves);
    const report = await ask<MtdReport>(socketOf(lab), 'mtd', {
      tenant: ['red'],
      windowMs: DAY_MS,
    });
    const whole = await transferred();
    const [red, blue] = await Promise.all(pings.map((ping) => ping.stop()));
    const after = await tcpCountsOf(lab, ['red-h1', 'red-h2']);
    return {
      ...{ strategy, report, isSound: isSound(whole) },
      sent: red?.sent ?? 0,
      lost: red?.lost ?? Number.NaN,
      doubled: red?.duplicates ?? Number.NaN,
      othersLost: (blue?.lost ?? Number.NaN) + (blue?.duplicates ?? Number.NaN),
      resets: after.resets - before.resets,
      again: after.again - before.again,
    };
  } finally {
    await lab.stop();
  }
}

async function serve(lab: Lab): Promise<void> {
  const own = path.join(lab.dir, 'first.yaml');
  fs.writeFileSync(own, file);
  await startLimevisor(lab, own);
  await untilReady(lab);
  const rules = Array.from({ length: RULES }, (_, i) => {
    return `priority=${i + 10},udp,tp_dst=${i + 1},actions=drop`;
  });
  fs.writeFileSync(path.join(lab.dir, 'rules'), rules.join('\n'));
  for (const tenant of ['red', 'blue']) {
    await addRule(lab, tenant);
    await until(`an answer to ${tenant}-h1`, 20_000, async () =>
      (await reaches(lab, `${tenant}-h1`, '10.0.0.2')) ? true : undefined,
    );
    const at = path.join(lab.dir, tenant);
    const add = ['ovs-ofctl', '-O', 'OpenFlow13', 'add-flows', at, path.join(lab.dir, 'rules')];
    await lab.inside.run(add);
  }
}

/** At moments and to places by chance, which are the same for each strategy. */
async function live(lab: Lab, strategy: Strategy | undefined, moves: number): Promise<void> {
  const random = new Random(14);
  let on = 's1';
  for (let i = 0; i < moves; i += 1) {
    const begunMs = Date.now();
    await sleep(random.number(JITTER_MS));
    on = random.pick(switches.filter((one) => one !== on));
    if (strategy !== undefined) {
      const state = await migrateBy(lab, 'red/v1', on, strategy);
      if (state !== 'done') throw new Error(`move ${i + 1} of red/v1 to ${on} is ${state}`);
    }
    await sleep(Math.max(0, begunMs + STEP_MS - Date.now()));
  }
}

const share = (part: number, of: number): string => `${((100 * part) / of).toFixed(0)} %`;

function rowOf({ strategy, report, ...lived }: Lived): readonly string[] {
  const { moves, nowMs, sinceMs, together, messages, peak, vswitches } = report;
  const [own] = vswitches;
  const longestMs = Math.max(0, ...together.map((one) => one.longestMs));
  const totalMs = together.reduce((sum, one) => sum + one.totalMs, 0);
  const guesses = Object.values(own?.guesses ?? {}).map(({ hits, tried }) => `${hits}/${tried}`);
  const { sent, lost, doubled, othersLost, resets, again } = lived;
  return [
    strategy ?? 'none',
    `${moves}`,
    `${((moves * 3_600_000) / (nowMs - sinceMs)).toFixed(0)}`,
    `${(longestMs / 1_000).toFixed(1)} s, ${share(totalMs, nowMs - sinceMs)}`,
    `${(own?.entropy ?? 0).toFixed(2)} of ${(own?.entropyMax ?? 0).toFixed(0)}`,
    moves === 0 ? '-' : guesses.join(' '),
    moves === 0 ? '-' : (messages / moves).toFixed(0),
    `${lost} of ${sent}, ${doubled}`,
    `${othersLost}`,
    `${resets}, ${again}${lived.isSound ? '' : ', broken'}`,
    peak === undefined ? '-' : `${peak.entries}`,
  ];
}

export function livedText(all: readonly Lived[]): string {
  const heading = [
    ...['MOVES BY', 'MOVES', 'AN HOUR', 'TOGETHER: LONGEST, OF ALL', 'ENTROPY'],
    ...['GUESSED: LAST FREQUENT MARKOV', 'MESSAGES A MOVE', 'LOST, DOUBLED', "OTHERS' LOST"],
    ...['RESETS, SENT AGAIN', 'MOST ENTRIES'],
  ];
  return table([heading, ...all.map(rowOf)]);
}

if (process.argv[1] === import.meta.filename) {
  const moves = Number(process.env['MOVES'] ?? 12);
  const all: Lived[] = [];
  for (const strategy of [undefined, ...strategies.toReversed()]) {
    all.push(await livedWith(strategy, moves));
  }
  console.log(`red/v1 among four switches, blue/v1 on s1; ${moves} moves, each for five minutes:`);
  console.log(livedText(all));
}
