/**
 * As order.test.ts, with a process that dies; and its oracle must be able to fail.
 */
import t from 'tap';
import { allShapes, observe, seeds } from './order.ts';
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

t.test('canary: two bodies at work, and the controller hears of effects first', async (t) => {
  for (const shape of allShapes) {
    const wrong = seeds.flatMap((seed) => observe(shape, { seed, guard: 'off' }).wrong);
    const early = wrong.filter((one) => one.includes('before its cause'));
    t.ok(early.length > 0, `${shape}: ${early.length}`);
  }
});

t.test('canary: nothing is held while the primary changes, and it hears so, too', async (t) => {
  // The moment is short: one case of all is enough.
  const wrong = allShapes.flatMap((shape) => observe(shape, { seed: 3, guard: 'unheld' }).wrong);
  t.ok(wrong.some((one) => one.includes('before its cause')));
});
