/**
 * Ensembles with everything (whole.ts): each ends as a whole, nobody's frames reach another tenant
 * or come twice, and one switch could have shown all that hosts and the controller of the vswitch
 * between them saw.
 * `make soak` takes many seeds, and `WHOLE=1 make sim RUNS=`.
 */
import t from 'tap';
import { playWhole, wholeOf } from './whole.ts';

const seeds = (process.env['SEEDS'] ?? '3 5 16').split(' ').map(Number);

for (const seed of seeds) {
  const one = wholeOf(seed);
  t.test(`${one.app}, ${JSON.stringify(one.options)}`, async (t) => {
    const { result, troubles } = playWhole(one);
    t.strictSame(troubles.slice(0, 5), [], 'one switch could have shown all of it');
    t.ok(result.ended.length > 0, 'there was an ensemble');
  });
}
