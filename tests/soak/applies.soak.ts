/** tests/sim/applies.test.ts with many seeds, about four applies each: SEED=1 RUNS=300. */
import t from 'tap';
import { appliesOf, troublesOfApplies } from '../sim/applies-runs.ts';
import { run } from '../sim/scenario.ts';

const first = Number(process.env['SEED'] ?? 1);
const runs = Number(process.env['RUNS'] ?? 300);
let applied = 0;

for (let seed = first; seed < first + runs; seed++) {
  const options = appliesOf(seed);
  t.test(JSON.stringify(options), async (t) => {
    const result = run(options);
    applied += result.applied;
    t.strictSame(troublesOfApplies(options, result).slice(0, 5), []);
  });
}

t.test('files were applied', async (t) => t.ok(applied > 2 * runs, `${applied}`));
