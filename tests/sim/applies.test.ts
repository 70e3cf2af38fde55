/**
 * Other files are applied while frames flow and vswitches migrate, and some processes are killed
 * meanwhile: nobody's frames reach another tenant, red loses none and its controller hears nothing,
 * and at the end datapaths hold what the file that runs wants of them. `make soak` takes many.
 */
import t from 'tap';
import { appliesOf, troublesOfApplies } from './applies-runs.ts';
import { run } from './scenario.ts';

let applied = 0;
for (const seed of [2, 23]) {
  const options = appliesOf(seed);
  t.test(JSON.stringify(options), async (t) => {
    const result = run(options);
    applied += result.applied;
    t.strictSame(troublesOfApplies(options, result).slice(0, 5), []);
  });
}

t.test('files were applied', async (t) => t.ok(applied > 2, `${applied}`));
