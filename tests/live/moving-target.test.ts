/**
 * A tenant that moves by itself, on real switches: nothing is lost, nothing is doubled, and the
 * reports say where it was (examples/moving-target/).
 */
import t from 'tap';
import { isWhole, run } from '../../examples/moving-target/moving-target.ts';

t.test('a tenant moves by itself', async (t) => {
  const seen = await run(2);
  const { report, text, html, csv, schedules } = seen;
  t.ok(isWhole(seen), JSON.stringify(seen.pings));
  t.strictSame(report.tenants, ['red']);
  t.ok(report.moves >= 2, JSON.stringify(report));
  t.ok(report.vswitches.every(({ places, entropy }) => places > 1 && entropy > 0));
  t.ok((seen.rtt.during?.p50 ?? 0) > 0, 'the change of round-trip times is measured');
  t.match(text, /^red, the last [0-9.]+ (s|min): \d+ moves; .* an hour, \d+ undone; a move took /);
  t.match(text, /VSWITCH +MOVES +PLACES +LONGEST STAY +ENTROPY +GUESSED: LAST.*\nred\/v1 /);
  t.match(html, /^<!doctype html>.*<svg.*<rect.*red\/v1 on s\d: .*<\/html>\n$/s);
  t.match(csv, /^vswitch,datapath,fromMs,toMs\nred\/v\d,s\d,\d+,\d+\n/);
  t.match(schedules, /^SCHEDULE +MOVES .*\nred-moves +red\/v1, red\/v2 .* (s|min) /);
});
