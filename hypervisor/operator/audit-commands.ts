/**
 * `limevisor audit`: the audit log.
 */
import { msOf } from '../../slices/traffic/traffic-text.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { nodeWorld } from '../world/node-world.ts';
import { ask } from './client.ts';

export interface AuditOptions extends Options {
  readonly by?: string;
  readonly did?: string;
  readonly over?: string;
  readonly last: string;
}

interface Entry {
  readonly atMs: number;
  readonly by: string;
  readonly did: string;
  readonly asked: unknown;
  readonly outcome: string;
  readonly why?: string;
  readonly changed: readonly { what: string; before: string; after: string }[];
}

export async function audit(text: string | undefined, options: AuditOptions): Promise<void> {
  const { socket, json, by, did, over, last } = options;
  const overMs = over === undefined ? undefined : msOf(over);
  if (over !== undefined && overMs === undefined) {
    throw new Ending(exitCodes.usage, `"${over}" is not a time to look back; write 12h, 30d, ...`);
  }
  const params = {
    limit: last,
    ...(text !== undefined && { text }),
    ...(by !== undefined && { by }),
    ...(did !== undefined && { did }),
    ...(overMs !== undefined && { sinceMs: Math.floor(nodeWorld().wallClockMs() - overMs) }),
  };
  const found = await ask<readonly Entry[]>(socket, 'audit', params);
  if (json) say(JSON.stringify(found));
  else if (found.length > 0) say(found.map(entryText).join('\n'));
  else {
    const isSome = text !== undefined || by !== undefined || did !== undefined || overMs;
    say(isSome ? 'nothing that is so; "limevisor audit" has the last of everything' : 'nothing');
  }
}

/** A line for what was asked, and one for each thing that is another since then. */
function entryText({ atMs, by, did, asked, outcome, why, changed }: Entry): string {
  const time = new Date(atMs).toISOString();
  const end = why === undefined ? outcome : `${outcome}: ${why.replaceAll('\n', '; ')}`;
  const lines = changed.map(({ what, before, after }) => {
    return `  ${what}: ${before === '' ? '-' : before} -> ${after === '' ? '-' : after}`;
  });
  return [`${time} ${by}: ${did} ${JSON.stringify(asked)}: ${end}`, ...lines].join('\n');
}
