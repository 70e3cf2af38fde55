/**
 * Runs tap over all tests (or those named on the command line) and reports: a line for each file,
 * what failed in full, and as the very last line `N passed, N failed`.
 *
 * The counts are of assertions. A file that fails without a failed assertion (it crashed, hung,
 * asserted nothing) counts as one failure: silence proves nothing. Started by test.sh.
 */

import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { Parser, type Result } from 'tap-parser';

interface Tally {
  passed: number;
  failed: number;
}

const root = new URL('../..', import.meta.url).pathname;
const total: Tally = { passed: 0, failed: 0 };

function named(): string[] {
  const args = process.argv.slice(2);
  if (args.length > 0) return args;
  const files = globSync('{tests,examples}/**/*.test.ts', { cwd: root }).sort();
  // What runs alone (.taprc) runs last: the quick answers come first.
  const alone = (file: string) => file.startsWith('tests/live/');
  return [...files.filter((file) => !alone(file)), ...files.filter(alone)];
}

/** Counts what is asserted under one parser, at any depth; prints each failure where it is found. */
function follow(parser: Parser, tally: Tally, path: string): void {
  parser.on('child', (child: Parser) => follow(child, tally, `${path} > ${child.name}`));
  parser.on('assert', (result: Result) => {
    if (result.closingTestPoint || result.skip || result.todo) return;
    if (result.ok) tally.passed += 1;
    else {
      tally.failed += 1;
      complain(path, result);
    }
  });
}

function complain(path: string, result: Result): void {
  console.log(`not ok: ${path} > ${result.name || '(unnamed)'}`);
  if (!result.diag) return;
  const text = JSON.stringify(result.diag, null, 2).replaceAll('\\n', '\n    ');
  console.log(`  ${text.replaceAll('\n', '\n  ')}`);
}

/** One child of the outermost parser is one file; its test point tells how the process ended. */
function followFiles(parser: Parser): void {
  let tally: Tally = { passed: 0, failed: 0 };
  parser.on('child', (file: Parser) => {
    tally = { passed: 0, failed: 0 };
    follow(file, tally, file.name);
  });
  parser.on('assert', (result: Result) => {
    const silent = tally.passed + tally.failed === 0 && !result.skip;
    if (tally.failed === 0 && (!result.ok || silent)) {
      tally.failed += 1;
      complain(result.name, result);
      if (result.ok) console.log('  it asserts nothing');
    }
    total.passed += tally.passed;
    total.failed += tally.failed;
    const seconds = ((result.time ?? 0) / 1000).toFixed(1);
    const verdict = tally.failed === 0 ? 'ok' : `not ok, ${tally.failed} failed`;
    console.log(`${verdict}: ${result.name} (${tally.passed} passed, ${seconds} s)`);
    tally = { passed: 0, failed: 0 };
  });
}

function finish(tapStatus: number | null, ok: boolean): void {
  if (total.failed === 0 && (tapStatus !== 0 || !ok || total.passed === 0)) {
    console.log(`not ok: tap itself ended with ${tapStatus ?? 'a signal'}`);
    total.failed += 1;
  }
  process.exitCode = total.failed === 0 ? 0 : 1;
  console.log(`${total.passed} passed, ${total.failed} failed`);
}

const tap = spawn(
  process.execPath,
  [`${root}node_modules/tap/dist/esm/run.mjs`, 'run', '--reporter=tap', ...named()],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
);
let ok = true;
const parser = new Parser((results) => {
  ok = results.ok;
});
followFiles(parser);
tap.stdout.on('data', (chunk: Buffer) => parser.write(chunk.toString()));
tap.stdout.on('end', () => parser.end());
tap.on('close', (status) => finish(status, ok));
