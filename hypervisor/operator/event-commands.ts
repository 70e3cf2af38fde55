/**
 * `limevisor events [--follow]`: events since the start, and new ones as they happen.
 */
import type { Event } from '../world/event-log.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { textLine } from '../world/log.ts';
import { ask } from './client.ts';

/** What a follower gets: an event, or how many it has missed. */
export type Followed = Event | { readonly missed: number };

export interface EventsOptions extends Options {
  readonly follow?: boolean;
  readonly since: string;
}

export async function events({ socket, json, follow, since }: EventsOptions): Promise<void> {
  if (!/^[0-9]{1,15}$/.test(since)) {
    const hint = 'write that of the last event that you have, or 0';
    throw new Ending(exitCodes.usage, `"${since}" is not an event's number; ${hint}`);
  }
  const print = (one: Followed): void => say(json ? JSON.stringify(one) : eventText(one));
  if (follow === true) {
    await ask(socket, 'events', { since, follow }, (one) => print(one as Followed));
  } else for (const one of await ask<readonly Event[]>(socket, 'events', { since })) print(one);
}

/** As the log has it with `--log-format text`. */
export function eventText(one: Followed): string {
  if ('missed' in one) return `(${one.missed} events were left out: they came faster than read)`;
  const { atMs, level, what, about } = one;
  const line = { level, time: new Date(atMs).toISOString(), ...about, msg: what };
  return textLine(JSON.stringify(line)).trimEnd();
}
