/**
 * One test file in a process of its own: what it asserts is counted and its failures are printed as
 * they come; the last word is whether it is right.
 *
 * Files are started without tap's own runner, which costs each of them more than a short one takes.
 * What it would have told them is in the environment.
 */

import type { ChildProcess } from 'node:child_process';
import { Parser, type Result } from 'tap-parser';
import { spawnWithUs } from './child.ts';

export interface Totals {
  passed: number;
  failed: number;
}

export interface Ended extends Totals {
  readonly sec: number;
}

/** For a file that is not in tests/soak. */
const LIMIT_SEC = 900;
/** One that has failed, and says nothing for so long, waits for what will not come. */
const SILENT_SEC = 180;
/** So many times that for one that is nice: behind all others, it may get no time for long. */
const NICE_LIMITS = 4;

export function limitOf(niceness: number): number {
  return niceness > 0 ? NICE_LIMITS * LIMIT_SEC : LIMIT_SEC;
}

/** How the processes of the files are started. */
export interface How {
  readonly cwd: string;
  /** Behind others on a machine that has too much to do: 0 is as they are, 19 is behind all. */
  readonly niceness: number;
  readonly isLimited: boolean;
  /** How long one that has failed may say nothing, seconds. */
  readonly silentSec?: number;
}

/** Counts what is asserted under one parser, at any depth; prints each failure as it is found. */
function follow(parser: Parser, totals: Totals, path: string): void {
  parser.on('child', (child: Parser) => follow(child, totals, `${path} > ${child.name}`));
  parser.on('assert', (result: Result) => {
    if (result.closingTestPoint) return;
    if (result.skip || result.todo) {
      console.log(`skipped: ${path} > ${result.name} (${result.skip || result.todo})`);
    } else if (result.ok) {
      totals.passed += 1;
    } else {
      totals.failed += 1;
      complain(path, result);
    }
  });
  parser.on('bailout', (reason: string) => console.log(`not ok: ${path} bailed out: ${reason}`));
}

function complain(path: string, result: Result): void {
  console.log(`not ok: ${path} > ${result.name || '(unnamed)'}`);
  if (!result.diag) return;
  const text = JSON.stringify(result.diag, null, 2)
    .replaceAll('\\n', '\n    ')
    .replaceAll('\\"', '"');
  console.log(`  ${text.replaceAll('\n', '\n  ')}`);
}

/** Runs a file to its end. */
export async function runFile(file: string, how: How): Promise<Ended> {
  const startedMs = performance.now();
  const limitSec = how.isLimited ? limitOf(how.niceness) : 0;
  const preload = '--import=./tests/support/orphaned.ts';
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', preload, file];
  const child = spawnWithUs('nice', ['-n', String(how.niceness), ...argv], {
    cwd: how.cwd,
    env: { ...process.env, TAP_TIMEOUT: String(limitSec) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // tap ends a test in time and says what it waited for: this is for a process that cannot.
  const kill = () => void child.kill('SIGKILL');
  const timer = how.isLimited ? setTimeout(kill, limitSec * 1_100) : undefined;
  const parser = new Parser();
  const totals: Totals = { passed: 0, failed: 0 };
  const silence = how.isLimited
    ? new Silence(child, how.silentSec ?? SILENT_SEC, totals)
    : undefined;
  follow(parser, totals, file);
  const isRight = new Promise<boolean>((done) => parser.on('complete', ({ ok }) => done(ok)));
  child.stdout?.pipe(parser);
  const ending = await new Promise<string>((done) => {
    child.on('error', (error) => done(error.message));
    child.on('close', (code, signal) => done(code === 0 ? '' : `ended with ${code ?? signal}`));
  });
  clearTimeout(timer);
  silence?.end();
  const trouble = troubleOf(await isRight, ending, totals);
  if (trouble !== '') {
    totals.failed += 1;
    console.log(`not ok: ${file} ${trouble}`);
  }
  return { ...totals, sec: (performance.now() - startedMs) / 1_000 };
}

/** Ends a process that has failed and says nothing more: it is told to end, and then killed. */
class Silence {
  readonly #child: ChildProcess;
  readonly #totals: Totals;
  readonly #sec: number;
  #timer: NodeJS.Timeout;

  constructor(child: ChildProcess, sec: number, totals: Totals) {
    this.#child = child;
    this.#totals = totals;
    this.#sec = sec;
    this.#timer = this.#wait('SIGTERM');
    child.stdout?.on('data', () => {
      this.end();
      this.#timer = this.#wait('SIGTERM');
    });
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #wait(signal: 'SIGTERM' | 'SIGKILL'): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.#totals.failed > 0) this.#child.kill(signal);
      this.#timer = this.#wait(this.#totals.failed > 0 ? 'SIGKILL' : 'SIGTERM');
    }, this.#sec * 1_000);
  }
}

/** What is wrong although no assertion failed. */
function troubleOf(isRight: boolean, ending: string, { passed, failed }: Totals): string {
  if (failed > 0) return '';
  if (ending !== '') return ending;
  if (!isRight) return 'does not do what it planned';
  return passed === 0 ? 'asserts nothing' : '';
}
