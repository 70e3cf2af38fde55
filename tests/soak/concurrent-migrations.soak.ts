/** tests/sim/concurrent-migrations.test.ts with many seeds: SEED=1 RUNS=150. */
import t from 'tap';
import { together, togetherOf } from '../sim/concurrent-migrations.ts';

const first = Number(process.env['SEED'] ?? 1);
const runs = Number(process.env['RUNS'] ?? 150);
let moved = 0;

for (let seed = first; seed < first + runs; seed++) {
  const one = togetherOf(seed);
  t.test(JSON.stringify(one), async (t) => {
    const { result, troubles } = together(one);
    moved += result.migrations.filter(({ state }) => state.type === 'done').length;
    t.strictSame(troubles.slice(0, 5), []);
  });
}

t.test('vswitches moved', async (t) => t.ok(moved >= 3 * runs, `${moved}`));
