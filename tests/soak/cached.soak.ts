/**
 * Every conversation of the mirror with switches that cache flows, in both versions
 * (tests/live/mirror/cached.test.ts has those of mixed frames).
 */
import t from 'tap';
import { version } from '../../openflow/values/constants.ts';
import { compare, compareNeighbours } from '../live/mirror/compare.ts';
import { all, all10 } from '../live/mirror/conversations/all.ts';
import { uncountedNormal } from '../live/mirror/conversations/normal.ts';
import { type Sides, startSides } from '../live/mirror/sides.ts';

const held = [
  { name: '1.3', spoken: version.of13, below: 'OpenFlow13', talks: [...all, ...uncountedNormal] },
  { name: '1.0 on a flat datapath', spoken: version.of10, below: 'OpenFlow10', talks: all10 },
] as const;

// Both before the first test: tap ends what has no test left while the other starts.
const started: Sides[] = [];
t.teardown(() => Promise.all(started.map((sides) => sides.stop())));
for (const { spoken, below } of held) {
  started.push(await startSides(spoken, below, 'at home', 'on'));
}
for (const [i, sides] of started.entries()) {
  const { name, talks } = held[i] ?? held[0];
  compare(
    t,
    sides,
    talks.map((talk) => ({ ...talk, name: `${name}: ${talk.name}` })),
  );
  compareNeighbours(t, sides);
}
