/**
 * `make moving-target`: one of two tenants moves by itself while the hosts of both ping, and two of
 * its own keep a TCP connection. Prints what is known of where it was, how well simple adversaries
 * would have guessed, and what the other tenant could tell by its own round trips (observer.ts);
 * ends with 0 if nothing is lost, nothing comes twice, and no connection is reset.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { MtdReport } from '../../hypervisor/operator/mtd-report.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { type PingResult, type RttMs, reaches, startPing } from '../lab/ping.ts';
import {
  addRule,
  attempt,
  limevisorJson,
  root,
  startLimevisor,
  statusOf,
  untilReady,
} from '../lab/programs.ts';
import { square, tenantHost } from '../lab/topologies.ts';
import { isSound, startTransfer, type TcpCounts, tcpCountsOf } from '../lab/transfer.ts';
import { until } from '../lab/wait.ts';
import { gapsIn, type Observed, observedBy, observedText } from './observer.ts';

const MOVES = 12;
const RED = ['red-h1', 'red-h2'] as const;
const KBYTES_SEC = 40;
const LONGEST_MS = 180_000;
/** How long behind a move it is looked whether round trips take longer. */
const AFTER_MS = 1_000;
const hosts = [
  tenantHost('red', 1, 's1:1'),
  tenantHost('red', 2, 's3:1'),
  tenantHost('blue', 1, 's2:1'),
  tenantHost('blue', 2, 's4:3'),
];

export interface Seen {
  readonly report: MtdReport;
  readonly text: string;
  readonly html: string;
  readonly csv: string;
  readonly schedules: string;
  readonly pings: Readonly<Record<string, PingResult>>;
  /** Of red's probes: while its vswitches moved, in the second after that, and otherwise. */
  readonly rtt: Readonly<Record<'during' | 'after' | 'otherwise', RttMs | undefined>>;
  /** What blue could tell of when red was on its switch. */
  readonly observed: Observed;
  /** Of red's connection. */
  readonly tcp: TcpCounts & { readonly isSound: boolean; readonly bytes: number };
}

/** Until red has moved so often. */
export async function run(moves: number): Promise<Seen> {
  const lab = await startLab({ ...square(), hosts });
  try {
    await serve(lab);
    const before = await tcpCountsOf(lab, RED);
    const to = { host: 'red-h2', ip: '10.0.0.2' };
    const transferred = await startTransfer(lab, 'red-h1', to, KBYTES_SEC);
    const started = ['red', 'blue'].map(
      (tenant) => [tenant, startPing(lab, `${tenant}-h1`, '10.0.0.2')] as const,
    );
    await until(`${moves} moves`, LONGEST_MS, async () => {
      const { moves: done } = await limevisorJson<MtdReport>(lab, 'mtd', 'report');
      return done >= moves ? true : undefined;
    });
    const whole = await transferred();
    const after = await tcpCountsOf(lab, RED);
    const report = await limevisorJson<MtdReport>(lab, 'mtd', 'report');
    const [text, html, csv, schedules] = await Promise.all(
      [
        ['mtd', 'report'],
        ['mtd', 'report', '--html'],
        ['mtd', 'report', '--csv'],
        ['schedules'],
      ].map(async (args) => (await attempt(lab, args)).stdout),
    );
    const ended = await Promise.all(
      started.map(async ([tenant, ping]) => [tenant, await ping.stop()] as const),
    );
    const texts = {
      text: text ?? '',
      html: html ?? '',
      csv: csv ?? '',
      schedules: schedules ?? '',
    };
    const pings = Object.fromEntries(ended);
    const { blue } = pings;
    if (blue === undefined) throw new Error('blue has not pinged');
    const tcp = {
      ...{ isSound: isSound(whole), bytes: whole.came.bytes },
      ...{ resets: after.resets - before.resets, again: after.again - before.again },
    };
    const observed = observedBy(blue, report, 's2');
    const rtt = rttOf(pings['red'], (await statusOf(lab)).migrations);
    return { report, ...texts, pings, rtt, observed, tcp };
  } finally {
    await lab.stop();
  }
}

/** What an observer inside could see. */
function rttOf(ping: PingResult | undefined, migrations: readonly Migration[]): Seen['rtt'] {
  const own = migrations.filter(({ vswitch }) => vswitch.startsWith('red/'));
  const moves = own.map(({ startedMs, stateSinceMs }) => [startedMs, stateSinceMs] as const);
  const ends = moves.map(([, to]) => [to, to + AFTER_MS] as const);
  const busy = moves.map(([from, to]) => [from, to + AFTER_MS] as const);
  const rest = gapsIn(busy, 0, Number.POSITIVE_INFINITY);
  return { during: ping?.rttIn(moves), after: ping?.rttIn(ends), otherwise: ping?.rttIn(rest) };
}

async function serve(lab: Lab): Promise<void> {
  await startLimevisor(lab, path.join(root, 'examples/moving-target/network.yaml'));
  await untilReady(lab);
  const { vswitches } = await statusOf(lab);
  for (const { name } of vswitches) await addRule(lab, name.replace('/', '-'));
  for (const tenant of ['red', 'blue']) {
    await until(`an answer to ${tenant}-h1`, 20_000, async () =>
      (await reaches(lab, `${tenant}-h1`, '10.0.0.2')) ? true : undefined,
    );
  }
}

export function isWhole({ pings, tcp }: Seen): boolean {
  const isQuiet = Object.values(pings).every(({ lost, duplicates }) => lost + duplicates === 0);
  return isQuiet && tcp.isSound && tcp.resets === 0;
}

if (process.argv[1] === import.meta.filename) {
  const seen = await run(MOVES);
  const page = path.join(os.tmpdir(), 'limevisor-moving-target.html');
  fs.writeFileSync(page, seen.html);
  console.log(`${seen.schedules}\n${seen.text}\nAs a page with charts: ${page}`);
  for (const [tenant, { sent, lost, duplicates, rttMs }] of Object.entries(seen.pings)) {
    const times = rttMs && `, ${rttMs.p50} ms (median), ${rttMs.p99} ms (p99)`;
    console.log(`${tenant}: ${sent} probes, ${lost} lost, ${duplicates} doubled${times}`);
  }
  for (const [when, rtt] of Object.entries(seen.rtt)) {
    if (rtt !== undefined)
      console.log(`red's round trips ${when}: ${rtt.p50} ms, p99 ${rtt.p99} ms`);
  }
  const { tcp, observed } = seen;
  const { bytes, resets, again } = tcp;
  console.log(`red's TCP connection: ${bytes} bytes, ${resets} resets, ${again} segments again`);
  console.log(observedText(observed));
  process.exitCode = isWhole(seen) ? 0 : 1;
}
