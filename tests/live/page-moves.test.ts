/**
 * The stage of the page in a real browser, with a vswitch and its host that move as one: each state
 * of either is seen as the API tells it, and again by the slider. (What the API tells is made up
 * here, so that each state stays until it was seen.)
 */
import t from 'tap';
import type { HostMoved, Migrated } from '../../hypervisor/page/documents.ts';
import { servePage } from '../page/page-server.ts';
import { small } from '../page/small-network.ts';
import { openBrowser } from './browser.ts';

const phase = (name: string, startedMs: number) => ({ name, startedMs, endedMs: startedMs + 100 });
const course = { stateSinceMs: 1_400, startedMs: 1_000, phases: [phase('tunnels', 1_000)] };
const migration: Migrated = {
  ...{ id: 2, vswitch: 'red/v1', from: 's1', to: 's2', strategy: 'lime', ensemble: 1 },
  ...{ state: { type: 'move' }, ...course },
};
const move: HostMoved = {
  ...{ id: 5, host: 'red/h1', vswitch: 'red/v1', vport: 1, driver: 'netns', ensemble: 1 },
  ...{ from: { device: 's1', port: 1 }, to: { device: 's2', port: 4 }, said: ['moved'] },
  ...{ state: { type: 'open' }, stateSinceMs: 1_500, startedMs: 1_500, phases: [] },
};
const whole = {
  id: 1,
  what: 'red to s2, with hosts',
  plan: [],
  state: { type: 'move' },
  ...course,
};

/** The host's move, when it is in this state. */
function hostIn(state: 'open' | 'run' | 'close' | 'done'): HostMoved {
  const all = ['open', 'run', 'close', 'done'].slice(0, 3);
  const past = state === 'done' ? all : all.slice(0, all.indexOf(state));
  const phases = past.map((name, i) => phase(name, 1_500 + i * 100));
  return { ...move, phases, state: { type: state }, stateSinceMs: 1_500 + past.length * 100 };
}

t.test('hosts on the stage', async (t) => {
  const answers = {
    ...{ topology: small, migrations: [migration], ensembles: [whole], hostMoves: [move] },
  };
  const server = await servePage(answers);
  t.teardown(() => server.close());
  const browser = await openBrowser();
  t.teardown(() => browser.close());
  const { page, complaints } = await browser.open();
  await page.goto(server.url);
  await page.fill('#token', 'any');
  await page.click('button[type=submit]');
  await page.waitForSelector('.node.vswitch');
  await page.keyboard.press('2');
  await page.click('.list a:has-text("red to s2, with hosts")');
  await page.waitForSelector('.play .kind:has-text("1 vswitch, 1 host")');
  await page.waitForSelector('.members .card:has-text("red/h1"):has-text("s1:1 → s2:4") .now.open');

  // As part of the vswitch's stage, by the port that it is plugged in to.
  await page.click('.members a:has-text("red/v1")');
  for (const [state, place] of [
    ['open', 's1:1, and s2:4 opened'],
    ['run', 's1:1 → s2:4'],
    ['close', 's2:4'],
  ] as const) {
    answers.hostMoves = [hostIn(state)];
    await page.waitForSelector(
      `.theatre .port:has(.number:text-is("1")) .host-at:text("${place}")`,
    );
  }

  // On a stage of its own.
  await page.click('.list a:has-text("red/h1")');
  await page.waitForSelector('.host-theatre .primary:has-text("s2:4")');
  answers.hostMoves = [hostIn('done')];
  answers.migrations = [{ ...migration, state: { type: 'done' }, stateSinceMs: 1_900 }];
  await page.waitForSelector('.list li:has-text("red/h1") em.done');
  const slider = page.locator('.replay input');
  for (const [at, says] of [
    ['50', /^Open/],
    ['150', /^Run/],
    ['250', /^Close/],
    ['0', /^Open/],
  ] as const) {
    await slider.fill(at);
    t.match(await page.textContent('.says'), says, `after ${at} ms`);
  }
  await page.waitForSelector('.host-theatre .primary:has-text("s1:1")');
  t.match(await page.textContent('pre.plan'), /moved/, 'what its driver said');
  await page.click('.replay button:has-text("Replay")');
  await page.waitForSelector('.replay output:text-is("end")');
  await page.waitForSelector('.says:has-text("Done")');
  t.strictSame(complaints, []);
});
