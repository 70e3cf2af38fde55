/**
 * With thousands of cached flows, most of which no round of revalidators has met yet, and caches as
 * they are by default, no packet meets an older rule after a change was proved to be in force. What
 * cannot be proved, on a machine that is busy with something else, says so.
 */
import t from 'tap';
import { provesChanges } from './cached/measure.ts';

t.test('a change with 4,000 cached flows', async (t) => provesChanges(t, 4_000, 2));
