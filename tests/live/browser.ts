/**
 * A real browser (Debian's chromium, led by playwright) in the network of a lab, or in ours. It is
 * sent to addresses of this machine only.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { needPrograms } from '../../examples/lab/processes.ts';

/** A tab with a storage of its own. */
export interface Window {
  readonly page: Page;
  /** What the page complained of: errors of its own, and what its policy forbade. */
  readonly complaints: readonly string[];
}

export interface OpenBrowser {
  open(options?: BrowserContextOptions): Promise<Window>;
  close(): Promise<void>;
}

/** Without what a browser does by itself: look for updates, report, keep passwords. */
const quiet = [
  ...['--disable-background-networking', '--disable-component-update', '--no-first-run'],
  ...['--disable-sync', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server'],
  ...['--disable-features=Translate,OptimizationHints,MediaRouter', '--disable-breakpad'],
  // Frames are made whatever else this machine does.
  ...['--disable-background-timer-throttling', '--disable-renderer-backgrounding'],
];

/** For documents: made only when somebody asks for them (`make screenshots`). */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined) return;
  // What glides has arrived.
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** `pid`: of a process in whose network the browser lives. */
export async function openBrowser(pid?: number): Promise<OpenBrowser> {
  needPrograms({ chromium: 'chromium' });
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'limevisor-browser-'));
  const program = path.join(home, 'browser');
  const enter = pid === undefined ? '' : `nsenter -t ${pid} --net -- `;
  fs.writeFileSync(program, `#!/bin/sh\nexec ${enter}chromium "$@"\n`, { mode: 0o755 });
  const browser = await chromium.launch({
    ...{ executablePath: program, args: quiet, chromiumSandbox: false, timeout: 90_000 },
    env: { ...process.env, HOME: home },
  });
  return {
    open: (options = {}) => openWindow(browser, options),
    async close() {
      await browser.close();
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

async function openWindow(browser: Browser, options: BrowserContextOptions): Promise<Window> {
  const viewport = { width: 1440, height: 900 };
  const context = await browser.newContext({ viewport, colorScheme: 'dark', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => void complaints.push(message));
  page.on('console', (said) => {
    if (/Content Security Policy/.test(said.text())) complaints.push(said.text());
  });
  return { page, complaints };
}
