/**
 * How many frames a second the page draws of a thousand nodes while somebody zooms: for the live
 * test and the soak.
 */
import { openBrowser } from '../live/browser.ts';
import { large } from './large-network.ts';
import { servePage } from './page-server.ts';

export interface Drawn {
  readonly framesPerSec: number;
  /** What the page's own thread takes of a processor for a frame, whatever else runs. */
  readonly cpuMsPerFrame: number;
  readonly nodes: number;
  /** From the answer of the API to the first drawing. */
  readonly firstMs: number;
  readonly complaints: readonly string[];
}

/**
 * Each frame is another view: nothing of the one before can be shown again. As text, since it runs
 * in the browser, whose names our types do not have.
 */
const zoomFor = (ms: number): string => `new Promise((resolve) => {
  const stage = document.querySelector('.stage');
  const { width, height } = stage.getBoundingClientRect();
  const began = performance.now();
  let frames = 0;
  requestAnimationFrame(function frame(now) {
    frames += 1;
    if (now - began >= ${ms}) {
      resolve([frames, now - began]);
      return;
    }
    const deltaY = Math.floor(frames / 20) % 2 === 0 ? -60 : 60;
    const at = { clientX: width / 2, clientY: height / 2, deltaY, bubbles: true, cancelable: true };
    stage.dispatchEvent(new WheelEvent('wheel', at));
    requestAnimationFrame(frame);
  });
})`;

export async function drawLarge(ms: number): Promise<Drawn> {
  const server = await servePage({ topology: large(), migrations: [] });
  const browser = await openBrowser();
  const { page, complaints } = await browser.open();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const cpuMs = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return 1_000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
  };
  try {
    await page.goto(server.url);
    await page.fill('#token', 'any');
    await page.click('button[type=submit]');
    const began = Date.now();
    await page.waitForSelector('canvas.drawing');
    const firstMs = Date.now() - began;
    const label = (await page.getAttribute('canvas.drawing', 'aria-label')) ?? '';
    const before = await cpuMs();
    const [frames, tookMs] = await page.evaluate<[number, number]>(zoomFor(ms));
    const cpuMsPerFrame = ((await cpuMs()) - before) / frames;
    const framesPerSec = (frames * 1_000) / tookMs;
    const nodes = Number(/(\d+) nodes/.exec(label)?.[1]);
    return { framesPerSec, cpuMsPerFrame, nodes, firstMs, complaints };
  } finally {
    await browser.close();
    server.close();
  }
}
