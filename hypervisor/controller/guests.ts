/**
 * Controllers that connect to a vswitch by themselves, where its entry says `listen:`; for instance
 * ovs-ofctl, which connects anew for every command.
 *
 * They are as any other controller, but for two things that Open vSwitch does too: one is not
 * dialled again when it goes, and hears of nothing that it did not ask for until its SET_CONFIG
 * wants packets (ovs-vswitchd.conf.db(5), "service controllers").
 */

import type { Target } from '../../slices/config/target.ts';
import { LazySet } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { Listeners } from '../world/listeners.ts';
import type { Log } from '../world/log.ts';
import type { Connection, ConnectionUser, World } from '../world/world.ts';
import { Controller } from './controller.ts';
import type { ControllerUser } from './controller-user.ts';

/** What guests need of their vswitch. */
export interface Host extends ControllerUser {
  readonly vswitch: Vswitch;
  whyDown(): string | undefined;
}

export class Guests {
  readonly #world: World;
  readonly #host: Host;
  readonly #here = new LazySet<Controller>();
  /** Where it is told who was refused. Absent: it is not listened yet, or no more. */
  #log: Log | undefined;
  /** Absent as long as there was nowhere to listen. */
  #listeners: Listeners | undefined;

  constructor(world: World, host: Host) {
    this.#world = world;
    this.#host = host;
  }

  /** Those that are connected now. */
  all(): readonly Controller[] {
    for (const guest of this.#here) if (guest.state.type === 'idle') this.#here.delete(guest);
    return [...this.#here];
  }

  /** Listens until `close`; `failed` when an address is taken. */
  open(log: Log, failed: (why: string) => void): void {
    this.#log = log;
    this.follow(failed);
  }

  /** Listens where the vswitch says now; who is connected stays. */
  follow(failed: (why: string) => void): void {
    const { listen } = this.#host.vswitch;
    if (this.#log === undefined) return;
    if (listen.length > 0) this.#listeners ??= this.#listenersOf(this.#log);
    this.#listeners?.follow(listen, failed);
  }

  #listenersOf(log: Log): Listeners {
    const vswitch = this.#host.vswitch.name;
    return new Listeners((at, failed) =>
      this.#world.listen(at, {
        accept: (connection) => this.#accept(at, connection),
        refused: (peer, why) => log.warn({ vswitch, peer, why }, 'controller refused'),
        failed,
      }),
    );
  }

  /** Nobody comes any more; whoever is there goes. */
  close(why: string): void {
    this.#listeners?.close();
    this.#listeners = undefined;
    this.#log = undefined;
    this.dismiss(why);
  }

  dismiss(why: string): void {
    for (const guest of this.#here) guest.stop(why);
    this.#here.clear();
  }

  #accept(at: Target, connection: Connection): ConnectionUser {
    const guest = new Controller(this.#world, at, this.#host, 'guest');
    if (this.#isFull) this.#dismissSilent();
    const whyNot = this.#isFull ? 'too many controllers are connected' : this.#host.whyDown();
    const user = guest.serve(connection);
    if (whyNot === undefined) this.#here.add(guest);
    else this.#world.soon(() => guest.stop(whyNot));
    return user;
  }

  get #isFull(): boolean {
    return this.all().length >= limits.guestsPerVswitchMax;
  }

  /** The one that has waited longest without a word: places are for those that say hello. */
  #dismissSilent(): void {
    for (const guest of this.#here) {
      if (guest.isUp) continue;
      this.#here.delete(guest);
      guest.stop('it said no hello, and another controller came');
      return;
    }
  }
}
