/**
 * The oracle of transparency.test.ts must be able to fail: with two bodies at work it does (DESIGN
 * 9: "an oracle that cannot fail proves nothing").
 */
import t from 'tap';
import { run } from './scenario.ts';

t.test('with two bodies at work some packets meet an older rule than their cause', async (t) => {
  for (const seed of [9, 16]) {
    const { broken } = run({ seed, guard: 'off' }).findings;
    t.ok(broken.length > 0, `${seed}: ${broken.length}`);
  }
});
