/**
 * Adversaries that guess the next place: each finds what it looks for, and none does better than
 * chance where places are chosen by chance.
 */
import t from 'tap';
import type { DatapathName } from '../../slices/ids.ts';
import { chosen } from '../../slices/placement/chosen.ts';
import { entropyOf, guessesOf, type PredictorName } from '../../slices/placement/predictors.ts';
import { Random } from '../openflow/random.ts';

const share = (name: PredictorName, places: readonly string[]): number => {
  const { hits, tried } = guessesOf(name, places);
  return hits / Math.max(1, tried);
};

t.test('what has a pattern is guessed', async (t) => {
  const row = Array.from({ length: 100 }, (_, i) => `s${(i % 4) + 1}`);
  t.ok(share('markov', row) > 0.9, 'one after the other');
  const back = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 's1' : `s${(i % 5) + 2}`));
  t.equal(share('markov', []), 0);
  t.ok(share('frequent', back) > 0.4, 'always home again');
  const pair = Array.from({ length: 50 }, (_, i) => `s${(i % 2) + 1}`);
  t.equal(share('last', pair), 1);
  t.strictSame(guessesOf('last', ['s1', 's2']), { hits: 0, tried: 0 });
});

for (const notLast of [0, 1, 2]) {
  t.test(`by chance, not where it was ${notLast} times before: no better than that`, async (t) => {
    const random = new Random(notLast);
    const names = Array.from({ length: 6 }, (_, i) => `s${i + 1}` as DatapathName);
    const places: DatapathName[] = [names[0] as DatapathName];
    for (let i = 0; i < 5_000; i++) {
      const barred = places.slice(-1 - notLast);
      const offered = names.filter((one) => !barred.includes(one));
      const all = offered.map((name) => ({ name, others: 0, sharedMs: 0 }));
      const next = chosen(all, 'uniform', random.number(1e6) / 1e6);
      if (next !== undefined) places.push(next);
    }
    const chance = 1 / (names.length - 1 - notLast);
    for (const name of ['last', 'frequent', 'markov'] as const) {
      const hits = share(name, places);
      t.ok(hits < chance + 0.03, `${name}: ${hits}, by chance ${chance}`);
    }
    const counts = names.map((one) => places.filter((place) => place === one).length);
    t.ok(entropyOf(counts) > Math.log2(6) - 0.01);
  });
}

t.test('entropy, and a choice of those with the fewest others', async (t) => {
  t.equal(entropyOf([1, 1, 1, 1]), 2);
  t.equal(entropyOf([5, 0]), 0);
  t.equal(entropyOf([]), 0);
  const offered = ['s1', 's2', 's3'].map((name, i) => ({
    name: name as DatapathName,
    others: i % 2,
    sharedMs: [9, 5, 5][i] ?? 0,
  }));
  t.equal(chosen(offered, 'least-shared', 0.99), 's3');
  t.equal(chosen(offered, 'least-shared', 0), 's1');
  t.equal(chosen(offered, 'uniform', 0.5), 's2');
  t.equal(chosen(offered, 'least-shared-so-far', 0), 's2');
  t.equal(chosen(offered, 'least-shared-so-far', 0.99), 's3', 'by chance among these');
  t.equal(chosen([], 'uniform', 0.5), undefined);
});
