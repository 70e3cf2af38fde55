/**
 * Waiting for something to become true, with a limit and a clear end.
 */
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, type Running } from './processes.ts';

export { sleep };

/**
 * Limits are of what never comes, said as they would be on a machine that does nothing else: one
 * that does takes a multiple of that.
 */
const PATIENCE = 4;

/** Looks every 50 ms until `look` gives a value; fails by naming what never came. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const limitMs = PATIENCE * timeoutMs;
  const endMs = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`${what} did not happen within ${limitMs / 1000} s`);
    await sleep(50);
  }
}

/** What is on its way for longer than this is lost. */
const ON_ITS_WAY_MS = 3_000;
/** What goes in circles is not waited for. */
const IN_CIRCLES_MS = 15_000;

/** Until all has come, or nothing more comes: while the text of what has come stays the same. */
export async function arrival(isWhole: () => boolean, came: () => string): Promise<void> {
  const endMs = Date.now() + IN_CIRCLES_MS;
  let [last, sinceMs] = [came(), Date.now()];
  while (!isWhole() && Date.now() - sinceMs < ON_ITS_WAY_MS && Date.now() < endMs) {
    await sleep(50);
    if (came() !== last) [last, sinceMs] = [came(), Date.now()];
  }
}

/** As `until`, for a program's start: fails at once when it ends, and shows the end of its log. */
export async function untilStarted(
  name: string,
  running: Running,
  timeoutMs: number,
  look: () => Promise<true | undefined> | true | undefined,
): Promise<void> {
  try {
    await until(`the start of ${name}`, timeoutMs, () => {
      if (!hasEnded(running.child)) return look();
      throw new Error(`${name} ended as it started (exit ${running.child.exitCode})`);
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}\n${tailOf(running.log)}`);
  }
}

const TAIL_LINES = 15;

function tailOf(log: string | undefined): string {
  const text = log === undefined ? '' : fs.readFileSync(log, 'utf8').trim();
  const lines = text.split('\n').slice(-TAIL_LINES);
  return text === '' ? 'it said nothing' : `${log} ends with:\n${lines.join('\n')}`;
}
