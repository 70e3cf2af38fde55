/**
 * As mirror.test.ts, with controllers that speak OpenFlow 1.0, on the same datapaths of 1.3.
 *
 * Every third conversation: mirror10-flat.test.ts has others, and both have all of them in
 * tests/soak/big-mirror.soak.ts.
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { compare, compareNeighbours } from './compare.ts';
import { all10 } from './conversations/all.ts';
import { monitorTalks10 } from './conversations/monitors.ts';
import { niciraTalks } from './conversations/nicira.ts';
import { normalTalks10 } from './conversations/normal.ts';
import { startSides } from './sides.ts';

const isWhole = process.env['ALL_MIRRORED'] !== undefined;
const sides = await startSides(version.of10);
t.teardown(() => sides.stop());
const some = all10.filter((_, i) => isWhole || i % 3 === 0);
compare(t, sides, [...some, ...normalTalks10, ...niciraTalks, ...monitorTalks10]);
compareNeighbours(t, sides);
