/**
 * The page in a real browser, on real switches: logging in, what lights up, a migration that is
 * watched, one that is undone, an owner's view, events that go on where they broke off.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import type { Running } from '../../examples/lab/processes.ts';
import {
  addRule,
  attempt,
  listens,
  root,
  startLimevisor,
  startTestController,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import {
  configFile,
  figure3,
  pingAll,
  untilServed,
} from '../../examples/live-migration/experiment.ts';
import type { TopologyDocument } from '../../hypervisor/page/documents.ts';
import { litBy } from '../../hypervisor/page/highlighted.ts';
import { networkOf } from '../../hypervisor/page/network-documents.ts';
import { type OpenBrowser, openBrowser, shoot } from './browser.ts';
import { theHosts } from './page-hosts.ts';
import { theExports, theKeys } from './page-keys.ts';

type Tap = Pick<typeof t, 'equal' | 'match' | 'notMatch' | 'ok' | 'rejects' | 'strictSame'>;

/** By way of a relay (`startRelay`). */
const URL = 'http://127.0.0.1:8641';
const LIMITS = '{ rules: 200, groups: 20, packet-ins: 500/s, to-controllers: 2000/s }';

/** The experiment's network; s4 takes its time, so there is some to press a button. */
async function start(): Promise<Lab> {
  const lab = await startLab(figure3);
  await startTestController(lab, 6661);
  await startTestController(lab, 6662);
  const text = fs
    .readFileSync(configFile, 'utf8')
    .replace('s4: { dpid: 0000000000000004 }', 's4: { dpid: 4, ack: settle 1500ms }');
  const file = path.join(lab.dir, 'page.yaml');
  const limited = text
    .replace('  red:\n', `  red:\n    limits: ${LIMITS}\n`)
    .replace('on: s1 }', "on: s1, listen: ['punix:DIR/red.sock'] }");
  const driver = "drivers: { netns: 'unix:DIR/db.sock' }";
  fs.writeFileSync(file, `api: { listen: [ptcp:8640:127.0.0.1] }\n${driver}\n${limited}`);
  await startLimevisor(lab, file);
  await untilServed(lab);
  return lab;
}

async function logIn(page: Page, token: string): Promise<void> {
  await page.goto(URL);
  await page.fill('#token', token);
  await page.click('button[type=submit]');
}

async function litIn(page: Page): Promise<readonly string[]> {
  const all = await page
    .locator('.drawing .lit')
    .evaluateAll((found) => found.map((one) => one.getAttribute('data-id') ?? ''));
  return all.sort();
}

async function theLogin(t: Tap, page: Page, token: string): Promise<void> {
  await logIn(page, 'limevisor_wrong');
  t.match(await page.textContent('[role=alert]'), /is not known/);
  await logIn(page, token);
  await page.waitForSelector('.node.vswitch');
  t.equal(await page.locator('.node.datapath').count(), 4);
  t.equal(await page.locator('.node.vswitch').count(), 6);
  await shoot(page, 'planes');
  await page.waitForSelector('.liveness.live');
}

/** What lights up is what the API says. */
async function theLit(t: Tap, page: Page, token: string): Promise<void> {
  const headers = JSON.stringify({ authorization: `Bearer ${token}` });
  const ask = `fetch('/api/v1/topology', { headers: ${headers} }).then((found) => found.json())`;
  const network = networkOf(await page.evaluate<TopologyDocument>(ask));
  for (const id of ['vswitch:red/v3', 'datapath:s1', 'host:blue/h1']) {
    await page.locator(`[data-id="${id}"]`).focus();
    const wanted = [...litBy(network, id)].sort();
    const lit = await until(`${id} lighting up`, 30_000, async () => {
      const found = await litIn(page);
      return found.join() === wanted.join() ? found : undefined;
    });
    t.strictSame(lit, wanted, id);
    t.ok(wanted.length > 4);
    if (id === 'vswitch:red/v3') await shoot(page, 'highlighted');
  }
}

async function choose(page: Page, vswitch: string, to: string): Promise<void> {
  const [first, second] = [
    page.locator('.begin select').first(),
    page.locator('.begin select').last(),
  ];
  await first.selectOption(vswitch);
  await second.selectOption(to);
}

async function theMigration(t: Tap, lab: Lab, page: Page): Promise<void> {
  await page.keyboard.press('2');
  await choose(page, 'blue/v3', 's1');
  await page.click('.begin button:has-text("Plan")');
  t.match(await page.textContent('.begin .plan'), /s1/);
  const ping = startPing(lab, 'blue-h1', '10.0.0.2');
  await page.click('.begin button[type=submit]');
  await page.waitForSelector('.list em.done');
  t.ok((await ping.stop()).sent > 0, 'traffic flowed');
  const lane = await page.locator('.play > .lane .name').allTextContents();
  t.strictSame(lane, ['Ways', 'Clone', 'Hand over', 'Move', 'Drain', 'Retire', 'Done']);
  t.match(await page.textContent('.counts'), /redirected\d+/);
  await page.click('.more a');
  await page.waitForSelector('.diff .went');
  await page.waitForSelector('.diff .came');
  await shoot(page, 'compared');
  await page.goBack();
  await page.locator('.replay input').fill('0');
  t.match(await page.textContent('.says'), /^Ways/);
  await page.keyboard.press('1');
  await page.waitForSelector('[data-id="body:blue/v3@s1"]');
}

