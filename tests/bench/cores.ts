/**
 * Which core runs what, where that would decide the result, and not what is measured.
 *
 * One message alone wakes a process at every hop. On another core, which sleeps, that takes 40
 * microseconds on this kind of machine, on the same core 5, and the kernel chooses: so delays of
 * single messages are measured with both on one core. Under load it is the other way round: who is
 * woken on the core of the one who sends begins when the burst is over, some milliseconds late;
 * so each has a core of its own.
 */
import { execFileSync } from 'node:child_process';
import os from 'node:os';

/** Runs something while we and the main thread of `pid` are on one core, or on two. */
export async function onCores<T>(
  which: 'one' | 'own',
  pid: number | undefined,
  run: () => Promise<T>,
): Promise<T> {
  const last = os.cpus().length - 1;
  const theirs = which === 'one' ? 0 : Math.min(1, last);
  const both = pid === undefined ? [process.pid] : [process.pid, pid];
  for (const [i, one] of both.entries()) pin(one, i === 0 ? '0' : String(theirs));
  try {
    return await run();
  } finally {
    for (const one of both) pin(one, `0-${last}`);
  }
}

/** Of the main thread alone: workers go where there is room. */
function pin(pid: number, cores: string): void {
  execFileSync('taskset', ['--pid', '--cpu-list', cores, String(pid)], { stdio: 'ignore' });
}
