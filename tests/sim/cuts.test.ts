/**
 * Cables are cut at random while vswitches migrate, with paths beside those in use and without, on
 * datapaths of all kinds, and in soak with kills: nobody's frames are at another tenant's hosts,
 * none comes twice or, where a rule is one entry, meets an older rule after a newer one, every
 * migration that begins ends, and at the end each datapath holds what it should and no way is on a
 * detour.
 */
import t from 'tap';
import { isOver } from '../../translation/migration/migration.ts';
import { run } from './scenario.ts';

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
    const open = result.migrations.filter((one) => !isOver(one));
    t.strictSame(open, [], 'migrations end');
    t.ok(result.migrations.length + result.refused.length >= 2, 'migrations were asked for');
    moved += result.migrations.filter(({ state }) => state.type === 'done').length;
    lost += result.lost.red + result.lost.blue;
  });
}

t.test('there was something to see', async (t) => {
  t.ok(moved > 0, `${moved} vswitches moved`);
  t.ok(lost > 0, `${lost} frames were on a cable that was cut`);
});
