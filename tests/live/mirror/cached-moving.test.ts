/**
 * Mixed frames with switches that cache flows (cached.test.ts), while the virtual switch is cloned,
 * moves there and back all the time, and is undone now and then.
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { compare, compareNeighbours } from './compare.ts';
import { fewFilterTalks, uncountedTalks } from './conversations/mixed.ts';
import { keepMoving } from './moving.ts';
import { startSides } from './sides.ts';

const sides = await startSides(version.of13, 'OpenFlow13', 'moving', 'on');
t.teardown(() => sides.stop());
const moving = keepMoving(sides);
// A quarter; tests/soak/cached-moving.soak.ts has all.
const some = uncountedTalks.filter((_, i) => process.env['ALL_MIXED'] !== undefined || i % 4 === 0);
compare(t, sides, [...fewFilterTalks, ...some]);
t.test('it moved all the time', async (t) => {
  const ends = await moving.stop(2);
  t.ok(ends.filter((one) => one === 'done').length >= 2, 'there and back');
  t.same(ends.filter((one) => one !== 'done' && one !== 'undone').slice(0, 3), [], 'as asked');
});
compareNeighbours(t, sides);
