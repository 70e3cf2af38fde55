/**
 * What `./limevisor` runs (tests/support/program.sh): the bundle while it is what the sources are,
 * and never one that is older than a change of a source, however that came about.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../../examples/lab/programs.ts';

const BUNDLE = 'hypervisor/bundle/main.js';
const SOURCES = 'hypervisor/main.ts';
const files = [
  ...[BUNDLE, SOURCES, 'hypervisor/page/main.tsx', 'openflow/match/oxm.ts', 'slices/ids.ts'],
  ...['translation/policy.ts', 'node_modules/.package-lock.json'],
];

/** A tree of ours in a folder, bundled when all of it was there. */
function tree(t: Tap) {
  const dir = t.testdir();
  const at = (name: string): string => join(dir, name);
  for (const name of [...files, 'tests/support/program.sh']) {
    fs.mkdirSync(join(at(name), '..'), { recursive: true });
    fs.writeFileSync(at(name), name);
  }
  fs.copyFileSync(join(root, 'tests/support/program.sh'), at('tests/support/program.sh'));
  const bundled = (): void => {
    const now = Date.now() / 1_000 + 0.1;
    fs.utimesSync(at(BUNDLE), now, now);
    // What is written next is younger than that.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  };
  bundled();
  const runs = () =>
    execFileSync('sh', [at('tests/support/program.sh')], { encoding: 'utf8' }).trim();
  return { at, bundled, runs };
}

t.test('the bundle, until a source is another', async (t) => {
  const { at, bundled, runs } = tree(t);
  t.equal(runs(), BUNDLE);
  fs.appendFileSync(at('hypervisor/page/main.tsx'), '//');
  t.equal(runs(), BUNDLE, 'the page is no part of it');
  for (const name of files.filter((one) => one !== BUNDLE && !one.includes('/page/'))) {
    fs.appendFileSync(at(name), '//');
    t.equal(runs(), SOURCES, `${name} was edited`);
    bundled();
    t.equal(runs(), BUNDLE, 'bundled anew');
  }
});

t.test('an older file in the place of a source is a change', async (t) => {
  const { at, runs } = tree(t);
  fs.writeFileSync(at('other'), 'of last year');
  fs.utimesSync(at('other'), 1e9, 1e9);
  t.equal(runs(), BUNDLE);
  fs.renameSync(at('other'), at('openflow/match/oxm.ts'));
  t.equal(runs(), SOURCES);
});

t.test('without a bundle the sources, without sources the bundle', async (t) => {
  const { at, runs } = tree(t);
  fs.rmSync(at('hypervisor/bundle'), { recursive: true });
  t.equal(runs(), SOURCES);
  const installed = tree(t);
  for (const room of ['openflow', 'slices', 'translation', SOURCES]) {
    fs.rmSync(installed.at(room), { recursive: true });
  }
  t.equal(installed.runs(), BUNDLE, 'a package has no sources');
});

type Tap = Pick<typeof t, 'testdir'>;
