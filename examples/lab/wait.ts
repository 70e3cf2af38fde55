/**
 * Waiting for something to become true, with a limit and a clear end.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** Looks every 50 ms until `look` gives a value; fails by naming what never came. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`${what} did not happen within ${timeoutMs / 1000} s`);
    await sleep(50);
  }
}
