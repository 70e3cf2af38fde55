/**
 * Every state that a store was ever in starts, and starts again, with nothing left out; and what a
 * barrier acknowledged is there (DESIGN 8).
 */
import t from 'tap';
import { live } from './prefixes.ts';

for (const seed of [1, 2]) {
  t.test(`a life of many requests, seed ${seed}`, async (t) => {
    const found = live({ seed, requests: 90, startsMax: 12 });
    t.comment(JSON.stringify({ ...found, troubles: found.troubles.length }));
    t.strictSame(found.troubles.slice(0, 3), []);
    t.ok(found.acknowledged > 5 && found.madeAnew > 0 && found.states > 100, 'it was a life');
  });
}

t.test('with switches that refuse: what does not bind is left out, once', async (t) => {
  const found = live({ seed: 5, requests: 60, startsMax: 10, refusals: true });
  t.strictSame(found.troubles.slice(0, 3), []);
  t.ok(found.acknowledged > 5 && found.starts === 10, 'it was a life');
});
