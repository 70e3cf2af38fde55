/**
 * The table of delays: one message alone, and messages at half of the rate that is reached.
 */
import { type Bench, noted } from './bench.ts';
import * as budgets from './budgets.ts';
import { onCores } from './cores.ts';
import { type KindName, kinds } from './kinds.ts';
import { type Delay, delayOf, oneAtATime, paced } from './load.ts';
import { fixed, judge, table, thousands, type Verdict } from './report.ts';
import type { Sandwich } from './sandwich.ts';

const UNLOADED_SAMPLES = 400;

/** `reached` are the rates of which half is offered. */
export async function delays(
  bench: Bench,
  names: readonly KindName[],
  reached: ReadonlyMap<KindName, number>,
): Promise<void> {
  const rows = [['microseconds, p50/p99', 'direct', 'relay', 'limevisor', 'added', 'budget']];
  for (const name of names) {
    if (kinds[name].answers !== undefined) continue;
    const run = (one: Sandwich) =>
      onCores('one', one.middle.pid, () => oneAtATime(one, kinds[name], UNLOADED_SAMPLES));
    rows.push(await row(bench, `${name}, unloaded`, run, p50Budget));
  }
  for (const name of names) {
    const perSecond = (reached.get(name) ?? 0) / 2;
    if (perSecond === 0 || !oneWay.has(name)) continue;
    const run = (one: Sandwich) =>
      onCores('own', one.middle.pid, () =>
        paced(one, kinds[name], perSecond, 2 * bench.options.runMs),
      );
    rows.push(await row(bench, `${name}, ${thousands(perSecond)}/s`, run, p99Budget));
  }
  if (rows.length === 1) return;
  console.log('\ndelay of a message; echo and barrier: of the answer');
  console.log(table(rows));
}

/** Only these are paced: a flow-mod's delay is the disk's, and answers go both ways. */
const oneWay: ReadonlySet<KindName> = new Set(['packet-in', 'packet-out']);

async function row(
  bench: Bench,
  label: string,
  run: (one: Sandwich) => Promise<readonly number[]>,
  budget: (added: Delay) => Verdict,
): Promise<string[]> {
  const middles = [bench.direct, bench.relay, bench.limevisor];
  const samples: number[][] = middles.map(() => []);
  for (let i = 0; i < bench.options.repeats; i++) {
    for (const [m, one] of middles.entries()) {
      for (const sample of await run(one)) samples[m]?.push(sample);
    }
  }
  const found = samples.map(delayOf);
  const [direct, , ours] = found;
  if (direct === undefined || ours === undefined) return [label];
  const added = { p50Us: ours.p50Us - direct.p50Us, p99Us: ours.p99Us - direct.p99Us };
  return [label, ...[...found, added].map(text), noted(bench, label, budget(added))];
}

function p50Budget(added: Delay): Verdict {
  const verdict = judge(added.p50Us, budgets.addedUs.p50Unloaded, 'most');
  return { ...verdict, text: `p50 ${verdict.text}` };
}

function p99Budget(added: Delay): Verdict {
  const verdict = judge(added.p99Us, budgets.addedUs.p99AtHalfLoad, 'most');
  return { ...verdict, text: `p99 ${verdict.text}` };
}

function text({ p50Us, p99Us }: Delay): string {
  return `${fixed(p50Us, 0)}/${fixed(p99Us, 0)}`;
}
