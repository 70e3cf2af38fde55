/**
 * Vswitches are cloned in part, for as long as it lasts, while hosts move between their bodies, by
 * themselves or as one migration with the body: in random networks, with switches that are full,
 * moves that are taken back, processes that are killed, switches that hang up and cables that are
 * cut. Each switch holds exactly the rules that it should, none comes twice or reaches another
 * tenant, and where nothing fails none is lost: so no member lacks a rule that a packet meets
 * there.
 */
import t from 'tap';
import { partialOf, troublesOfPartial } from './partial-runs.ts';
import { run } from './scenario.ts';

const sum = { came: 0, left: 0, undone: 0, saved: 0, together: 0 };
for (const seed of [2, 3, 4]) {
  const options = partialOf(seed);
  t.test(JSON.stringify(options), async (t) => {
    const result = run(options);
    for (const { state, to, plan } of result.members) {
      if (state.type === 'undone') sum.undone += 1;
      else if (to === undefined) sum.left += 1;
      else sum.came += 1;
      if (/\([1-9][0-9]* name ports/.test(plan.join())) sum.saved += 1;
    }
    sum.together += result.ended.filter((state) => state === 'done').length;
    t.strictSame(troublesOfPartial(options, result).slice(0, 5), []);
  });
}

t.test('parts came and went, and were smaller than all', async (t) => {
  t.comment(JSON.stringify(sum));
  t.ok(sum.came > 3 && sum.left > 0 && sum.saved > 0 && sum.together > 0, JSON.stringify(sum));
});
