/**
 * Several migrations begin at once, in a process whose turns take time, with kills and cables that
 * are cut: all of them end, nobody's frames reach another tenant, and none is lost but on a cable
 * that is cut. (With plans as they were in f4c08f6 some of several waited for ever, or lost frames:
 * seeds 32 and 9.)
 * `make soak` takes many.
 */
import t from 'tap';
import { together, togetherOf } from './concurrent-migrations.ts';

let moved = 0;
for (const seed of [5, 9, 32]) {
  const one = togetherOf(seed);
  t.test(JSON.stringify(one), async (t) => {
    const { result, troubles } = together(one);
    moved += result.migrations.filter(({ state }) => state.type === 'done').length;
    t.strictSame(troubles, []);
  });
}

t.test('vswitches moved', async (t) => t.ok(moved >= 12, `${moved}`));
