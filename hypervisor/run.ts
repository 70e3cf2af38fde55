/**
 * `limevisor run FILE`: the hypervisor as a process, until it is told to stop.
 *
 * SIGTERM and SIGINT end it in order; `kill -9` is survived just as well (DESIGN 8): switches keep
 * forwarding, and the next start reconciles and goes on.
 */
import { targetText } from '../slices/target.ts';
import { serveControl } from './control.ts';
import { readFile } from './file.ts';
import { Hypervisor } from './hypervisor.ts';
import { logLevels, openLog } from './log.ts';
import { nodeWorld } from './node-world.ts';
import { openStore } from './store.ts';
import type { Hub } from './vswitch.ts';

export function run(file: string, { log }: { readonly log: string }): Promise<void> {
  return serve(file, log, 'redirect');
}

/** As `run`; the tests' canary serves without guards, and must be found out. */
export async function serve(file: string, level: string, guard: Hub['guard']): Promise<void> {
  if (!logLevels.some((one) => one === level)) {
    throw new Error(`"${level}" is not a log level; known: ${logLevels.join(', ')}`);
  }
  const read = readFile(file);
  if ('problems' in read) {
    const list = read.problems.map((one) => `  ${one.path}: ${one.why}`).join('\n');
    throw new Error(`${file} has ${read.problems.length} problem(s):\n${list}`);
  }
  const { config } = read;
  const log = openLog(level);
  const store = openStore(config.store);
  const onFatal = (why: string): void => {
    log.error({ why }, 'limevisor cannot serve; stop what listens there, or change "listen"');
    process.exit(1);
  };
  const world = nodeWorld();
  const hypervisor = new Hypervisor({ world, store, config, log, guard, onFatal });
  const control = await serveControl(hypervisor, config.control);
  hypervisor.start();
  const listen = config.listen.map((at) => targetText(at));
  log.info({ file, listen, control: config.control, store: config.store }, 'limevisor runs');
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'limevisor stops');
    hypervisor.stop('limevisor stops');
    control.close();
    store.close();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
