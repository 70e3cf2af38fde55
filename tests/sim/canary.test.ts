/**
 * The oracle of transparency.test.ts must be able to fail: with two bodies at work it does (DESIGN
 * 9: "an oracle that cannot fail proves nothing").
 *
 * Both are at work for as long as ports move, and a packet must meet them while a rule changes:
 * switches that are slow to change make that likely on any network, and no single seed decides.
 */
import t from 'tap';
import { allOver, run } from './scenario.ts';

const seeds = [1, 2, 3, 4, 5, 6];
const SLOW_MS = 100;

t.test('with two bodies at work some packets meet an older rule than their cause', async (t) => {
  const broken = seeds.map((seed) => {
    const result = run({ seed, guard: 'off', lieMs: SLOW_MS });
    t.ok(allOver(result), `${seed}: migrations began and ended`);
    return result.findings.broken.length;
  });
  const showing = broken.filter((count) => count > 0).length;
  t.ok(showing * 3 >= seeds.length, `packets that met an older rule, by seed: ${broken}`);
});

t.test('with one at work none does, on the same networks', async (t) => {
  for (const seed of seeds.slice(0, 2)) {
    const result = run({ seed, lieMs: SLOW_MS });
    t.ok(allOver(result), `${seed}: migrations began and ended`);
    t.same(result.findings.broken, [], `${seed}`);
  }
});
