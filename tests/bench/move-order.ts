/**
 * In which order an ensemble crosses a slow link (`make bench`): by what flows, by name, by chance.
 *
 * A tenant of two vswitches and six hosts moves from one site to the other (examples/cloud-move/),
 * one after the other, while some of its hosts send each other streams; the slow cable between the
 * sites says what crossed meanwhile.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { carriedByWan, sitesHosts, startSites } from '../../examples/cloud-move/sites.ts';
import type { Lab } from '../../examples/lab/lab.ts';
import { limevisorJson } from '../../examples/lab/programs.ts';
import { startSender } from '../../examples/lab/streams.ts';
import { sleep } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';
import { table } from '../../hypervisor/operator/report-text.ts';
import { Random } from '../openflow/random.ts';

const HOSTS = 6;
const WAN = { delayMs: 5, mbit: 100 };
/** From, to, frames in a second: most of it between two pairs. */
const STREAMS = [
  ['h1', 'h6', 500],
  ['h6', 'h1', 500],
  ['h3', 'h4', 250],
  ['h2', 'h3', 20],
] as const;
const SETTLE_MS = 500;
const SAMPLE_MS = 250;

interface Crossed {
  readonly order: string;
  readonly bytes: number;
  /** Bytes a second. */
  readonly peak: number;
  readonly tookMs: number;
}

const names = ['red/v1', 'red/v2', ...sitesHosts(HOSTS).map(({ name }) => `red/${name}`)];

function fileText(): string {
  const hosts = sitesHosts(HOSTS).map(({ name, at, vport }) => {
    return `      ${name}: { port: ${at.startsWith('s1') ? 'v1' : 'v2'}:${vport}, at: ${at} }`;
  });
  return `control: here
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
zones: { here: [s1, s2], there: [s3, s4] }
links: [s1:9 - s2:9, s2:20 - s3:20, s3:9 - s4:9]
drivers: { netns: unix:DIR/db.sock, limit: 30s }
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: ['punix:DIR/v1'] }
      v2: { dpid: 2, on: s2, listen: ['punix:DIR/v2'] }
    hosts:
${hosts.join('\n')}
    links: [v1:9 - v2:9]
`;
}

/** Where hosts and vswitches were at first. */
function home(): readonly string[] {
  const hosts = sitesHosts(HOSTS).map(({ name, at }) => `red/${name}=${at}`);
  return ['red/v1=s1', 'red/v2=s2', ...hosts].flatMap((one) => ['--to', one]);
}

async function migrate(lab: Lab, ...args: readonly string[]): Promise<MigrateResult> {
  const result = await limevisorJson<MigrateResult>(lab, 'migrate', ...args, '--no-watch');
  const { state } = result.ensemble ?? {};
  if (state?.type !== 'done') throw new Error(`it ended as ${JSON.stringify(state)}`);
  return result;
}

/** There, in this order, and back at once. */
async function crossing(
  lab: Lab,
  order: string,
  args: readonly string[],
  named: readonly string[] = names,
): Promise<Crossed> {
  await sleep(SETTLE_MS);
  const begun = await carriedByWan(lab);
  let [last, peak, isOver] = [begun, 0, false];
  const watching = (async () => {
    while (!isOver) {
      const fromMs = Date.now();
      await sleep(SAMPLE_MS);
      const now = await carriedByWan(lab);
      peak = Math.max(peak, ((now - last) * 1000) / (Date.now() - fromMs));
      last = now;
    }
  })();
  const how = ['--driver', 'netns', '--moves-at-once', '1', ...args];
  const { ensemble } = await migrate(lab, ...named, '--to', 'there', ...how);
  const bytes = (await carriedByWan(lab)) - begun;
  isOver = true;
  await watching;
  const tookMs = (ensemble?.stateSinceMs ?? 0) - (ensemble?.startedMs ?? 0);
  await migrate(lab, ...names, ...home(), '--driver', 'netns', '--in-order');
  return { order, bytes, peak, tookMs };
}

function shuffled(random: Random): readonly string[] {
  return names
    .map((name) => [random.number(1_000_000), name] as const)
    .sort(([one], [other]) => one - other)
    .map(([, name]) => name);
}

export async function run(): Promise<readonly Crossed[]> {
  const file = path.join(os.tmpdir(), `move-order-${process.pid}.yaml`);
  writeFileSync(file, fileText());
  const lab = await startSites(file, HOSTS, WAN);
  try {
    const macs = new Map(sitesHosts(HOSTS).map(({ name, mac }) => [name, mac]));
    const senders = STREAMS.map(([from, to, perSec], i) => {
      return startSender(lab, from, macs.get(to) ?? '', 1_000 / perSec, [`10.9.0.${i + 1}`]);
    });
    const random = new Random(Number(process.env['SEED'] ?? 1));
    const all: Crossed[] = [await crossing(lab, 'by what flows', [])];
    all.push(await crossing(lab, 'by name', ['--in-order']));
    all.push(await crossing(lab, 'by chance', ['--in-order'], shuffled(random)));
    for (const one of senders) await one.stop();
    return all;
  } finally {
    await lab.stop();
  }
}

if (process.argv[1] === import.meta.filename) {
  console.log('An ensemble of 2 vswitches and 6 hosts crosses a slow link, one after the other:');
  const rows = (await run()).map(({ order, bytes, peak, tookMs }) => [
    order,
    `${(bytes / 1000).toFixed(0)} kB`,
    `${((peak * 8) / 1000).toFixed(0)} kbit/s`,
    `${(tookMs / 1000).toFixed(1)} s`,
  ]);
  console.log(table([['order', 'crossed', 'at most', 'took'], ...rows]));
}
