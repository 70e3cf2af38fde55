/** Processes that tests start outside of labs. Whatever happens to the test, they end with it. */

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** As `spawn`; the kernel kills it when whoever started it has ended, however that ended. */
export function spawnWithUs(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], options);
}

const STARTING_MSEC = 240_000;

/**
 * Until a child that writes to its standard error has written that; what it has written so far.
 * Throws when it ends before, or after minutes: going on without it, a test would measure nothing.
 */
export function untilSaid(child: ChildProcess, what: string | RegExp): Promise<() => string> {
  let said = '';
  const isSaid = () => (typeof what === 'string' ? said.includes(what) : what.test(said));
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`${child.spawnargs.join(' ')} ${why}: ${said}`));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`has not said ${what} within ${STARTING_MSEC} ms`);
    }, STARTING_MSEC);
    child.once('error', (error) => fail(`does not start (${error.message})`));
    child.once('close', (code, signal) => fail(`ended (${code ?? signal}) and never said ${what}`));
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
      if (!isSaid()) return;
      clearTimeout(timer);
      resolve(() => said);
    });
  });
}
