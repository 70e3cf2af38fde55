/**
 * A thousand nodes at 30 frames a second or better, while somebody zooms; the short form, which any
 * machine passes, is in tests/live/page-large.test.ts.
 */
import t from 'tap';
import { drawLarge } from '../page/frame-rate.ts';

const FRAMES_MIN = 30;

t.test('a thousand nodes are drawn at 30 frames a second', async (t) => {
  const { framesPerSec, nodes, firstMs, complaints } = await drawLarge(10_000);
  t.equal(nodes, 1_000);
  t.ok(framesPerSec >= FRAMES_MIN, `${framesPerSec.toFixed(1)} frames a second`);
  t.comment(`the first drawing came ${firstMs} ms after the login`);
  t.strictSame(complaints, []);
});
