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
const LOOK_MS = 50;

/** Time as `arrival` needs it: now in milliseconds, and some of it to pass. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

/**
 * Until all has come, or nothing more comes: while what `came` says has come stays the same.
 * However long that takes: a controller that has to wait for a processor answers one packet-in
 * after the other, and what its answers send has not been lost. So what goes in circles must not
 * count as more and more.
 */
export async function arrival(
  isWhole: () => boolean,
  came: () => string,
  clock: Clock = { now: Date.now, sleep },
): Promise<void> {
  let [last, sinceMs] = [came(), clock.now()];
  while (!isWhole() && clock.now() - sinceMs < ON_ITS_WAY_MS) {
    await clock.sleep(LOOK_MS);
    if (came() !== last) [last, sinceMs] = [came(), clock.now()];
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
