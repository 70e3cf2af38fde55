/**
 * Notifies systemd, where it has started us (`Type=notify`, `WatchdogSec=`), that we serve, that
 * our event loop still turns, that we stop.
 *
 * It listens at a datagram socket of Unix, and Node has none: systemd-notify(1) says it for us, a
 * process that ends when it is heard (so the unit has `NotifyAccess=all`). A watchdog's word is
 * sent by a timer of the very event loop that everything runs in, twice in its time. Nobody is told
 * anything where systemd is not.
 */
import { spawn } from 'node:child_process';
import type { Log } from './log.ts';
import type { Cancel, World } from './world.ts';

const PROGRAM = 'systemd-notify';

export class ServiceWatch {
  readonly #world: Pick<World, 'after'>;
  readonly #log: Log;
  readonly #env: NodeJS.ProcessEnv;
  #isBroken = false;
  #cancel: Cancel | undefined;

  constructor(world: Pick<World, 'after'>, log: Log, env: NodeJS.ProcessEnv = process.env) {
    this.#world = world;
    this.#log = log;
    this.#env = env;
  }

  /** It serves: from now on it says so again and again, if it is asked to. */
  serves(status: string): void {
    this.#tell('READY=1', `STATUS=${status}`);
    const periodMs = this.#watchdogMs();
    if (periodMs !== undefined) this.#again(periodMs / 2);
  }

  stops(): void {
    this.#cancel?.();
    this.#tell('STOPPING=1');
  }

  /** Whose watchdog it is, systemd says: this process's, or nobody's here. */
  #watchdogMs(): number | undefined {
    const { WATCHDOG_USEC: time, WATCHDOG_PID: pid } = this.#env;
    const isOurs = pid === undefined || Number(pid) === process.pid;
    const ms = Number(time) / 1000;
    return isOurs && ms > 0 ? ms : undefined;
  }

  #again(everyMs: number): void {
    if (this.#isBroken) return;
    this.#tell('WATCHDOG=1');
    this.#cancel = this.#world.after(everyMs, () => this.#again(everyMs));
  }

  #tell(...words: readonly string[]): void {
    if (this.#env['NOTIFY_SOCKET'] === undefined || this.#isBroken) return;
    const child = spawn(PROGRAM, words, { stdio: 'ignore', env: this.#env });
    child.on('error', ({ message: why }) => {
      this.#isBroken = true;
      const next = 'install systemd, or set Type=exec and WatchdogSec=0 in the unit';
      this.#log.error({ why, next }, `systemd is not notified: there is no ${PROGRAM}`);
    });
  }
}
