/**
 * With thousands of cached flows, most of which no round of revalidators has met yet, and caches as
 * they are by default, no packet meets an older rule after a change was proved to be in force. What
 * cannot be proved, on a machine that is busy with something else, says so.
 */
import t from 'tap';
import { provesChanges } from '../live/cached/measure.ts';

for (const flows of [200, 4_000, 16_000]) {
  t.test(`changes with ${flows} cached flows`, async (t) => provesChanges(t, flows, 6));
}
