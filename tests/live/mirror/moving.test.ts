/**
 * Nobody can tell, while it moves: mirror.test.ts's conversations, with a virtual switch that
 * migrates there and back all the time, on real switches, and is undone now and then.
 *
 * Between any two messages any phase may begin or end; most of the time its ports are on both
 * sides. LIME 4.2: "without the application's knowledge".
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { compare, compareNeighbours } from './compare.ts';
import { all } from './conversations/all.ts';
import { monitorTalks } from './conversations/monitors.ts';
import { niciraActions } from './conversations/nicira-actions.ts';
import { keepMoving } from './moving.ts';
import { startSides } from './sides.ts';

const sides = await startSides(version.of13, 'OpenFlow13', 'moving');
t.teardown(() => sides.stop());
const moving = keepMoving(sides);
/** On a quick machine conversations are over before. */
const LEAST = 3;
// How often a group that is in itself is carried out depends on how deep a packet was before it,
// and one that is on its way to the other side is a step deeper (docs/DESIGN.md section 5).
const talks = [...all, ...niciraActions, ...monitorTalks];
const held = talks.filter(({ name }) => name !== 'group: a group in itself');
// Every eighth one; tests/soak/moving-mirror.soak.ts has all.
const isWhole = process.env['ALL_MIRRORED'] !== undefined;
compare(
  t,
  sides,
  held.filter((_, i) => isWhole || i % 8 === 0),
);
t.test('it moved all the time', async (t) => {
  const ends = await moving.stop(LEAST);
  const count = (end: string): number => ends.filter((one) => one === end).length;
  t.comment(`${count('done')} done, ${count('undone')} undone`);
  t.ok(count('done') >= LEAST, 'there and back');
  t.same(ends.filter((one) => one !== 'done' && one !== 'undone').slice(0, 3), [], 'as asked');
});
compareNeighbours(t, sides);
