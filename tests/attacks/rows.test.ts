/**
 * Every row of the catalogue has its test, whose title begins with the row's id and name, or a
 * reason why it has none.
 */
import t from 'tap';
import { row, troubleOf } from '../support/rows.ts';
import { delta, families, isolation } from './rows.ts';

for (const [name, rows] of Object.entries({ delta, isolation, families })) {
  t.test(name, async (t) => {
    for (const one of rows) t.equal(troubleOf(one), undefined, `${one.id} ${one.name}`);
    t.equal(new Set(rows.map((one) => one.id)).size, rows.length, 'each once');
  });
}

t.test('all holes of the catalogue', async (t) => {
  const ids = Array.from({ length: 24 }, (_, i) => `I${i + 1}`);
  t.strictSame(
    isolation.map((one) => one.id),
    ids,
  );
});

t.test('a row without a test is found', async (t) => {
  const file = 'attacks/holes.test.ts';
  t.match(troubleOf(row('I99', 'a hole', { in: file })), /no test in .* begins with "I99 a hole"/);
  t.match(troubleOf(row('I1', 'x', { in: 'attacks/none.test.ts' })), /there is no/);
  t.match(troubleOf(row('I1', 'x', { not: 'no' })), /no reason/);
});
