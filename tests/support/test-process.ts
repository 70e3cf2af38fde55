/**
 * Files that share a process (shared-process.ts), as test-file.ts does it with one. Files are given
 * to it one by one, and what came of each is counted; which of them did not end well is the answer,
 * since they may be run by themselves then, and say why.
 */
import { spawnWithUs } from './child.ts';
import { type How, limitOf } from './test-file.ts';

/** A file that is over. */
export interface Shared {
  readonly file: string;
  readonly ok: boolean;
  readonly passed: number;
  readonly sec: number;
}

/** Runs files until there are no more; those that failed, or were lost with the process. */
export async function runShared(
  take: () => string | undefined,
  { cwd, niceness }: Pick<How, 'cwd' | 'niceness'>,
  passed: (one: Shared) => void,
): Promise<readonly string[]> {
  const preload = '--import=./tests/support/orphaned.ts';
  const script = 'tests/support/shared-process.ts';
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', preload, script];
  const limitSec = limitOf(niceness);
  const child = spawnWithUs('nice', ['-n', String(niceness), ...argv], {
    cwd,
    env: { ...process.env, TAP_TIMEOUT: String(limitSec) },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const failed = new Set<string>();
  child.on('message', (said: unknown) => {
    if (said === 'next') {
      const file = take();
      // Until it has said how that ended, it has not ended well.
      if (file !== undefined) failed.add(file);
      child.send(file ?? '');
    } else if (isShared(said) && said.ok && said.passed > 0) {
      failed.delete(said.file);
      passed(said);
    }
  });
  await new Promise((done) => {
    child.on('error', done);
    child.on('close', done);
  });
  return [...failed];
}

/** tap says other things to whoever started it. */
function isShared(said: unknown): said is Shared {
  return typeof said === 'object' && said !== null && 'file' in said;
}
