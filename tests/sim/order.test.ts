/** N4, in simulation: what order-oracle.ts holds, with few seeds; make soak takes many. */
import t from 'tap';
import { allShapes, seeds, shapes10 } from './order.ts';
import { holdsOrder } from './order-oracle.ts';

for (const [i, shape] of allShapes.entries()) {
  t.test(shape, async (t) => holdsOrder(t, shape, { seed: seeds[i % seeds.length] ?? 0 }));
}

for (const [i, shape] of shapes10.entries()) {
  t.test(`${shape}, where datapaths have one table`, async (t) => {
    holdsOrder(t, shape, { seed: i + 1, old: i === 0 ? 'all' : 'some' });
  });
}
