/**
 * Every conversation of the mirror with switches that cache flows, in both versions
 * (tests/live/mirror/cached.test.ts has those of mixed frames).
 */
import t from 'tap';
import { version } from '../../openflow/values/constants.ts';
import { compare, compareNeighbours } from '../live/mirror/compare.ts';
import { all, all10 } from '../live/mirror/conversations/all.ts';
import { uncountedNormal } from '../live/mirror/conversations/normal.ts';
import { startSides } from '../live/mirror/sides.ts';

const held = [
  { name: '1.3', spoken: version.of13, below: 'OpenFlow13', talks: [...all, ...uncountedNormal] },
  { name: '1.0 on a flat datapath', spoken: version.of10, below: 'OpenFlow10', talks: all10 },
] as const;

for (const { name, spoken, below, talks } of held) {
  const sides = await startSides(spoken, below, 'at home', 'on');
  t.teardown(() => sides.stop());
  const named = talks.map((talk) => ({ ...talk, name: `${name}: ${talk.name}` }));
  compare(t, sides, named);
  compareNeighbours(t, sides);
}
