/**
 * A switch that begins to fail is left by itself, the most important first, before it fails
 * (examples/evacuate/).
 */
import t from 'tap';
import { isWhole, run } from '../../examples/evacuate/evacuate.ts';

t.test('it is empty when it fails', async (t) => {
  const seen = await run();
  const { evacuation, text, html } = seen;
  t.equal(seen.there, 3, 'three vswitches lived there');
  t.ok(isWhole(seen), JSON.stringify(seen));
  t.match(evacuation.cause, /^s3:2 went down \d times in 1m$/);
  const [first] = evacuation.left.toSorted((a, b) => (a.startMs ?? 0) - (b.startMs ?? 0));
  t.equal(first?.name, 'blue/v3');
  t.match(text, /^s3, .*: s3:2 went down .*\n3 of 3 are away, 3 within 30\.0 s\n/);
  t.match(html, /^<!doctype html>.*<svg.*blue\/v3.*<\/html>\n$/s);
});
