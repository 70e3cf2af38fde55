/**
 * How long a tenant waits for a change of a rule, and how many it can make: with one body, while
 * the vswitch has two (a datapath between them takes its time), while it migrates all the time, and
 * on a big switch. `node tests/bench/rule-changes.ts` prints, in milliseconds and a second
 * (docs/BENCHMARKS.md):
 *
 *   p50, p99, most   from a flow-mod to the answer of the barrier behind it, one at a time
 *   rate             of these
 *   rate of 100      flow-mods with a barrier behind each, 100 of them on their way
 *   add-flows        1,000 rules by ovs-ofctl, a barrier behind each, in seconds
 *
 * Below each, the times of changes that come at a rate of their own, answered or not.
 *
 * The first row is of a bridge of the same Open vSwitch, to which the controller speaks directly.
 * `background`: one body, and a store that is synced in the background.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { migrate, startLimevisor, statusOf, untilReady } from '../../examples/lab/programs.ts';
import { sleep } from '../../examples/lab/wait.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { version } from '../../openflow/values/constants.ts';
import type { StoreSync } from '../../slices/config/values.ts';
import { TestController } from '../live/mirror/controller.ts';
import { bytesOf, output, rule } from '../live/mirror/conversation.ts';

const SECONDS = Number(process.env['SECONDS'] ?? 3);
const OUTSTANDING = 100;
const RATES = [10, 100, 1_000];

/** How long the datapath in the middle takes, and where the vswitch is and goes. */
interface Kind {
  readonly name: string;
  /** Without a Limevisor between. */
  readonly isBridge?: boolean;
  readonly sync?: StoreSync;
  readonly middle: string;
  readonly on: string;
  readonly migrates: boolean;
}
const kinds: readonly Kind[] = [
  { name: 'a bridge', isBridge: true, middle: 'automatic', on: 's1', migrates: false },
  { name: 'one body', middle: 'automatic', on: 's1', migrates: false },
  { name: 'background', middle: 'automatic', on: 's1', migrates: false, sync: 'background' },
  { name: 'cloned', middle: 'settle 1500ms', on: 's1', migrates: true },
  { name: 'migrating', middle: 'automatic', on: 's1', migrates: true },
  { name: 'big switch', middle: 'automatic', on: '[s1, s2, s3]', migrates: false },
];

const at = (lab: Lab, name: string): string => path.join(lab.dir, name);

function fileText(lab: Lab, { middle, on, sync = 'always' }: Kind): string {
  return `control: limevisor.sock
store: { path: limevisor.db, sync: ${sync} }
listen: [ptcp:6653:127.0.0.1]
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2, ack: ${middle} }, s3: { dpid: 3 } }
links: [s1:9 - s2:8, s2:9 - s3:8]
tenants:
  red:
    controllers: ['unix:${at(lab, 'red')}']
    vswitches: { v: { dpid: 1, on: ${on}, listen: ['punix:${at(lab, 'guests')}'] } }
    hosts: { h1: { port: v:1, at: s1:1 }, h3: { port: v:3, at: s3:1 } }
`;
}

/** A rule of its own for each change, as a learning switch makes. */
function change(n: number): Uint8Array {
  const hex = (n % 4_000).toString(16).padStart(4, '0');
  const match = matchOf(oxm('eth_dst', `02:00:00:00:${hex.slice(0, 2)}:${hex.slice(2)}`));
  return bytesOf(rule(match, [output(3)], { priority: 9 }));
}

/** Until it is over, so many at a time; how long each took, in milliseconds. */
async function churn(
  controller: TestController,
  isOver: () => boolean,
  outstanding: number,
): Promise<readonly number[]> {
  const tookMs: number[] = [];
  let n = 0;
  const one = async (): Promise<void> => {
    while (!isOver()) {
      const startedMs = performance.now();
      controller.send(change(n));
      n += 1;
      await controller.barrier();
      tookMs.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: outstanding }, one));
  return tookMs;
}

/** The same at so many a second, whether the ones before are answered or not. */
async function paced(
  controller: TestController,
  isOver: () => boolean,
  perSecond: number,
): Promise<readonly number[]> {
  const tookMs: number[] = [];
  const under: Promise<void>[] = [];
  const beganMs = performance.now();
  for (let n = 0; !isOver(); n += 1) {
    const dueMs = beganMs + (n * 1_000) / perSecond;
    const startedMs = performance.now();
    if (dueMs > startedMs + 1) await sleep(dueMs - startedMs);
    const sentMs = performance.now();
    controller.send(change(n));
    under.push(controller.barrier().then(() => void tookMs.push(performance.now() - sentMs)));
  }
  await Promise.all(under);
  return tookMs;
}

