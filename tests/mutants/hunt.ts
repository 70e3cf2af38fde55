/** Runs tests over sources one of which is wrong: they have to fail. */

import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { spawnWithUs } from '../support/child.ts';
import type { Mutant } from './mutants.ts';

const root = resolve(import.meta.dirname, '../..');
/** For one test file; what hangs is found out, too. */
const LIMIT_SEC = '120';

/** Why a mutant cannot be hunted: a source, or a test, is not where it was when it was written. */
export function whyStale({ file, from, to, tests }: Mutant): string | undefined {
  const gone = [file, ...tests].find((one) => !existsSync(resolve(root, one)));
  if (gone !== undefined) return `there is no ${gone}: say where it is now`;
  const count = readFileSync(resolve(root, file), 'utf8').split(from).length - 1;
  if (count !== 1) return `${file} has "${from}" ${count} times: say where it is now`;
  return from === to ? 'it changes nothing' : undefined;
}

/** The first of its test files that fails; undefined when it lives. */
export async function killerOf(mutant: Mutant): Promise<string | undefined> {
  for (const test of mutant.tests) if (!(await passes(test, mutant))) return test;
  return undefined;
}

/** Whether a test file passes, over the sources as they are if no mutant is named. */
export async function passes(test: string, mutant?: Mutant): Promise<boolean> {
  const url = mutant && pathToFileURL(resolve(root, mutant.file)).href;
  const MUTANT = JSON.stringify({ url, from: mutant?.from, to: mutant?.to });
  const preloads = ['support/orphaned.ts', 'mutants/preload.ts'].map((one) => {
    return `--import=${pathToFileURL(resolve(root, 'tests', one)).href}`;
  });
  const NODE_OPTIONS = ['--disable-warning=ExperimentalWarning', ...preloads].join(' ');
  const child = spawnWithUs(process.execPath, [test], {
    cwd: root,
    env: { ...process.env, MUTANT, NODE_OPTIONS, TAP_TIMEOUT: LIMIT_SEC },
    stdio: 'ignore',
  });
  const [code] = await once(child, 'close');
  return code === 0;
}
