/** As order.test.ts, with a process that dies. */
import t from 'tap';
import { fewShapes } from './order.ts';
import { holdsOrderKilled } from './order-oracle.ts';

t.test('killed and started again in the middle', async (t) => {
  for (const [i, shape] of fewShapes.entries()) {
    for (const seed of [20, 25]) holdsOrderKilled(t, shape, seed + i);
  }
});
