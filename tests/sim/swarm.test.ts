/**
 * Each seed draws its own network, and all that happens to it; make soak takes many. (In 6100024 a
 * switch takes up to 120 ms from its barrier to each change.)
 */
import t from 'tap';
import { drawn, runDrawn, troublesOf } from './swarm.ts';

let moved = 0;
for (const seed of [1, 2, 3, 4, 5, 6, 6100024]) {
  const one = drawn(seed);
  t.test(JSON.stringify(one), async (t) => {
    const result = runDrawn(one);
    moved += result.migrations.filter(({ state }) => state.type === 'done').length;
    t.strictSame(troublesOf(one, result).slice(0, 5), []);
  });
}

t.test('vswitches moved in most of them', async (t) => t.ok(moved >= 4, `${moved}`));
