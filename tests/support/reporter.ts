/**
 * Runs tap over all tests (or those named on the command line, or with `--unit` all but the live
 * ones) and reports: a line for each file, what failed in full, and as the very last line
 * `N passed, N failed`.
 *
 * The counts are of assertions. A file that fails without a failed assertion (it crashed, asserted
 * nothing, was never reached) counts as one failure: silence proves nothing. Files under
 * tests/live/ and tests/soak/ use root, namespaces and the clock: they run last. Those of
 * tests/live/ run two at a time (they wait more than they compute); those of tests/soak/
 * (*.soak.ts) one at a time, only when they are named, and without tap's time limit.
 */

import { globSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { Parser, type Result } from 'tap-parser';
import { spawnWithUs } from './child.ts';

interface Tally {
  passed: number;
  failed: number;
}

const tap = 'node_modules/tap/dist/esm/run.mjs';
const root = resolve(import.meta.dirname, '../..');
const total: Tally = { passed: 0, failed: 0 };

function wanted(): readonly string[] {
  const args = process.argv.slice(2);
  const all = () => globSync('{tests,examples}/**/*.test.ts', { cwd: root }).sort();
  if (args.length === 0) return all();
  if (args[0] === '--unit') return all().filter((file) => !alone(file));
  return args.map((file) => relative(root, resolve(file)));
}

/** Counts what is asserted under one parser, at any depth; prints each failure as it is found. */
function follow(parser: Parser, tally: Tally, path: string): void {
  parser.on('child', (child: Parser) => follow(child, tally, `${path} > ${child.name}`));
  parser.on('assert', (result: Result) => {
    if (result.closingTestPoint) return;
    if (result.skip || result.todo) {
      console.log(`skipped: ${path} > ${result.name} (${result.skip || result.todo})`);
    } else if (result.ok) {
      tally.passed += 1;
    } else {
      tally.failed += 1;
      complain(path, result);
    }
  });
}

function complain(path: string, result: Result): void {
  console.log(`not ok: ${path} > ${result.name || '(unnamed)'}`);
  if (!result.diag) return;
  const text = JSON.stringify(result.diag, null, 2)
    .replaceAll('\\n', '\n    ')
    .replaceAll('\\"', '"');
  console.log(`  ${text.replaceAll('\n', '\n  ')}`);
}

/** One child of the outermost parser is one file; its test point tells how the process ended. */
function followFiles(parser: Parser, pending: Set<string>): void {
  let tally: Tally = { passed: 0, failed: 0 };
  parser.on('child', (file: Parser) => {
    tally = { passed: 0, failed: 0 };
    follow(file, tally, file.name);
  });
  parser.on('assert', (result: Result) => {
    if (!pending.delete(result.name)) return complain('tap', result);
    if (tally.failed === 0 && (!result.ok || tally.passed === 0)) {
      tally.failed += 1;
      if (result.ok) console.log(`not ok: ${result.name} asserts nothing`);
      else complain(result.name, result);
    }
    total.passed += tally.passed;
    total.failed += tally.failed;
    const seconds = ((result.time ?? 0) / 1000).toFixed(1);
    const verdict = tally.failed === 0 ? 'ok' : `not ok, ${tally.failed} failed`;
    console.log(`${verdict}: ${result.name} (${tally.passed} passed, ${seconds} s)`);
    tally = { passed: 0, failed: 0 };
  });
}

async function run(files: readonly string[], jobs: number): Promise<void> {
  if (files.length === 0) return;
  const pending = new Set(files);
  const limits = files.some((file) => file.startsWith('tests/soak/')) ? ['--timeout=0'] : [];
  const running = spawnWithUs(
    process.execPath,
    [tap, 'run', '--reporter=tap', `--jobs=${jobs}`, ...limits, ...files],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const parser = new Parser();
  followFiles(parser, pending);
  parser.on('bailout', (reason: string) => console.log(`not ok: bailed out: ${reason}`));
  running.stdout?.setEncoding('utf8').on('data', (text: string) => parser.write(text));
  const status = await new Promise<number | null>((done) => running.on('close', done));
  parser.end();
  for (const file of pending) console.log(`not ok, 1 failed: ${file} (did not run)`);
  total.failed += pending.size;
  if (status !== 0 && total.failed === 0) {
    console.log(`not ok, 1 failed: tap itself ended with ${status ?? 'a signal'}`);
    total.failed += 1;
  }
}

const alone = (file: string) => /^tests\/(live|soak)\//.test(file);
const files = wanted();
await run(
  files.filter((file) => !alone(file)),
  2,
);
const soaking = files.some((file) => file.startsWith('tests/soak/'));
await run(files.filter(alone), soaking ? 1 : 2);
if (total.passed === 0 && total.failed === 0) total.failed = 1;
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed`);
