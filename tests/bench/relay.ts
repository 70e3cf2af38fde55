/**
 * What a message costs on its way through Limevisor (`make bench`; flags in options.ts).
 *
 * The load generator is both the switches and the controllers; in the middle is, in turn and within
 * one run, nothing (direct), a Node relay that only frames and copies, or Limevisor with some
 * tenants. Machines differ, the ratios of one run hardly: the budgets (budgets.ts) are ratios.
 *
 * Budget: packet-in and packet-out at 0.8 of the relay's rate, flow-mod at 0.5, with 10 messages in
 * flight for each switch. The numbers that are reached: docs/BENCHMARKS.md. Takes about 75 s.
 */
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { type Bench, closeAll, openAll, versionName } from './bench.ts';
import * as budgets from './budgets.ts';
import { delays } from './delays.ts';
import { type KindName, kinds } from './kinds.ts';
import { median } from './load.ts';
import { ownFolder } from './middle.ts';
import { readOptions, usage } from './options.ts';
import { crowds, rates } from './rates.ts';
import { fixed } from './report.ts';

/** Something hangs: the whole run is given up. */
const LIMIT_MS = 1_800_000;

async function main(words: readonly string[]): Promise<number> {
  const options = readOptions(words);
  if (typeof options === 'string') {
    console.error(`${options}\n\n${usage}`);
    return 2;
  }
  const startedMs = performance.now();
  const busyMs = machineBusyMs();
  console.log(machine());
  const missed: string[] = [];
  let ourMs = 0;
  for (const speaks of options.versions) {
    console.log(`\nOpenFlow ${versionName(speaks)}`);
    const bench = await openAll(options, speaks);
    await measure(bench, options.kinds);
    ourMs += middlesBusyMs(bench);
    await closeAll(bench);
    missed.push(...bench.missed);
  }
  const { user, system } = process.cpuUsage();
  ourMs += (user + system) / 1e3;
  const runMs = performance.now() - startedMs;
  const others = (machineBusyMs() - busyMs - ourMs) / runMs;
  console.log(`\nothers on this machine used ${fixed(Math.max(0, others), 2)} cores meanwhile`);
  const seconds = fixed(runMs / 1000, 0);
  console.log(`${missed.length} budgets missed, in ${seconds} s; see docs/BENCHMARKS.md`);
  return options.isStrict && missed.length > 0 ? 1 : 0;
}

async function measure(bench: Bench, names: readonly KindName[]): Promise<void> {
  const { few, many } = budgets.windows;
  const single = names.filter((name) => kinds[name].answers === undefined);
  const answered = names.filter((name) => kinds[name].answers !== undefined);
  const ofRelay = (window: 'few' | 'many') => (name: KindName) =>
    ({ to: 'relay', least: budgets.ofRelay[name]?.[window] }) as const;
  const reached = await rates(bench, single, few, ofRelay('few'));
  await rates(bench, single, many, ofRelay('many'));
  const inLatencyMode = { to: 'direct', least: budgets.ofDirectInLatencyMode } as const;
  await rates(bench, answered, 1, () => inLatencyMode);
  await rates(bench, answered, many, () => ({ to: 'relay', least: undefined }));
  await delays(bench, names, reached);
  const perTenant: readonly KindName[] = ['packet-in', 'packet-out', 'flow-mod'];
  await crowds(
    bench,
    perTenant.filter((name) => names.includes(name)),
  );
}

function machine(): string {
  const cpus = os.cpus();
  const sync = fixed(syncMs(), 2);
  const parts = [`${cpus.length} x ${cpus[0]?.model}`, `Linux ${os.release()}`];
  return [...parts, `Node ${process.version}`, `a sync of ${os.tmpdir()} ${sync} ms`].join(', ');
}

/** CPU time of the whole machine: what others use tells how far a run can be trusted. */
function machineBusyMs(): number {
  const times = os.cpus().map((one) => one.times);
  return times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0);
}

function middlesBusyMs({ direct, relay, limevisor, crowded }: Bench): number {
  const middles = [direct, relay, limevisor, ...crowded.values()].map((one) => one.middle);
  return middles.reduce((sum, one) => sum + one.cpuNs() / 1e6, 0);
}

/** What the store pays for a commit, at least: appending a page to a file and syncing it. */
function syncMs(): number {
  const file = fs.openSync(join(ownFolder(), 'sync'), 'w');
  const samples = Array.from({ length: 20 }, () => {
    const startedMs = performance.now();
    fs.writeSync(file, Buffer.alloc(4096));
    fs.fdatasyncSync(file);
    return performance.now() - startedMs;
  });
  fs.closeSync(file);
  return median(samples);
}

setTimeout(() => {
  console.error(`the benchmark is not done after ${LIMIT_MS / 60_000} minutes`);
  process.exit(1);
}, LIMIT_MS).unref();

const words = [...process.argv.slice(2), ...(process.env['BENCH'] ?? '').split(' ')];
main(words.filter((word) => word !== '')).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
