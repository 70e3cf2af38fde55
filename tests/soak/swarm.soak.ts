/** tests/sim/swarm.test.ts with many seeds: SEED=1 RUNS=300. */
import t from 'tap';
import { drawn, runDrawn, troublesOf } from '../sim/swarm.ts';

const first = Number(process.env['SEED'] ?? 1);
const runs = Number(process.env['RUNS'] ?? 300);

for (let seed = first; seed < first + runs; seed++) {
  const one = drawn(seed);
  t.test(JSON.stringify(one), async (t) => {
    t.strictSame(troublesOf(one, runDrawn(one)).slice(0, 5), []);
  });
}
