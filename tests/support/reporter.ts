/**
 * Runs all tests (or those named on the command line, or with `--unit` those of unit-files.ts) and
 * reports: a line for each file, what failed in full, and as the very last line
 * `N passed, N failed`.
 *
 * The counts are of assertions. A file that fails without a failed assertion (it crashed, asserted
 * nothing) counts as one failure: silence proves nothing.
 *
 * Files under tests/live/ and tests/lab/ use root, namespaces and the clock, and wait more than
 * they compute: one core is left to others, and more run while the processors have much time to
 * spare (spare-time.ts). What lasts longer costs more, for traffic goes on, and rules time out
 * and are asked for again: nine of them on two cores took 302 s of processor time and 176 s with
 * three to five at a time, 216 s and 146 s with two or three, 167 s and 149 s with one or two. Of
 * the others one runs beside them, in what they leave of the machine (`nice`), and for each core
 * one after them. A few are held alone, behind all these. A file that fails beside others is run
 * once more at the end, alone, and what comes of that counts. Where many fail, the run has failed.
 *
 * Files that are not live share processes (shared-process.ts): the simulator's took 340 s of
 * processor time in processes of their own, and 213 s in one. One that fails there says why when
 * it is run once more. Those of tests/soak/ (*.soak.ts) run one at a time, only when they are
 * named, without a time limit.
 */

import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { SpareTime } from './spare-time.ts';
import { runFile } from './test-file.ts';
import { runShared } from './test-process.ts';
import { TestRuns } from './test-runs.ts';
import { UnitFiles } from './unit-files.ts';

const root = resolve(import.meta.dirname, '../..');
const cores = availableParallelism();
const units = new UnitFiles(root);

function wanted(): readonly string[] {
  const args = process.argv.slice(2);
  const all = () => globSync('{tests,examples}/**/*.test.ts', { cwd: root }).sort();
  if (args.length === 0) return all();
  if (args[0] === '--unit') return all().filter((file) => units.isUnit(file));
  return args.map((file) => relative(root, resolve(file)));
}

const isLive = (file: string) => /^tests\/(live|lab)\//.test(file);
const isSoak = (file: string) => file.startsWith('tests/soak/');

const spare = new SpareTime();
const runs = new TestRuns({
  runFile: (file, { niceness }) => runFile(file, { cwd: root, niceness, isLimited: !isSoak(file) }),
  spareTime: (isOver) => spare.some(isOver),
  tell: (line) => console.log(line),
});

interface Sharing {
  readonly niceness?: number;
  /** What fails is to be run by itself. */
  readonly again: string[];
}

/** Takes files from those that wait, in one process. */
async function share(waiting: string[], { niceness = 0, again }: Sharing): Promise<void> {
  while (waiting.length > 0) {
    const count = waiting.length;
    const lost = await runShared(
      () => waiting.shift(),
      { cwd: root, niceness },
      (one) => {
        runs.add({ passed: one.passed, failed: 0 });
        console.log(`ok: ${one.file} (${one.passed} passed, ${one.sec.toFixed(1)} s)`);
      },
    );
    for (const file of lost) console.log(`not ok: ${file}; once more, by itself`);
    again.push(...lost);
    // A process that takes none would be begun for ever.
    if (waiting.length === count) again.push(...waiting.splice(0));
  }
}

/** The same in so many. */
async function shareAmong(processes: number, waiting: string[], sharing: Sharing): Promise<void> {
  await Promise.all(Array.from({ length: processes }, () => share(waiting, sharing)));
}

/** What takes long does not begin when everything else is over. */
const longest = new Set([
  'tests/live/mirror/moving.test.ts',
  'tests/live/stale-flows.test.ts',
  'tests/tidy.test.ts',
  'tests/hypervisor/turns.test.ts',
  'tests/hypervisor/store.test.ts',
]);

/** What many things at once must not lose is held with nothing beside it: last. */
const alone = new Set(['tests/live/many.test.ts']);
/** What a vswitch takes is told by what the process takes. */
const apart = new Set(['tests/hypervisor/idle-memory.test.ts']);

const isOf = (some: ReadonlySet<string>) => (file: string) => some.has(file);
const files = [...wanted()].sort((a, b) => Number(longest.has(b)) - Number(longest.has(a)));
const areNamed = process.argv.length > 2 && process.argv[2] !== '--unit';
const live = files.filter((file) => isLive(file) && !alone.has(file));
const others = files.filter((file) => !isLive(file) && !isSoak(file));
const unit = areNamed ? [] : others.filter((file) => units.isUnit(file));
const own = others.filter(areNamed ? () => true : isOf(apart));
const rest = others.filter((file) => !unit.includes(file) && !own.includes(file));
/** So nice that it takes what others leave. */
const NICEST = 19;
const failedBeside: string[] = [];
const beside = areNamed ? {} : { again: failedBeside };
const sharing = { again: failedBeside };
const niceness = live.length > 0 ? NICEST : 0;
await Promise.all([
  runs
    .run(live, Math.max(1, cores - 1), { more: 2 * cores, ...beside })
    .then(() => shareAmong(Math.max(1, cores - 1), rest, sharing)),
  runs.run(own, 1, { niceness, ...beside }).then(() => share(rest, { ...sharing, niceness })),
]);
const failedUnits: string[] = [];
await shareAmong(cores, unit, { again: failedUnits });
await runs.run(failedUnits, cores);
await runs.run(
  files.filter((file) => alone.has(file) || isSoak(file)),
  1,
);
await runs.runAgain(failedBeside);
const { passed } = runs;
const failed = passed + runs.failed === 0 ? 1 : runs.failed;
process.exitCode = failed === 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);
