/**
 * A tenant that is badly placed on a part of a fat tree of real switches is moved by what passes,
 * and loses nothing (examples/rebalance/).
 */
import t from 'tap';
import { isWhole, run } from '../../examples/rebalance/rebalance.ts';

t.test('the busiest cable carries less, and a byte has fewer hops', async (t) => {
  const seen = await run([1], false);
  t.ok(isWhole(seen), JSON.stringify({ ...seen, html: '' }));
  t.ok(seen.moves >= 1, `${seen.moves} moves`);
  t.ok(seen.proposed.hops < seen.before.hops / 2, 'its switches are beside their hosts');
  t.match(seen.html, /^<!doctype html>.*<svg.*now: .*then: .*<\/html>\n$/s);
});
