/**
 * `limevisor run FILE`: the hypervisor as a process, until it is told to stop.
 *
 * SIGTERM and SIGINT end it in order; `kill -9` is survived just as well (DESIGN 8): switches keep
 * forwarding, and the next start reconciles and goes on.
 */
import type { Config } from '../slices/config.ts';
import { listenText } from '../slices/target.ts';
import { serveControl } from './control.ts';
import { Hypervisor } from './hypervisor.ts';
import { openLog, patient } from './log.ts';
import { nodeWorld } from './node-world.ts';
import { openStore } from './store.ts';
import type { Hub } from './vswitch.ts';

/** `guard` is off only in the tests' canary, which must be found out. */
export async function run(
  file: string,
  config: Config,
  level: string,
  guard: Hub['guard'] = 'redirect',
): Promise<void> {
  const world = nodeWorld();
  const log = patient(openLog(level), () => world.nowMs());
  const store = openStore(config.store, () => world.random());
  const onFatal = (why: string): void => {
    log.error({ why }, 'limevisor cannot serve; stop what listens there, or change "listen"');
    process.exit(1);
  };
  const hypervisor = new Hypervisor({ world, store, config, log, guard, onFatal });
  const control = await serveControl(hypervisor, config.control);
  hypervisor.start();
  const listen = config.listen.map((at) => listenText(at));
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
