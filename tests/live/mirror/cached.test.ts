/**
 * mirror.test.ts's conversations with switches that cache flows, as they do in the world: what is
 * cached for one frame must never be what happens to another.
 *
 * A barrier's answer says nothing of flows that are cached (docs/DESIGN.md section 6), so behind
 * it Open vSwitch is asked to look at all of them (`revalidator/wait`). Here are some
 * of those of mixed frames, and of those with NORMAL; tests/soak/cached.soak.ts holds all.
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { compare, compareNeighbours } from './compare.ts';
import { filterTalks, uncountedTalks } from './conversations/mixed.ts';
import { uncountedNormal } from './conversations/normal.ts';
import { startSides } from './sides.ts';

const sides = await startSides(version.of13, 'OpenFlow13', 'at home', 'on');
t.teardown(() => sides.stop());
const someNormal = uncountedNormal.filter((_, i) => i % 5 === 0);
const some = uncountedTalks.filter((_, i) => i % 3 === 0);
compare(t, sides, [...filterTalks, ...some, ...someNormal]);
compareNeighbours(t, sides);
