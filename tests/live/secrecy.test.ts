/**
 * A tenant that moves on real switches, by freeze-and-copy and by LIME
 * (tests/bench/secrecy-live.ts): what the one loses the other does not, and no TCP connection is
 * reset by either.
 */
import t from 'tap';
import { type Lived, livedText, livedWith } from '../bench/secrecy-live.ts';

const MOVES = 3;

t.test('an hour of moves, made short', async (t) => {
  const all: Lived[] = [];
  for (const strategy of ['freeze', 'lime'] as const) all.push(await livedWith(strategy, MOVES));
  const [freeze, lime] = all;
  t.match(lime, { lost: 0, doubled: 0, othersLost: 0, resets: 0, isSound: true });
  t.match(freeze, { doubled: 0, othersLost: 0, resets: 0, isSound: true });
  t.ok((freeze?.lost ?? 0) > 0, 'freeze-and-copy loses what comes meanwhile');
  for (const one of all) {
    const { report } = one;
    t.match(report, { moves: MOVES, undone: 0, dropped: 0 });
    t.ok(report.messages > MOVES * 50, `${report.messages} messages, and 50 rules`);
    // Its 51 rules, the other tenant's where that lives, and ours.
    t.ok((report.peak?.entries ?? 0) > 60, JSON.stringify(report.peak));
  }
  t.equal(freeze?.report.frozen, MOVES);
  t.match(livedText(all), /\nfreeze +3 .*\nlime +3 .* 0 of \d+, 0 +0 +0, /);
});
