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

export function limevisor(...args: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}
