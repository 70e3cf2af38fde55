/**
 * A host on the stage of the page, on real switches: watched as it moves, and looked at again as it
 * was in the beginning. (tests/live/page-moves.test.ts has hosts that move with their vswitch.)
 */
import type { Page } from 'playwright-core';
import type t from 'tap';
import type { Lab } from '../../examples/lab/lab.ts';
import { attempt } from '../../examples/lab/programs.ts';

type Tap = Pick<typeof t, 'equal' | 'match' | 'strictSame'>;

export async function theHosts(t: Tap, lab: Lab, page: Page): Promise<void> {
  await page.keyboard.press('2');
  const moved = attempt(lab, ['move', 'red/h2', '--to', 's3:9', '--driver', 'netns']);
  await page.click('.list li:has-text("red/h2") a');
  await page.waitForSelector('.host-theatre .primary:has-text("s3:9"):has-text("it runs here")');
  const { code, stderr } = await moved;
  t.equal(code, 0, stderr);
  await page.waitForSelector('.list li:has-text("red/h2") em.done');
  t.strictSame(await page.locator('.play > .lane .name').allTextContents(), [
    ...['Open', 'Run', 'Close', 'Done'],
  ]);
  await page.locator('.replay input').fill('0');
  await page.waitForSelector('.host-theatre .primary:has-text("s2:1")');
  t.match(await page.textContent('.says'), /^Open/);
}
