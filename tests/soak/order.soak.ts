/**
 * What a controller sees in which order, of many seeds; tests/sim/order*.test.ts: the short form.
 * SEED=1 RUNS=20.
 */
import t from 'tap';
import { allShapes, shapes10 } from '../sim/order.ts';
import { hearsEarly, holdsOrder, holdsOrderKilled } from '../sim/order-oracle.ts';

const first = Number(process.env['SEED'] ?? 1);
const seeds = Array.from({ length: Number(process.env['RUNS'] ?? 20) }, (_, i) => first + i);

for (const shape of allShapes) {
  t.test(shape, async (t) => {
    for (const seed of seeds) {
      holdsOrder(t, shape, { seed });
      holdsOrderKilled(t, shape, seed);
    }
    t.ok(hearsEarly(shape, seeds, { guard: 'off' }), 'and two bodies at work would be found out');
  });
}

for (const shape of shapes10) {
  t.test(`${shape}, where datapaths have one table`, async (t) => {
    for (const seed of seeds) {
      for (const old of ['all', 'some'] as const) holdsOrder(t, shape, { seed, old });
    }
  });
}
