/**
 * `limevisor log [MODULE...] [--level LEVEL]`: shows the log levels, or changes them.
 */
import { type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { LogResult } from './control-log.ts';
import { table } from './report-text.ts';

export interface LogOptions extends Options {
  readonly level?: string;
}

export async function log(modules: readonly string[], options: LogOptions): Promise<void> {
  const { socket, json, level } = options;
  const asked = { ...(modules.length > 0 && { modules }) };
  const result =
    level === undefined
      ? await ask<LogResult>(socket, 'log', asked)
      : await ask<LogResult>(socket, 'setLog', { ...asked, level });
  say(
    json ? JSON.stringify(result) : table([['MODULE', 'LEVEL'], ...Object.entries(result.levels)]),
  );
}
