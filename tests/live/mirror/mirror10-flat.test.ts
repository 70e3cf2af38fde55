/**
 * As mirror10.test.ts, on a datapath of OpenFlow 1.0: rules are rewritten, and stand in one table.
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { compare, compareNeighbours } from './compare.ts';
import { all10 } from './conversations/all.ts';
import { startSides } from './sides.ts';

const sides = await startSides(version.of10, 'OpenFlow10');
t.teardown(() => sides.stop());
compare(t, sides, all10);
compareNeighbours(t, sides);
