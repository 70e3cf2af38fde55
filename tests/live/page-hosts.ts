/**
 * Hosts on the stage of the page: one that moves by itself, one that moves with its vswitch.
 */
import type { Page } from 'playwright-core';
import type t from 'tap';
import type { Lab } from '../../examples/lab/lab.ts';
import { attempt } from '../../examples/lab/programs.ts';

type Tap = Pick<typeof t, 'equal' | 'match' | 'strictSame'>;

/** Both are watched to their end, and looked at again as they were in the beginning. */
export async function theHosts(t: Tap, lab: Lab, page: Page): Promise<void> {
  await page.keyboard.press('2');
  const moved = await attempt(lab, ['move', 'red/h2', '--to', 's3:9', '--driver', 'netns']);
  t.equal(moved.code, 0, moved.stderr);
  await page.click('.list li:has(em.done):has-text("red/h2") a');
  await page.waitForSelector('.host-theatre .primary:has-text("s3:9"):has-text("it runs here")');
  t.strictSame(await page.locator('.play > .lane .name').allTextContents(), [
    ...['Open', 'Run', 'Close', 'Done'],
  ]);
  await page.locator('.replay input').fill('0');
  await page.waitForSelector('.host-theatre .primary:has-text("s2:1")');
  t.match(await page.textContent('.says'), /^Open/);
  const targets = ['--to', 'red/v2=s1', '--to', 'red/h2=s2:1', '--driver', 'netns'];
  const both = await attempt(lab, ['migrate', 'red/v2', 'red/h2', ...targets, '--no-watch']);
  t.equal(both.code, 0, both.stderr);
  await page.click('.list li:has-text("as one") a');
  await page.waitForSelector('.members .card:has-text("red/h2"):has-text("s3:9 → s2:1")');
  await page.click('.members a:has-text("red/v2")');
  await page.waitForSelector('.theatre .host-at:text-is("s2:1")');
  await page.locator('.replay input').fill('0');
  await page.waitForSelector('.theatre .host-at:text-is("s3:9")');
}
