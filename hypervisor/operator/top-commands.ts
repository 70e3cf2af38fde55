/**
 * `limevisor top [--watch SECONDS]`: asks twice, and prints the difference.
 */
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import { ratesBetween, type TopReport, topText } from './top.ts';

export interface TopOptions extends Options {
  readonly watch?: string;
}

const ONCE_SEC = 1;
const LONGEST_SEC = 3_600;

export async function top({ socket, json, watch }: TopOptions): Promise<void> {
  const seconds = watch === undefined ? ONCE_SEC : Number(watch);
  if (!(seconds >= 1 && seconds <= LONGEST_SEC)) {
    const why = `"${watch}" is not an interval; write seconds, from 1 to ${LONGEST_SEC}`;
    throw new Ending(exitCodes.usage, why);
  }
  const { nodeWorld } = await import('../world/node-world.ts');
  const world = nodeWorld();
  const pause = () => new Promise<void>((done) => void world.after(seconds * 1000, done));
  let before = await ask<TopReport>(socket, 'top', {});
  do {
    await pause();
    const after = await ask<TopReport>(socket, 'top', {});
    say(json ? jsonText(before, after) : topText(before, after));
    before = after;
  } while (watch !== undefined);
}

function jsonText(before: TopReport, after: TopReport): string {
  const rates = ratesBetween(before, after);
  const tenants = after.tenants.map((one) => ({ ...one, perSecond: rates.get(one.tenant) }));
  return JSON.stringify({ ...after, tenants });
}