/** Migrates there and back until it is told to stop; how long each took. */
async function migrating(lab: Lab, isOver: () => boolean): Promise<readonly number[]> {
  const tookMs: number[] = [];
  while (!isOver()) {
    const startedMs = performance.now();
    const { vswitches } = await statusOf(lab);
    const to = vswitches[0]?.on.includes('s1') === true ? 's3' : 's1';
    const ended = await migrate(lab, 'red/v', to);
    if (ended !== 'done') throw new Error(`the migration to ${to} ended ${ended}`);
    tookMs.push(performance.now() - startedMs);
  }
  return tookMs;
}

type Load = (isOver: () => boolean) => Promise<readonly number[]>;

async function measured(lab: Lab, kind: Kind, load: Load) {
  const endMs = performance.now() + SECONDS * 1_000;
  const isOver = (): boolean => performance.now() >= endMs;
  // The last migration is seen to its end.
  let isMoving = kind.migrates;
  const moves = kind.migrates ? migrating(lab, isOver) : Promise.resolve([]);
  void moves.finally(() => {
    isMoving = false;
  });
  const startedMs = performance.now();
  const tookMs = await load(() => isOver() && !isMoving);
  const seconds = (performance.now() - startedMs) / 1_000;
  return {
    tookMs: tookMs.toSorted((a, b) => a - b),
    rate: tookMs.length / seconds,
    moves: await moves,
  };
}

const ADDED = 1_000;

/** How many seconds ovs-ofctl takes, which waits for each rule's barrier. */
async function addFlows(lab: Lab, { isBridge }: Kind): Promise<number> {
  const lines = Array.from(
    { length: ADDED },
    (_, i) => `priority=8,tcp,tp_dst=${i},actions=output:3`,
  );
  fs.writeFileSync(at(lab, 'rules'), `${lines.join('\n')}\n`);
  const to = at(lab, isBridge === true ? 's1.mgmt' : 'guests');
  const startedMs = performance.now();
  await lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', 'add-flows', to, at(lab, 'rules')]);
  return (performance.now() - startedMs) / 1_000;
}

const row = (...cells: readonly string[]): void =>
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(12) : cell.padStart(12))).join(' '));

function percentiles(tookMs: readonly number[]): readonly string[] {
  return [0.5, 0.99, 1].map((part) =>
    (tookMs[Math.floor((tookMs.length - 1) * part)] ?? Number.NaN).toFixed(1),
  );
}

async function measure(kind: Kind): Promise<void> {
  const lab = await startLab({
    switches: ['s1', 's2', 's3'],
    links: [
      ['s1:9', 's2:8'],
      ['s2:9', 's3:8'],
    ],
    hosts: [1, 3].map((number) => ({
      ...{ name: `h${number}`, at: `s${number}:1` },
      ...{ ip: `10.0.0.${number}/24`, mac: `02:00:00:00:00:0${number}` },
    })),
    controller: 'tcp:127.0.0.1:6653',
  });
  const controller = new TestController(at(lab, 'red'), version.of13);
  try {
    await controller.listening();
    if (kind.isBridge === true) await lab.vsctl('set-controller', 's1', `unix:${at(lab, 'red')}`);
    else {
      fs.writeFileSync(at(lab, 'rules.yaml'), fileText(lab, kind));
      await startLimevisor(lab, at(lab, 'rules.yaml'));
      await untilReady(lab);
    }
    await controller.up();
    await sleep(500);
    const churned = (outstanding: number) =>
      measured(lab, kind, (isOver) => churn(controller, isOver, outstanding));
    const single = await churned(1);
    const many = await churned(OUTSTANDING);
    const added = await addFlows(lab, kind);
    const moves = single.moves.map((ms) => Math.round(ms)).join(' ');
    const rates = [single.rate, many.rate].map((rate) => rate.toFixed(0));
    row(kind.name, ...percentiles(single.tookMs), ...rates, added.toFixed(2), moves);
    for (const perSecond of RATES) {
      const { tookMs, rate } = await measured(lab, kind, (isOver) =>
        paced(controller, isOver, perSecond),
      );
      row(`  ${perSecond} a s`, ...percentiles(tookMs), rate.toFixed(0));
    }
  } finally {
    controller.close();
    await lab.stop();
  }
}

row('', 'p50, ms', 'p99, ms', 'most, ms', 'rate', 'rate of 100', 'add-flows, s', 'moves, ms');
for (const kind of kinds) {
  if ((process.env['KINDS'] ?? kind.name).split(',').includes(kind.name)) await measure(kind);
}
