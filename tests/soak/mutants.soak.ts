/**
 * Every fault of tests/mutants/mutants.ts is found by the tests that are named there; and those
 * tests find nothing in the sources as they are.
 */
import t from 'tap';
import { killerOf, passes, whyStale } from '../mutants/hunt.ts';
import { mutants } from '../mutants/mutants.ts';

for (const test of new Set(mutants.flatMap(({ tests }) => tests))) {
  t.test(`${test}, without a fault`, async (t) => t.ok(await passes(test)));
}

for (const mutant of mutants) {
  t.test(mutant.name, async (t) => {
    if (!t.equal(whyStale(mutant), undefined)) return;
    const killer = await killerOf(mutant);
    t.ok(killer !== undefined, killer ?? `it lives, for all that ${mutant.tests.join(', ')} say`);
  });
}
