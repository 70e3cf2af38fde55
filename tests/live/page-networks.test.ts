/**
 * Networks of one's own on the page, in a real browser and on real switches: an owner who has none
 * makes one, sees it serve and the errors that its controller was sent, pauses it and goes on; the
 * operator says yes, freezes and unfreezes; nothing physical is sent to the owner.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { reaches } from '../../examples/lab/ping.ts';
import { attempt, startTestController } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { openBrowser, shoot } from './browser.ts';
import { ownersLab } from './owners-lab.ts';

const lab = await ownersLab(t, '  careful: { approval: required, controllers: [127.0.0.0/8] }\n');
// There is no such group: each time that it connects, it is told so.
const refused = path.join(lab.dir, 'refused.flows');
fs.writeFileSync(refused, 'priority=1,tcp,actions=group:5\n');
await startTestController(lab, 6661, 5, 'OpenFlow13', [`--with-flows=${refused}`]);
await startTestController(lab, 6662);
const browser = await openBrowser(lab.pid);
t.teardown(() => browser.close());

/** Logged in, with all that the API has answered. */
async function enter(token: string) {
  const { page, complaints } = await browser.open();
  const sent: string[] = [];
  page.on('response', async (response) => {
    const isApi = response.url().includes('/api/') && !response.url().endsWith('/events');
    // The last may come when the browser is closed.
    if (isApi) sent.push(await response.text().catch(({ message }: Error) => message));
  });
  await page.goto('http://127.0.0.1:8640');
  await page.fill('#token', token);
  await page.click('button[type=submit]');
  return { page, complaints, sent };
}

async function tokenOf(name: string, quota: string): Promise<string> {
  const made = await attempt(lab, [
    ...['token', 'create', name, '--role', 'owner', '--quota', quota],
  ]);
  const [token = ''] = /limevisor_[\w-]+/.exec(made.stdout) ?? [];
  return token;
}

async function makes(page: Page, name: string, hosts: readonly string[], port: number) {
  await page.fill('[name=name]', name);
  for (const one of hosts) await page.check(`fieldset input[value=${one}]`);
  await page.fill('[name=controllers]', `tcp:127.0.0.1:${port}`);
}

/** A button, and what it asks before. */
async function does(page: Page, title: string, text?: string): Promise<void> {
  await page.click(`.title > .acts > button:has-text("${title}")`);
  if (text !== undefined) await page.fill('dialog input', text);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
}

/**
 * At the first moment in which that network's address is shown, before a frame of it is painted.
 * Another change of the address may still be on its way.
 */
async function pressesAsChosen(page: Page, network: string, key: string): Promise<void> {
  await page.evaluate(`{
    const press = () => dispatchEvent(new KeyboardEvent('keydown', { key: '${key}' }));
    const changed = () => {
      if (decodeURIComponent(location.hash) !== '#/networks/${network}') return;
      removeEventListener('hashchange', changed);
      queueMicrotask(press);
    };
    addEventListener('hashchange', changed);
  }`);
}

const meets = () =>
  until('h1 to h2', 30_000, async () => (await reaches(lab, 'h1', '10.0.0.2', 2_000)) || undefined);

const owner = await enter(await tokenOf('ann', 'student'));

t.test('who has none is shown how to make one, and makes it', async (t) => {
  const { page } = owner;
  await page.waitForSelector('.make:has-text("You have no network yet")');
  t.strictSame(await page.locator('nav a').allTextContents(), ['Networks']);
  await makes(page, 'lab', ['a', 'b'], 6661);
  const command = 'template big-switch --hosts a,b --controller tcp:127.0.0.1:6661 --name lab';
  t.match(await page.textContent('.make .plan'), `limevisor network ${command}`);
  await page.click('.make button:has-text("Check")');
  const answer = page.locator('.make [role=status], .make [role=alert]');
  t.equal(await answer.textContent(), 'Nothing prevents it.');
  await page.click('.make button[type=submit]');
  await page.waitForSelector('h1:has-text("lab@ann"):has-text("serves")');
  await page.waitForSelector('.ports li:has-text("tcp:127.0.0.1:6661"):has-text("connected")');
  await page.waitForSelector('.quota .meter:has-text("networks1 of 2")');
  await page.waitForSelector('.list li:has-text("ends in 23h")');
  t.strictSame(await page.locator('nav a').allTextContents(), [
    ...['Planes', 'Rules', 'Events', 'Tenants', 'Networks'],
  ]);
});

