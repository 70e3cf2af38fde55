/** As order.test.ts, with a process that dies. */
import t from 'tap';
import { allShapes } from './order.ts';
import { holdsOrderKilled } from './order-oracle.ts';

t.test('killed and started again in the middle', async (t) => {
  for (const [i, shape] of allShapes.entries()) holdsOrderKilled(t, shape, 20 + i);
});
