/**
 * `limevisor run FILE`: the hypervisor as a process, until it is told to stop.
 *
 * SIGTERM, SIGINT and SIGQUIT end it in order; SIGHUP has the file read again, and applied.
 * `kill -9` is survived just as well (DESIGN 8): switches keep forwarding, and the next start
 * reconciles and goes on.
 */
import fs from 'node:fs';
import { flushCompileCache } from 'node:module';
import path from 'node:path';
import type { Config } from '../slices/config/config.ts';
import { dateText } from '../slices/config/departures.ts';
import { listenText } from '../slices/config/target.ts';
import type { Serving } from './api/serving.ts';
import type { TakeOver } from './datapath/identity.ts';
import { nodeCommands, nodeDrivers } from './drivers/node-drivers.ts';
import { Hypervisor } from './hypervisor.ts';
import { applyFile, type Differing } from './operator/control-apply.ts';
import { kept, perform } from './store/ready.ts';
import { NoStart, ranEntry } from './store/starting.ts';
import { openStore, ownGround, removeStore } from './store/store.ts';
import { whenHandedOver } from './tenant/hand-over-end.ts';
import type { VswitchContext } from './tenant/vswitch-context.ts';
import { messageOf } from './world/error-text.ts';
import { EventLog } from './world/event-log.ts';
import { type Log, type LogFormat, levelled, openLog, patient } from './world/log.ts';
import { LogLevels, levelOf } from './world/log-levels.ts';
import { nodeWorld } from './world/node-world.ts';
import { ServiceWatch } from './world/service-watch.ts';
import type { Store, World } from './world/world.ts';

export interface RunOptions {
  readonly level: string;
  readonly format?: LogFormat;
  readonly takeOver?: TakeOver;
  /** Off only in the tests' canary, which must be found out. */
  readonly guard?: VswitchContext['guard'];
}

export async function run(file: string, config: Config, options: RunOptions): Promise<void> {
  const { level, format = 'json', takeOver = 'none', guard = 'redirect' } = options;
  const world = nodeWorld();
  const log = logFor(world, level, format);
  tellOfSignals(log);
  const isNew = !fs.existsSync(config.store);
  const store = openStore(config.store, () => world.random(), ownGround(config.storeSync));
  /** No run, no store, unless a switch has an entry that names it. */
  const forget = (datapaths: readonly { readonly channel: unknown }[]): void => {
    if (isNew && datapaths.every((one) => one.channel === undefined)) removeStore(config.store);
  };
  const onFatal = (why: string): void => {
    log.error({ why }, `limevisor cannot serve; ${adviceFor(why)}`);
    forget(hypervisor.datapaths());
    process.exit(1);
  };
  const onStoreLost = (why: string): void => {
    log.error({ why, next: storeAdvice }, 'limevisor stops: it cannot keep what it acknowledges');
    // At once: nothing is said any more to anybody who might take it for kept.
    process.exit(1);
  };
  let api: Serving | undefined;
  const onConfig = (next: Config): void => api?.follow(next.api);
  const begin = (): Hypervisor => {
    const callbacks = { onFatal, onStoreLost, onConfig };
    const programs = { drivers: nodeDrivers(world), runCommand: nodeCommands(world) };
    const own = { world, store, config, log, guard, takeOver, ...programs };
    const made = new Hypervisor({ ...own, ...callbacks });
    if (takeOver === 'adopt' && made.identity.isNew) throw new NoStart(nothingToAdopt(config));
    return made;
  };
  // It would end a process that does not listen to it: also one that starts.
  process.on('SIGHUP', () => {
    hypervisor.boundary.chore('SIGHUP', () => applyAgain(hypervisor, path.resolve(file), log));
  });
  const hypervisor = orElse(begin, () => forget([]));
  const { serving } = await import('./api/serving.ts');
  api = await serving(hypervisor, config).catch((error: unknown) => {
    forget([]);
    throw error;
  });
  // Node keeps what it made of the sources when it ends in order: for one that is killed, now.
  flushCompileCache();
  hypervisor.start();
  noteFile(hypervisor, path.resolve(file), log);
  const listen = config.listen.map((at) => listenText(at));
  log.info({ file, listen, control: config.control, store: config.store }, 'limevisor runs');
  const service = new ServiceWatch(world, log);
  service.serves(`serves ${file}`);
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'limevisor stops');
    service.stops();
    whenHandedOver(world, hypervisor.runtimes, () => {
      hypervisor.stop('limevisor stops');
      api?.close();
      process.exit(closes(store, log) ? 0 : 1);
    });
  };
  for (const signal of ending) process.once(signal, stop);
}

