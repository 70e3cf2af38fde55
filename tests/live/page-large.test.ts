/**
 * The page draws a thousand nodes at 30 frames a second or better: by what a frame takes of a
 * processor, since this machine does a hundred other things meanwhile. (tests/soak/page.soak.ts
 * counts the frames of a machine that has nothing else to do.)
 */
import t from 'tap';
import { drawLarge } from '../page/frame-rate.ts';

/** A machine that does a hundred other things draws so many at least. */
const FRAMES_MIN = 2;
/** So that there are 30 in a second. */
const FRAME_MS_MAX = 1_000 / 30;

t.test('a thousand nodes', async (t) => {
  const { framesPerSec, cpuMsPerFrame, nodes, complaints } = await drawLarge(1_000);
  t.equal(nodes, 1_000);
  t.ok(framesPerSec > FRAMES_MIN, `${framesPerSec.toFixed(1)} frames a second`);
  t.ok(cpuMsPerFrame < FRAME_MS_MAX, `${cpuMsPerFrame.toFixed(1)} ms of CPU a frame`);
  t.comment(`${framesPerSec.toFixed(1)} frames a second, ${cpuMsPerFrame.toFixed(1)} ms each`);
  t.strictSame(complaints, []);
});
