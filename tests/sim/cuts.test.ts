/**
 * Cables are cut at random while vswitches migrate, with kills and other files, with paths beside
 * those in use and without, on datapaths of all kinds: nobody's frames are at another tenant's
 * hosts, none comes twice or meets an older rule after a newer one, every migration ends, and at
 * the end each datapath holds what it should and no way is on a detour. `make soak` takes many.
 */
import t from 'tap';
import { allOver, run } from './scenario.ts';

const from = Number(process.env['FROM'] ?? 1);
const runs = Number(process.env['RUNS'] ?? 3);
let [moved, lost] = [0, 0];

for (let seed = from; seed < from + runs; seed += 1) {
  const old = (['none', 'none', 'some', 'all'] as const)[seed % 4] ?? 'none';
  const options = { seed, old, cuts: 3, backups: seed % 3, crash: seed % 5 === 0 };
  t.test(JSON.stringify(options), async (t) => {
    const result = run(options);
    const { foreign, broken, doubled } = result.findings;
    t.strictSame(foreign.slice(0, 3), [], 'isolation');
    // There a rule is several entries, which change one after the other (docs/DESIGN.md section 2).
    if (old === 'none') t.strictSame(broken.slice(0, 3), [], 'transparency');
    t.strictSame(doubled.slice(0, 3), [], 'boundedness');
    if (result.refused.length === 0) t.ok(allOver(result), 'migrations end');
    moved += result.migrations.filter(({ state }) => state.type === 'done').length;
    lost += result.lost.red + result.lost.blue;
  });
}

t.test('there was something to see', async (t) => {
  t.ok(moved > 0, `${moved} vswitches moved`);
  t.ok(lost > 0, `${lost} frames were on a cable that was cut`);
});
