/** N4, in simulation: what order-oracle.ts holds, with few seeds; make soak takes many. */
import t from 'tap';
import { allShapes, seeds, shapes10 } from './order.ts';
import { holdsOrder } from './order-oracle.ts';

for (const shape of allShapes) {
  t.test(shape, async (t) => {
    for (const seed of seeds) holdsOrder(t, shape, { seed });
  });
}

for (const shape of shapes10) {
  t.test(`${shape}, where datapaths have one table`, async (t) => {
    for (const [seed, old] of [
      [1, 'all'],
      [2, 'some'],
    ] as const) {
      holdsOrder(t, shape, { seed, old });
    }
  });
}
