/**
 * The command line as a person runs it: ../limevisor as a process of its own.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../../limevisor', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What it takes at most, milliseconds: a `run` that was to be refused would run for ever. */
const ENDS_WITHIN_MSEC = 240_000;

/** Runs it to its end; throws when it does not come to one, and kills it. */
export function limevisor(...args: readonly string[]): Ended {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: ENDS_WITHIN_MSEC,
    killSignal: 'SIGKILL',
  });
  if (error !== undefined)
    throw new Error(`limevisor ${args.join(' ')}: ${error.message}: ${stderr}`);
  return { code: status, stdout, stderr };
}
