/**
 * As order.test.ts, with a process that dies.
 */
import t from 'tap';
import { allShapes, observe } from './order.ts';
import { allOver } from './scenario.ts';

t.test('killed and started again in the middle', async (t) => {
  for (const [i, shape] of allShapes.entries()) {
    const { result, seen, wrong } = observe(shape, { seed: 20 + i, crash: true });
    t.ok(allOver(result), `${shape}: migrations began and ended`);
    t.ok(seen.length > 2_000, `${shape}: packets went up (${seen.length})`);
    // While nobody listens packet-ins are lost: some have no cause then, and some packets no words.
    const early = wrong.filter((one) => !one.includes('without') && !one.includes('not up'));
    t.same(early.slice(0, 3), [], `${shape}: what one switch could have shown`);
    t.same(result.findings.doubled.slice(0, 3), [], `${shape}: nothing arrived twice`);
  }
});
