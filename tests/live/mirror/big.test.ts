/**
 * Nobody can tell, on several datapaths: mirror.test.ts's conversations with big switches, whose
 * port 3 is at another member than the rest; one controller at a time asks here, and waits for its
 * barriers, so an eventual one is not told from a bridge either.
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { compare, compareNeighbours } from './compare.ts';
import { all } from './conversations/all.ts';
import { startSides } from './sides.ts';

const isWhole = process.env['ALL_MIRRORED'] !== undefined;

for (const [turn, consistency] of (['strict', 'eventual'] as const).entries()) {
  const sides = await startSides(version.of13, 'OpenFlow13', `big, ${consistency}`);
  t.teardown(() => sides.stop());
  // By turns; tests/soak/big-mirror.soak.ts has all of both.
  const some = all.filter((_, i) => isWhole || i % 16 === turn * 8);
  compare(t, sides, some);
  compareNeighbours(t, sides);
}
