/**
 * As mirror.test.ts, with conversations made from seeds: `SEED=7 RUNS=1` holds one again.
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { compare, compareNeighbours } from './compare.ts';
import { randomTalk } from './random-talks.ts';
import { startSides } from './sides.ts';

const first = Number(process.env['SEED'] ?? 1);
const count = Number(process.env['RUNS'] ?? 24);

const sides = await startSides(version.of13);
t.teardown(() => sides.stop());
compare(
  t,
  sides,
  Array.from({ length: count }, (_, i) => randomTalk(first + i)),
);
compareNeighbours(t, sides);
