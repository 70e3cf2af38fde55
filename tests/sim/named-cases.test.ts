/**
 * Ten ways in which naive cloning goes wrong, N1 to N10: the reference model finds each where that
 * part is done without a thought, and nothing where it is done as the paper says (two phases), nor
 * in the product, as a vswitch that migrates and as a big switch, on two to four switches.
 * `make soak` takes many seeds.
 */
import t from 'tap';
import { twoPhases, type Ways } from './cloned.ts';
import { naiveOf, namedCases, wrongIn } from './named-cases.ts';

const from = Number(process.env['FROM'] ?? 1);
const runs = Number(process.env['RUNS'] ?? 2);
/** Of so many seeds, one shows a fault: which, changes with every message more or less. */
const SHOWING = 12;

const seeds = Array.from({ length: runs }, (_, i) => from + i);
/** Two, three and four in turn; each case begins with another. */
const countOf = (seed: number, i: number): number => 2 + ((seed + i) % 3);

for (const [i, one] of namedCases.entries()) {
  t.test(one.name, async (t) => {
    const naive: Ways = naiveOf(one);
    const showing = Array.from({ length: SHOWING }, (_, j) => j + 1).find((seed) =>
      wrongIn(one, naive, seed, countOf(seed, i)).some((found) => one.finds.test(found)),
    );
    t.ok(showing, 'done without a thought, it is found');
    // With the same seed first, so that the one part is all that differs.
    const all = [showing ?? from, ...seeds.slice(1)];
    for (const seed of new Set(all)) {
      const count = countOf(seed, i);
      const wrong = (carrier: Parameters<typeof wrongIn>[1]) =>
        wrongIn(one, carrier, seed, count).slice(0, 3);
      t.strictSame(wrong(twoPhases), [], 'one switch could have shown it, two phases');
      t.strictSame(wrong('migrating'), [], 'one switch could have shown it, while it migrates');
      if (seed === all[0])
        t.strictSame(
          wrong('dropping'),
          [],
          'one switch could have shown it, with guards that drop',
        );
      t.strictSame(wrong('big'), [], 'one switch could have shown it, as a big switch');
    }
  });
}

t.test('the product without guards is found out as well', async (t) => {
  const [first] = namedCases;
  if (first === undefined) throw new Error('there are ten');
  // Slow switches: a packet must meet both bodies while a rule changes.
  const slow = { ...first, lieMs: 60 };
  const shows = Array.from({ length: SHOWING }, (_, j) => j + 1).some((seed) =>
    wrongIn(slow, 'unguarded', seed, 3).some((found) => first.finds.test(found)),
  );
  t.ok(shows);
});