/** With what it said last, and levels that may be changed. */
function logFor(world: World, level: string, format: LogFormat): Log {
  const levels = new LogLevels(levelOf(level) ?? 'info');
  const written = levelled(openLog('debug', format), levels);
  const events = new EventLog(written, () => world.wallClockMs());
  return patient(events, () => world.nowMs());
}

/** A start uses the file that it is given, and says so if the previous run applied another. */
function noteFile({ departures, world, journal }: Hypervisor, file: string, log: Log): void {
  const { ran } = departures;
  if (ran?.file === file) return;
  perform(journal, kept([ranEntry(file, world.wallClockMs())]));
  if (ran === undefined) return;
  const about = { file, before: ran.file, since: dateText(ran.sinceMs) };
  const next = `"limevisor apply ${ran.file}" goes back to it`;
  log.warn({ ...about, next }, 'the previous run applied another file; using the one given');
}

/** The same file, which may have changed. */
function applyAgain(hypervisor: Hypervisor, file: string, log: Log): void {
  log.info({ file }, 'SIGHUP: the file is read again');
  const differs = ({ changes, seen }: Differing): void => {
    const who = Object.keys(seen).filter((tenant) => seen[tenant]?.length !== 0);
    log.info({ file, changes: changes.length, seenBy: who }, 'the file differs from what runs');
  };
  applyFile(hypervisor, file, false, differs, (result) => {
    if (!('whyNot' in result)) log.info({ file, ...result }, 'the file is applied');
    else log.error({ file, why: result.whyNot }, 'the file is not applied; all is as it was');
  });
}

function orElse<T>(make: () => T, failed: () => void): T {
  try {
    return make();
  } catch (error) {
    failed();
    throw error;
  }
}

function nothingToAdopt({ store }: Config): string {
  return (
    `the store ${store} is new and empty: --adopt would remove every tenant's rules from the ` +
    'switches: cookies, time-outs and groups are in the store that wrote them, and can be read ' +
    'from nowhere else. Name that store under "store"; or, if it is lost, use --new-store: ' +
    'tenants then begin without rules'
  );
}

/** Whether everything that was to be kept is. */
function closes(store: Store, log: Log): boolean {
  try {
    store.close();
    return true;
  } catch (error) {
    log.error({ why: messageOf(error), next: storeAdvice }, 'limevisor ends');
    return false;
  }
}

/** By the words that the system has for it. */
function adviceFor(why: string): string {
  if (why.includes('address not available'))
    return 'this machine has no such address; change "listen"';
  if (why.includes('permission denied'))
    return 'ports below 1024 are for root; change "listen", or run as root';
  return 'stop what listens there, or change "listen"';
}

const storeAdvice = 'check the disk, then start limevisor again; the switches go on forwarding';

const ending = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

/** Signals that would end a process without a word, and that people and service managers send. */
const idle: Partial<Record<NodeJS.Signals, string>> = {
  SIGUSR1: 'limevisor does not use this signal',
  SIGUSR2: 'limevisor does not use this signal',
};

function tellOfSignals(log: Log): void {
  for (const [signal, why] of Object.entries(idle)) {
    process.on(signal, () => log.warn({ signal, why }, 'signal ignored'));
  }
}
