/**
 * `limevisor wait`: waits until the network serves, so that a script need not guess how long that
 * takes.
 */
import { limits } from '../../slices/limits.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { nodeWorld } from '../world/node-world.ts';
import { ask, Unreachable } from './client.ts';
import type { WaitingReport } from './waiting.ts';

export interface WaitOptions extends Options {
  readonly timeout: string;
}

export async function wait(names: readonly string[], options: WaitOptions): Promise<void> {
  const { socket, json, timeout } = options;
  if (!/^[0-9]{1,6}$/.test(timeout)) {
    throw new Ending(exitCodes.usage, `"${timeout}" is not a time; write seconds, such as 60`);
  }
  const world = nodeWorld();
  const endMs = world.nowMs() + Number(timeout) * 1000;
  for (;;) {
    const asked = await askOnce(socket, names);
    const isHere = !(asked instanceof Unreachable);
    if (isHere && asked.count === 0) {
      say(json ? JSON.stringify({ ready: true, missing: [] }) : 'ready');
      return;
    }
    if (world.nowMs() >= endMs) {
      if (!isHere) throw asked;
      if (json) say(JSON.stringify({ ready: false, ...asked }));
      throw new Ending(exitCodes.failed, lateText(timeout, asked));
    }
    await new Promise<void>((resolve) => void world.after(limits.waitPollMs, resolve));
  }
}

/** A limevisor that does not answer yet is waited for, too. */
async function askOnce(
  socket: string,
  names: readonly string[],
): Promise<WaitingReport | Unreachable> {
  try {
    return await ask<WaitingReport>(socket, 'waiting', { names });
  } catch (error) {
    if (error instanceof Unreachable) return error;
    throw error;
  }
}

function lateText(timeout: string, { missing, count }: WaitingReport): string {
  const more = count > missing.length ? [`and ${count - missing.length} more`] : [];
  return `not ready after ${timeout} s:\n  ${[...missing, ...more].join('\n  ')}`;
}
