/**
 * Switches that refuse at random, that are full, that refuse deletions, and that lie, while tenants
 * change everything, vswitches migrate, and the process is killed, or its disk fails or is full. In
 * quiet moments every switch holds what the books and the placements say, and the books hold what
 * tenants believe in (refusals.ts).
 *
 * tests/soak/refusals.soak.ts has more seeds.
 */
import t from 'tap';
import { type RefusalOptions, runRefusals } from './refusals.ts';

const runs: readonly RefusalOptions[] = [
  { kind: 'random', seed: 3 },
  { kind: 'random', seed: 1, old: 'some', kills: true, disk: 'fails' },
  // A meter goes after a modify by which a rule would have left it, and which is refused.
  { kind: 'random', seed: 2, disk: 'full' },
  { kind: 'random', seed: 5, disk: 'full' },
  { kind: 'full', seed: 1, old: 'all', kills: true },
  { kind: 'deletes', seed: 20, kills: true, disk: 'full' },
  // What a datapath refuses to hold again was deleted by its tenant in the meantime.
  { kind: 'deletes', seed: 23_002, old: 'all', kills: true },
  { kind: 'lies', seed: 2, old: 'some', kills: true },
  // Syncs are put off, and a process that is killed alone has lost nothing.
  { kind: 'deletes', seed: 3, kills: true, disk: 'full', sync: 'background' },
  // Several move as one: drains wait for markers, which come, or never do.
  { kind: 'random', seed: 6, ensembles: true, cables: 'whole' },
  { kind: 'random', seed: 6, ensembles: true, cables: 'silent' },
];

for (const options of runs) {
  t.test(JSON.stringify(options), async (t) => {
    const { troubles, refused, migrations } = runRefusals(options);
    t.ok(refused > 10, `something was refused (${refused})`);
    t.ok(migrations.length > 0, 'vswitches migrated');
    t.strictSame(troubles.slice(0, 5), []);
  });
}
