/**
 * As mirror10.test.ts, on a datapath of OpenFlow 1.0: rules are rewritten, and stand in one table.
 * A third of the conversations, none of which it has.
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { compare, compareNeighbours } from './compare.ts';
import { all10 } from './conversations/all.ts';
import { startSides } from './sides.ts';

const isWhole = process.env['ALL_MIRRORED'] !== undefined;
const sides = await startSides(version.of10, 'OpenFlow10');
t.teardown(() => sides.stop());
const some = all10.filter((_, i) => isWhole || i % 3 === 1);
compare(t, sides, some);
compareNeighbours(t, sides);
