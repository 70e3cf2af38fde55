/**
 * Waiting for several things: what follows runs once, when the last has ended; and nobody in the
 * sources counts down by hand.
 */
import t from 'tap';
import { type Ended, Waits, whenAll } from '../../hypervisor/world/when-all.ts';
import { readSources } from '../support/sources.ts';

t.test('runs when the last has ended, in whatever order, with the first trouble', (t) => {
  const ends: Ended[] = [];
  const said: (string | undefined)[] = [];
  const note = (trouble?: string) => void said.push(trouble);
  whenAll([0, 1, 2], (i, ended) => (ends[i] = ended), note);
  ends[2]?.('third');
  ends[0]?.('first');
  ends[0]?.();
  t.same(said, [], 'one that ends twice counts once');
  ends[1]?.();
  t.same(said, ['third'], 'what went wrong earliest');
  ends[1]?.();
  t.same(said, ['third']);
  t.end();
});

t.test('nothing to wait for, or things that end at once', (t) => {
  let runs = 0;
  const count = (): number => (runs += 1);
  whenAll([], () => t.fail('there is none'), count);
  t.equal(runs, 1);
  whenAll([1, 2], (_, ended) => ended(), count);
  t.equal(runs, 2);
  const waits = new Waits(count);
  waits.more()();
  t.equal(runs, 2, 'more may come');
  const last = waits.more();
  waits.close();
  t.equal(runs, 2);
  last();
  t.equal(runs, 3);
  t.end();
});

t.test('nobody counts down by hand', (t) => {
  const byHand = /(\S+) -= 1;\s*if \(\1 (===|>|!==) 0\)/;
  t.match('left -= 1;\n  if (left === 0) done();', byHand, 'what it would look like');
  const sources = Object.entries(readSources()).filter(([path]) => path.startsWith('hypervisor/'));
  const found = sources.filter(([, text]) => byHand.test(text)).map(([path]) => path);
  t.same(found, ['hypervisor/world/when-all.ts']);
  t.end();
});
