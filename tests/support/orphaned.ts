/**
 * Preloaded by every test file's process (see .taprc): ends it when whoever ran it has ended, so
 * that a run that was killed leaves nothing behind. Labs notice by themselves that their test has
 * ended (examples/lab/processes.ts), and `spawnWithUs` sees to other children.
 */
import process from 'node:process';

const LOOK_MSEC = 500;
const runner = process.ppid;

setInterval(() => {
  if (process.ppid !== runner) process.exit(1);
}, LOOK_MSEC).unref();