/** Whoever presses it too late, on a machine that is busy, tries again. */
async function theUndo(t: Tap, page: Page): Promise<void> {
  await page.keyboard.press('2');
  let end = '';
  for (let attempts = 0; end !== 'undone' && attempts < 4; attempts += 1) {
    // The one of before is there, or nothing is counted yet.
    await page.locator('.list li').first().waitFor();
    const count = await page.locator('.list li').count();
    await choose(page, 'red/v3', attempts % 2 === 0 ? 's4' : 's3');
    await page.click('.begin button[type=submit]');
    await page.locator('.list li').nth(count).waitFor();
    if (process.env['SCREENSHOTS'] !== undefined) {
      await page.waitForSelector('.lane .clone.now');
      await shoot(page, 'cloning');
    }
    const undo = page.locator('.undo button').click();
    const over = page.waitForSelector('.list li:first-child em:is(.done, .undone)');
    await Promise.race([undo, over]);
    end = (await (await over).textContent()) ?? '';
    if (end === 'undone') await undo;
    else await undo.catch((error: Error) => t.match(error.message, /Timeout/));
  }
  t.equal(end, 'undone');
  t.match(await page.textContent('.play > .lane'), /Undone/);
  await page.keyboard.press('1');
  await page.waitForSelector('[data-id^="body:red/v3@"]');
}

/** No name of a datapath, cable or other tenant is in what an owner's browser was sent. */
async function theOwner(t: Tap, lab: Lab, browser: OpenBrowser): Promise<void> {
  const made = await attempt(lab, ['token', 'create', 'ann', '--role', 'owner', '--tenant', 'red']);
  const [token = ''] = /limevisor_[\w-]+/.exec(made.stdout) ?? [];
  const { page, complaints } = await browser.open();
  let sent = '';
  page.on('response', async (response) => {
    const isApi = response.url().includes('/api/') && !response.url().endsWith('/events');
    if (isApi) sent += await response.text();
  });
  await logIn(page, token);
  await page.waitForSelector('.node.vswitch');
  await page.waitForSelector('.liveness.live');
  t.equal(await page.locator('.node.vswitch').count(), 3);
  t.equal(await page.locator('.node.datapath, .body-mark').count(), 0);
  await shoot(page, 'owner');
  t.strictSame(await page.locator('nav a').allTextContents(), [
    ...['Planes', 'Rules', 'Events', 'Tenants'],
  ]);
  let text = '';
  for (const [key, there] of [
    ['1', '.node.vswitch'],
    ['2', '.flows code'],
    ['3', 'tbody tr'],
    ['4', '.meter'],
  ] as const) {
    await page.keyboard.press(key);
    await page.waitForSelector(there);
    text += await page.textContent('body');
  }
  t.match(text, 'red/v1');
  t.notMatch(`${sent} ${text}`, /\bs[1-4](:\d|\b)|blue/);
  t.strictSame(complaints, []);
}

/** Between the browser and the API: what is cut here breaks in the middle of a stream. */
function startRelay(lab: Lab): Running {
  const delay = path.join(root, 'examples/lab/delay.ts');
  return lab.inside.start([process.execPath, delay, '8641', '8640', '0'], `${lab.dir}/relay.log`);
}

/** The network goes away under an open page, and comes back: no event is missed or twice there. */
async function theEvents(t: Tap, lab: Lab, page: Page, relay: Running): Promise<void> {
  await relay.end('SIGKILL');
  await page.waitForSelector('.liveness.away');
  const moved = await attempt(lab, ['migrate', 'red/v1', '--to', 's3']);
  t.equal(moved.code, 0, moved.stderr);
  startRelay(lab);
  await page.waitForSelector('.liveness.live');
  await page.keyboard.press('4');
  await page.waitForSelector('tr:has-text("migration over"):has-text("red/v1")');
  const over = await page.locator('tr:has-text("migration over"):has-text("red/v1")').count();
  t.equal(over, 1);
  // There is no such group: what the controller is told is seen here, and why.
  await t.rejects(addRule(lab, 'red.sock', 'actions=group:5'));
  await page.click('.kinds a:has-text("errors")');
  await page.waitForSelector('.errors tr:has-text("red/v1"):has-text("flowMod")');
  await page.click('.kinds a:has-text("audit")');
  await page.waitForSelector('tr:has-text("migrate") td:has-text("blue/v3")');
  await page.keyboard.press('3');
  await page.waitForSelector('.flows code');
  await page.click('.flows button');
  const became = await page.locator('.sides section:last-child .flows small').allTextContents();
  t.strictSame(became, ['a rule of table 0'], 'what the rule became');
  await page.keyboard.press('5');
  await page.waitForSelector('.meter');
  await shoot(page, 'tenants');
}

t.test('the page, on real switches', async (t) => {
  const lab = await start();
  t.teardown(() => lab.stop());
  await pingAll(lab);
  const token = fs.readFileSync(path.join(lab.dir, 'limevisor.db.token'), 'utf8').trim();
  const relay = startRelay(lab);
  await listens(lab, 8641, 'the relay');
  const browser = await openBrowser(lab.pid);
  t.teardown(() => browser.close());
  const window = await browser.open();
  const { page } = window;
  await t.test('a token, and both planes', (t) => theLogin(t, page, token));
  await t.test('what belongs together lights up', (t) => theLit(t, page, token));
  await t.test('by keys alone, dark and light', (t) => theKeys(t, page));
  await t.test('what is seen, as files', (t) => theExports(t, page));
  await t.test('a migration from its plan to its end', (t) => theMigration(t, lab, page));
  await t.test('a migration is undone', (t) => theUndo(t, page));
  await t.test('hosts that move, alone and with a vswitch', (t) => theHosts(t, lab, page));
  await t.test('an owner sees nothing physical', (t) => theOwner(t, lab, browser));
  await t.test('a broken stream goes on', (t) => theEvents(t, lab, page, relay));
  t.strictSame(window.complaints, []);
});
