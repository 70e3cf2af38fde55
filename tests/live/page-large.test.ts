/**
 * The page draws a thousand nodes: the short form of tests/soak/page.soak.ts, which asks for 30
 * frames a second.
 */
import t from 'tap';
import { drawLarge } from '../page/frame-rate.ts';

/** A machine that does a hundred other things draws so many at least. */
const FRAMES_MIN = 2;

t.test('a thousand nodes', async (t) => {
  const { framesPerSec, nodes, complaints } = await drawLarge(1_000);
  t.equal(nodes, 1_000);
  t.ok(framesPerSec > FRAMES_MIN, `${framesPerSec.toFixed(1)} frames a second`);
  t.strictSame(complaints, []);
});
