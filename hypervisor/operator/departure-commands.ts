/**
 * `limevisor purge | restore`: decisions about vswitches that left (departures.ts). They go to the
 * running limevisor, or with `--file` to the store of a file that none serves.
 */
import { ask, Refused } from './client.ts';
import type { DecidedResult } from './control.ts';
import { configOf } from './file.ts';
import { type Asked, offline } from './offline.ts';

export interface DecideOptions {
  readonly socket: string;
  readonly json?: boolean;
  readonly left?: boolean;
  readonly file?: string;
}

/** What was done, for stdout. */
export async function purge(vswitch: string | undefined, options: DecideOptions): Promise<string> {
  const { left = false } = options;
  if ((vswitch === undefined) === !left) {
    const message = 'name a vswitch or a tenant that has left, or say --left for all';
    throw new Refused({ code: 'usage', message });
  }
  return decide('purge', { vswitch: vswitch ?? '', left }, options);
}

export async function restore(
  vswitch: string | undefined,
  options: DecideOptions,
): Promise<string> {
  if (vswitch === undefined) {
    const message = 'name a vswitch that waits, or a backup: --from FILE';
    throw new Refused({ code: 'usage', message });
  }
  return decide('restore', { vswitch }, options);
}

async function decide(
  verb: 'purge' | 'restore',
  asked: Asked,
  { socket, json, file }: DecideOptions,
): Promise<string> {
  const { done } =
    file === undefined
      ? await ask<DecidedResult>(socket, verb, asked)
      : offlineIn(file, verb, asked);
  if (json) return JSON.stringify({ done });
  return done.length === 0 ? 'nothing has left' : done.join('\n');
}

function offlineIn(file: string, verb: 'purge' | 'restore', asked: Asked): DecidedResult {
  const decided = offline(configOf(file), verb, asked);
  if ('done' in decided) return decided;
  throw new Refused({ code: 'rejected', message: decided.whyNot });
}
