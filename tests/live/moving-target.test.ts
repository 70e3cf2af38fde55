/**
 * A tenant that moves by itself, on real switches: nothing is lost, nothing is doubled, and the
 * reports say where it was (examples/moving-target/).
 */
import t from 'tap';
import { isWhole, run } from '../../examples/moving-target/moving-target.ts';
import { gapsIn, observedText, shareOf } from '../../examples/moving-target/observer.ts';

t.test('a tenant moves by itself', async (t) => {
  const seen = await run(2);
  const { report, text, html, csv, schedules } = seen;
  t.ok(isWhole(seen), JSON.stringify(seen.pings));
  t.strictSame(report.tenants, ['red']);
  t.ok(report.moves >= 2, JSON.stringify(report));
  t.ok(report.vswitches.every(({ places, entropy }) => places > 1 && entropy > 0));
  t.ok(seen.tcp.isSound && seen.tcp.resets === 0 && seen.tcp.bytes > 0, JSON.stringify(seen.tcp));
  t.ok(seen.observed.together + seen.observed.apart > 100, observedText(seen.observed));
  t.comment(observedText(seen.observed));
  t.ok((seen.rtt.during?.p50 ?? 0) > 0, 'the change of round-trip times is measured');
  t.match(text, /^red, the last [0-9.]+ (s|min): \d+ moves; .* an hour, \d+ undone; a move took /);
  t.match(text, /VSWITCH +MOVES +PLACES +LONGEST STAY +ENTROPY +GUESSED: LAST.*\nred\/v1 /);
  t.match(html, /^<!doctype html>.*<svg.*<rect.*red\/v1 on s\d: .*<\/html>\n$/s);
  t.match(csv, /^vswitch,datapath,fromMs,toMs\nred\/v\d,s\d,\d+,\d+\n/);
  t.match(schedules, /^SCHEDULE +MOVES .*\nred-moves +red\/v1, red\/v2 .* (s|min) /);
});

t.test('what an observer can tell', async (t) => {
  t.equal(shareOf([1, 2, 3], [1, 2, 3]), 0.5, 'nothing');
  t.equal(shareOf([4, 5], [1, 2, 3]), 1, 'everything');
  t.equal(shareOf([1, 4], [2]), 0.5);
  t.equal(shareOf([], [1]), undefined);
  const times = [
    [20, 30],
    [25, 40],
    [5, 10],
  ] as const;
  t.strictSame(gapsIn(times, 0, 50), [
    [0, 5],
    [10, 20],
    [40, 50],
  ]);
});
