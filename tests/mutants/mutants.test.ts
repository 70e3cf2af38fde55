/**
 * Some faults, and whether our tests find them; tests/soak/mutants.soak.ts tries all of them.
 */
import t from 'tap';
import { killerOf, whyStale } from './hunt.ts';
import { mutants } from './mutants.ts';

/** Those that lived once. */
const few = ['the store is never synced', 'a clone that refuses to be filled ends nothing'];

for (const mutant of mutants.filter(({ name }) => few.includes(name))) {
  t.test(mutant.name, async (t) => {
    t.equal(whyStale(mutant), undefined);
    t.ok((await killerOf(mutant)) !== undefined, `found by one of ${mutant.tests.join(', ')}`);
  });
}

t.test('every fault can be put where it is said', async (t) => {
  for (const mutant of mutants) t.equal(whyStale(mutant), undefined, mutant.name);
});

t.test('what is as it was is no fault', async (t) => {
  const [{ file = '', from = '', tests = [] } = {}] = mutants;
  const harmless = { name: 'none', file, from, to: `${from} `, tests };
  t.equal(await killerOf(harmless), undefined);
  t.match(whyStale({ ...harmless, from: 'nowhere' }), /0 times/);
});
