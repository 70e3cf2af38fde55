/** tests/sim/whole.test.ts with many seeds: SEED=1 RUNS=300. */
import t from 'tap';
import { playWhole, wholeOf } from '../sim/whole.ts';

const first = Number(process.env['SEED'] ?? 1);
const runs = Number(process.env['RUNS'] ?? 300);

for (let seed = first; seed < first + runs; seed++) {
  const one = wholeOf(seed);
  t.test(`${one.app}, ${JSON.stringify(one.options)}`, async (t) => {
    t.strictSame(playWhole(one).troubles.slice(0, 5), []);
  });
}
