/**
 * Many seeds, one line each: `SEED=1 RUNS=100 make sim`. Exits 1 when an invariant broke.
 *
 * A seed replays everything: `SEED=17 RUNS=1 make sim`. With CRASH=1 the hypervisor is killed in
 * the middle of a migration and started again; with GUARD=off rules change without guards; with
 * OLD=some or OLD=all datapaths speak OpenFlow 1.0; with ENSEMBLES=1 several vswitches move as one;
 * with WHOLE=1 everything else is drawn from the seed, too (whole.ts). KIND=hosts,refusals takes
 * seeds of kinds of their own, in turn, and KIND=all of every kind (kinds.ts): a line for what
 * broke, and each minute, and counts at the end; with SECONDS=600 as many seeds as there is time
 * for.
 */
import { type Kind, type KindName, kinds, type Played } from './kinds.ts';
import { allOver, type Options, type Result, run } from './scenario.ts';
import { troublesIn } from './troubles.ts';
import { playWhole, wholeOf } from './whole.ts';

const first = Number(process.env['SEED'] ?? 1);
const runs = Number(process.env['RUNS'] ?? 40);
const crash = process.env['CRASH'] === '1';
const old = (process.env['OLD'] ?? 'none') as NonNullable<Options['old']>;
const ensembles = process.env['ENSEMBLES'] === '1';
const guard: NonNullable<Options['guard']> = process.env['GUARD'] === 'off' ? 'off' : 'redirect';

/** What is wrong with a run, in words. */
function troubles(result: Result): readonly string[] {
  const found = troublesIn(result, { isFlat: false, isKilled: crash });
  if (!allOver(result)) found.push('a migration did not end');
  found.push(...result.half);
  return found;
}

/** A run, and what is wrong with it. */
function runOf(seed: number): readonly [Result, readonly string[]] {
  if (process.env['WHOLE'] === '1') {
    const { result, troubles } = playWhole(wholeOf(seed));
    return [result, troubles];
  }
  const result = run({ seed, guard, crash, old, ensembles });
  return [result, troubles(result)];
}

/** A seed of which a check throws has broken, as one that says so. */
function played(kind: Kind, seed: number): Played {
  try {
    return kind(seed);
  } catch (error) {
    return { what: 'thrown', troubles: [String(error)] };
  }
}

/** Seeds of several kinds in turn; how many of each, and how many broke. */
function playKinds(names: readonly KindName[]): void {
  const endMs = Date.now() + Number(process.env['SECONDS'] ?? Number.POSITIVE_INFINITY) * 1_000;
  const counts = new Map(names.map((name) => [name, { played: 0, broken: 0 }]));
  let saidMs = Date.now();
  for (let seed = first; seed < first + runs && Date.now() < endMs; seed += 1) {
    for (const [name, count] of counts) {
      const { what, troubles } = played(kinds[name], seed);
      count.played += 1;
      if (troubles.length === 0) continue;
      count.broken += 1;
      console.log(`BROKEN ${name} seed ${seed}: ${JSON.stringify(what)}`);
      for (const one of troubles.slice(0, 10)) console.log(`       ${one}`);
    }
    if (Date.now() - saidMs < 60_000) continue;
    saidMs = Date.now();
    console.log(`up to seed ${seed} of each`);
  }
  for (const [name, { played, broken }] of counts) {
    console.log(`${name}: ${played - broken} of ${played} runs kept every invariant`);
    if (broken > 0) process.exitCode = 1;
  }
}

/** Those that KIND names. */
function kindsOf(text: string): readonly KindName[] {
  const all = Object.keys(kinds) as KindName[];
  if (text === 'all') return all;
  return text.split(',').map((word) => {
    const name = all.find((one) => one === word);
    if (name === undefined) throw new Error(`no kind "${word}"; there are ${all.join(', ')}`);
    return name;
  });
}

function playRuns(): void {
  let broken = 0;
  for (let seed = first; seed < first + runs; seed += 1) {
    const [result, found] = runOf(seed);
    if (found.length > 0) broken += 1;
    const moves = result.migrations.map((m) => `${m.vswitch} ${m.from}->${m.to} ${m.state.type}`);
    const verdict = found.length === 0 ? 'ok    ' : 'BROKEN';
    console.log(
      `${verdict} seed ${seed}: ${result.events} events, ${result.sent} frames, ${moves}`,
    );
    for (const one of found.slice(0, 10)) console.log(`       ${one}`);
  }
  console.log(`${runs - broken} of ${runs} runs kept every invariant`);
  process.exitCode = broken > 0 ? 1 : 0;
}

const kind = process.env['KIND'];
if (kind === undefined) playRuns();
else playKinds(kindsOf(kind));
