/**
 * Mixed frames with switches that cache flows (cached.test.ts), on a flat datapath: what its one
 * table of OpenFlow 1.0 cannot say is refused, and all else is as on a bridge.
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { compare, compareNeighbours } from './compare.ts';
import { filterTalks, needs13, uncountedTalks } from './conversations/mixed.ts';
import { startSides } from './sides.ts';

const sides = await startSides(version.of13, 'OpenFlow10', 'at home', 'on');
t.teardown(() => sides.stop());
// A quarter; tests/soak/cached-flat.soak.ts has all.
const some = uncountedTalks.filter((_, i) => process.env['ALL_MIXED'] !== undefined || i % 4 === 0);
const fits = some.filter(({ name }) => !needs13.test(name));
compare(t, sides, [...filterTalks, ...fits]);
compareNeighbours(t, sides);
