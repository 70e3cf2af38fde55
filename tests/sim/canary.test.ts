/**
 * The oracle of transparency.test.ts must be able to fail: without guards it does (DESIGN 9: "an
 * oracle that cannot fail proves nothing").
 */
import t from 'tap';
import { run } from './scenario.ts';

t.test('without guards some packets meet an older rule than their cause', async (t) => {
  const broken = [1, 2, 3, 4, 5, 6, 7, 8].map(
    (seed) => run({ seed, guard: 'off' }).findings.broken,
  );
  t.ok(broken.flat().length > 0, `in ${broken.filter((one) => one.length > 0).length} of 8 runs`);
});
