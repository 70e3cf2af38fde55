/**
 * Nobody can tell, on several datapaths: mirror.test.ts's conversations with big switches, whose
 * port 3 is at another member than the rest; one controller at a time asks here, and waits for its
 * barriers, so an eventual one is not told from a bridge either.
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { compare, compareNeighbours } from './compare.ts';
import { all } from './conversations/all.ts';
import { type Sides, startSides } from './sides.ts';

const isWhole = process.env['ALL_MIRRORED'] !== undefined;

// Both before the first test: tap ends what has no test left while the other starts.
const kinds = ['strict', 'eventual'] as const;
const held: Sides[] = [];
t.teardown(() => Promise.all(held.map((sides) => sides.stop())));
for (const consistency of kinds) {
  held.push(await startSides(version.of13, 'OpenFlow13', `big, ${consistency}`));
}
for (const [turn, sides] of held.entries()) {
  // By turns; tests/soak/big-mirror.soak.ts has all of both.
  const some = all.filter((_, i) => isWhole || i % 16 === turn * 8);
  compare(t, sides, some);
  compareNeighbours(t, sides);
}
