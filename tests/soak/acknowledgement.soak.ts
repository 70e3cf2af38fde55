/**
 * With thousands of cached flows, and caches as they are by default, no packet meets an older rule
 * after a change was proved to be in force. What cannot be proved, on a machine that is busy with
 * something else, says so.
 */
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { changesWith, pair } from '../live/cached/measure.ts';

const FLOWS = 4_000;
const CHANGES = 4;

t.test(`three flips of a canary, with ${FLOWS} cached flows`, async (t) => {
  const lab = await startLab(pair);
  t.teardown(() => lab.stop());
  const changes = await changesWith(lab, 'automatic', FLOWS, CHANGES);
  for (const one of changes) t.comment(JSON.stringify(one));
  for (const { used, why, afterFull } of changes) {
    if (why === '') t.strictSame([used, afterFull], ['canary', 0], 'nothing met the older rule');
    else t.match(used, /^settle /, why);
  }
  t.equal(changes.length, CHANGES);
});
