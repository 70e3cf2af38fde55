/**
 * The process dies in the middle of a migration, at a random moment, and another takes over.
 *
 * DESIGN 8: "switches keep forwarding, a restart reconciles, flushes nothing that is right, and
 * resumes or undoes the migration".
 */
import t from 'tap';
import { allOver, run } from './scenario.ts';

for (let seed = 1; seed <= 4; seed += 1) {
  t.test(`seed ${seed}`, async (t) => {
    const result = run({ seed, crash: true });
    t.ok(allOver(result), 'every migration ended');
    t.equal(result.lost.red, 0, 'the tenant that moved lost nothing');
    t.same(result.findings, { foreign: [], broken: [], doubled: [] });
  });
}
