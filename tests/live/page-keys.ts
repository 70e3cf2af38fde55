/**
 * What a person does with the keyboard alone, dark and light, and what is taken away as a file.
 */
import fs from 'node:fs';
import type { Page } from 'playwright-core';
import type t from 'tap';

type Tap = Pick<typeof t, 'equal' | 'match' | 'not' | 'ok' | 'strictSame'>;

/** How bright the page is: 0 to 765. */
const brightness = (page: Page) =>
  page.evaluate<number>(
    `getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)
      .reduce((sum, one) => sum + Number(one), 0)`,
  );

const focused = (page: Page) =>
  page.evaluate<string | null>(
    `document.activeElement.dataset.id ?? document.activeElement.type ?? null`,
  );

export async function theKeys(t: Tap, page: Page): Promise<void> {
  await page.keyboard.press('1');
  await page.waitForSelector('.node.vswitch');
  await page.keyboard.press('?');
  await page.waitForSelector('dialog.help[open]:has-text("dark or light")');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog.help', { state: 'detached' });
  const dark = await brightness(page);
  await page.keyboard.press('t');
  await page.waitForSelector('html[data-theme=light]');
  const light = await brightness(page);
  t.ok(dark < 150 && light > 600, `${dark}, ${light}`);
  await page.keyboard.press('t');
  await page.waitForSelector('html[data-theme=dark]');

  // From thing to thing by Tab; what belongs to it lights up, and Enter keeps it.
  for (let i = 0; i < 40 && !/^(vswitch|datapath|host):/.test((await focused(page)) ?? ''); i += 1)
    await page.keyboard.press('Tab');
  t.match(await focused(page), /^(vswitch|datapath|host|body):/);
  await page.waitForSelector('.drawing .lit');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.drawing .lit');
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  t.equal(await focused(page), 'search');
  await page.keyboard.type('red/v3');
  await page.locator('input[type=search]').fill('');
  await page.locator('input[type=search]').blur();
}

/** By what is written on its button: its name, and how it begins or what it has. */
const files = [
  ['SVG', 'network.svg', /^<svg xmlns="[^"]+"[\s\S]*red\/v3[\s\S]*<\/svg>\s*$/],
  ['Mermaid', 'network.mmd', /^flowchart TB\n[\s\S]*\(\["red\/v3"\]\)[\s\S]*-\.->/],
  [
    'dot',
    'network.dot',
    /^graph limevisor \{[\s\S]*label="red\/v3"[\s\S]*style=dotted[\s\S]*\}\s*$/,
  ],
  ['JSON', 'network.json', /^\{[\s\S]*"datapaths"[\s\S]*"red\/v3"/],
] as const;

export async function theExports(t: Tap, page: Page): Promise<void> {
  await page.keyboard.press('1');
  await page.click('.menu summary');
  for (const [title, name, says] of files) {
    const taken = page.waitForEvent('download');
    await page.click(`.menu button:text-is("${title}")`);
    const file = await taken;
    t.equal(file.suggestedFilename(), name);
    const text = fs.readFileSync(await file.path(), 'utf8');
    t.match(text, says, title);
    if (title === 'JSON') t.ok(JSON.parse(text), 'it is JSON');
  }
  await page.click('.menu summary');
}
