/**
 * Switches that refuse at random, and that are full, while tenants change everything and vswitches
 * migrate: in quiet moments every switch holds what the books and the placements say, and
 * the books hold what tenants believe in (refusals.ts).
 */
import t from 'tap';
import { runRefusals } from './refusals.ts';

const seeds = { random: [1, 2], full: [1, 2] } as const;

for (const kind of ['random', 'full'] as const) {
  for (const seed of seeds[kind]) {
    t.test(`${kind}, seed ${seed}`, async (t) => {
      const { troubles, refused, migrations } = runRefusals({ seed, kind });
      t.ok(refused > 20, `something was refused (${refused})`);
      t.ok(migrations.length > 3, 'vswitches migrated');
      t.strictSame(troubles.slice(0, 5), []);
    });
  }
}
