/**
 * A name that nothing has: names that are near, and never thousands of names.
 */
import t from 'tap';
import { nearNames, noSuchText } from '../../slices/near-names.ts';

const many = Array.from({ length: 97 }, (_, i) => `red/v${i + 1}`);

t.test('few are all named', async (t) => {
  t.equal(noSuchText('datapath', 's9', ['s1', 's2']), 'there is no datapath "s9"; known: s1, s2');
  t.equal(noSuchText('tenant', 'x', []), 'there is no tenant "x"; none is known');
});

t.test('of many, those that are near, else how many there are', async (t) => {
  t.equal(
    noSuchText('vswitch', 'rde/v55', ['blue/v1', ...many]),
    'there is no vswitch "rde/v55"; did you mean red/v55? (98 are known)',
  );
  const far = noSuchText('vswitch', 'something else', many);
  t.match(far, /^there is no vswitch "something else"; known: red\/v1, .* and 85 more$/);
  t.ok(far.length < 200);
  t.match(noSuchText('vswitch', 'red/v5x', many), /did you mean red\/v5 or red\/v50 or red\/v51\?/);
});

t.test('a slip, a letter too many, the wrong case, half a name', async (t) => {
  const known = ['red/v1', 'blue/core', 'green/edge'];
  t.strictSame(nearNames('blue/croe', known), ['blue/core']);
  t.strictSame(nearNames('BLUE/CORE', known), ['blue/core']);
  t.strictSame(nearNames('edge', known), ['green/edge']);
  t.strictSame(nearNames('green', known), ['green/edge']);
  t.strictSame(nearNames('blue/cores', [...known, 'blue/score']), ['blue/core'], 'the nearest');
  t.strictSame(nearNames('x'.repeat(1_000), known), []);
});