t.test('the errors of its controller, each with the message that caused it', async (t) => {
  const { page } = owner;
  await page.waitForSelector('.errors tr:has-text("group:5")');
  t.match(await page.textContent('.errors tbody tr'), /badOutGroup|invalidGroup/i);
  await shoot(page, 'networks');
});

t.test('other controllers; why one is not connected; paused, and as it was', async (t) => {
  const { page } = owner;
  await does(page, 'Controllers', 'tcp:127.0.0.1:6669');
  await page.waitForSelector('h1:has-text("not ready")');
  await page.waitForSelector('.ports li:has-text("not connected"):has-text("6669"):has(small)');
  await does(page, 'Controllers', 'tcp:127.0.0.1:6662');
  await page.waitForSelector('h1:has-text("serves")');
  t.ok(await meets());
  await does(page, 'Pause');
  await page.waitForSelector('h1:has-text("paused")');
  t.notOk(await reaches(lab, 'h1', '10.0.0.2'));
  await page.click('.title > .acts > button:has-text("Resume")');
  await page.waitForSelector('h1:has-text("serves")');
  t.ok(await meets());
  await page.click('.title > .acts > button:has-text("Extend")');
  await page.fill('dialog input', '9d');
  await page.keyboard.press('Enter');
  t.match(await page.textContent('dialog [role=alert]'), /your quota is 1d/);
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
});

t.test('a second one, by keys; the other views show the one that is chosen', async (t) => {
  const { page } = owner;
  await page.keyboard.press('n');
  await page.waitForSelector('.make');
  await makes(page, 'two', ['c'], 6662);
  await page.click('.make button[type=submit]');
  await page.waitForSelector('h1:has-text("two@ann")');
  await page.keyboard.press('1');
  await page.waitForSelector('[data-id="vswitch:two@ann/sw"]');
  t.equal(await page.locator('.node.vswitch').count(), 1);
  await page.keyboard.press('5');
  await pressesAsChosen(page, 'lab@ann', '1');
  await page.click('.list a:has-text("lab@ann")');
  await page.waitForSelector('[data-id="vswitch:lab@ann/sw"]');
  await page.keyboard.press('5');
  await page.click('.list a:has-text("two@ann")');
  await does(page, 'Delete');
  await page.waitForSelector('h1:has-text("lab@ann")');
  await page.waitForSelector('.list li:has-text("two@ann")', { state: 'detached' });
});

t.test('an operator sees whose they are, says yes, freezes and unfreezes', async (t) => {
  const token = fs.readFileSync(path.join(lab.dir, 'limevisor.db.token'), 'utf8').trim();
  const cat = await enter(await tokenOf('cat', 'careful'));
  await makes(cat.page, 'hers', ['c'], 6662);
  await cat.page.click('.make button[type=submit]');
  await cat.page.waitForSelector('h1:has-text("waits for approval")');
  const { page, complaints } = await enter(token);
  await page.waitForSelector('.node.vswitch');
  await page.keyboard.press('6');
  await page.waitForSelector('.list li:first-child:has-text("hers@cat"):has-text("quota careful")');
  await page.click('.list a:has-text("hers@cat")');
  await page.click('.title > .acts > button:has-text("Approve")');
  await page.waitForSelector('h1:has-text("hers@cat"):has-text("serves")');
  await cat.page.waitForSelector('h1:has-text("serves")');
  await page.click('.list a:has-text("lab@ann")');
  await does(page, 'Freeze', 'it floods');
  await owner.page.waitForSelector('h1:has-text("frozen")');
  await owner.page.waitForSelector('.lacks:has-text("frozen it: it floods")');
  t.equal(await owner.page.locator('.title > .acts > button').count(), 0);
  await page.click('.title > .acts > button:has-text("Unfreeze")');
  await owner.page.waitForSelector('h1:has-text("serves")');
  t.strictSame([...complaints, ...cat.complaints], []);
});

t.test('nothing physical is sent to an owner, and nobody else’s name', async (t) => {
  const all = owner.sent.join(' ');
  t.match(all, /lab@ann/);
  t.notMatch(all, /\bs[12](:\d|\b)|hers@cat|\bcat\b/);
  t.strictSame(owner.complaints, []);
});
