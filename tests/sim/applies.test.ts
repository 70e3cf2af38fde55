/**
 * Other files are applied while frames flow and vswitches migrate, some of which a full switch
 * refuses, and some processes are killed meanwhile: nobody's frames reach another tenant, red loses
 * none and its controller hears nothing, and after each file datapaths hold what the file that runs
 * wants of them. `make soak` takes a thousand.
 */
import t from 'tap';
import { appliesOf, troublesOfApplies } from './applies-runs.ts';
import { run } from './scenario.ts';

const sum = { applied: 0, takenBack: 0, looked: 0 };
for (const seed of [4, 9, 12, 177, 269, 5200003]) {
  const options = appliesOf(seed);
  t.test(JSON.stringify(options), async (t) => {
    const result = run(options);
    for (const key of ['applied', 'takenBack', 'looked'] as const) sum[key] += result.files[key];
    t.strictSame(troublesOfApplies(options, result).slice(0, 5), []);
  });
}

t.test('files were applied, refused, and looked at', async (t) => {
  t.ok(sum.applied > 2, JSON.stringify(sum));
  t.ok(sum.takenBack > 0, JSON.stringify(sum));
  t.ok(sum.looked > 0, JSON.stringify(sum));
});
