/**
 * Moves a guest of QEMU to another QEMU, with its memory and while it runs: the one that waits is
 * told where to listen, the other to send the guest there.
 *
 *   target: unplugged -> both places are open
 *   target: migrate-incoming -> source: migrate -> until it is completed -> target: cont, announce
 *                                          '-> it stops: target plugged in  -> source: quit
 *
 * Until it is completed the guest runs at the source, and `migrate_cancel` leaves it there. Asked
 * again, it goes on with the migration that it finds under way, or says that the guest is there.
 *
 * What comes to the target before the guest has stopped at the source has reached it there, and is
 * dropped; what comes later waits in the target's tap for the guest (qemu-links.ts).
 */
import { filledIn, type QemuDriver } from '../../slices/config/drivers.ts';
import { endText } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { messageOf } from '../world/error-text.ts';
import type { World } from '../world/world.ts';
import type { Arrival, DriverUser, Stop, Task, Whereabouts } from './driver.ts';
import { backEndsOf, setLinks } from './qemu-links.ts';
import { Qmp, QmpError, type Returned } from './qmp.ts';

type Clock = Pick<World, 'after'>;

export function migrateGuest(world: Clock, config: QemuDriver, task: Task, user: DriverUser): Stop {
  const moving = new GuestMove(world, guestOf(config, task, user.said));
  const end = (arrival: Arrival): void => user.ended(arrival);
  moving.run().then(end, (error: unknown) => end({ type: 'failed', why: messageOf(error) }));
  return (why) => moving.stop(why);
}

/** The QEMU that is to take the guest drops what comes there until it has it. */
export function prepareGuest(
  world: Clock,
  config: QemuDriver,
  task: Task,
  done: (whyNot?: string) => void,
): void {
  const { target } = guestOf(config, task, () => undefined);
  plugged(world, target, false).then(
    () => done(),
    (error: unknown) => done(messageOf(error)),
  );
}

/** It may get another guest, or this one by other hands: it is as it was. */
export function releaseGuest(world: Clock, config: QemuDriver, task: Task): void {
  const { target } = guestOf(config, task, () => undefined);
  // One that has ended is as good.
  plugged(world, target, true).catch(() => undefined);
}

/** Unless a guest runs there: an earlier process may have had it come. */
async function plugged(world: Clock, path: string, up: boolean): Promise<void> {
  const target = await Qmp.open(world, path);
  try {
    if (!up && (await statusOf(target)) !== 'inmigrate') return;
    await setLinks(target, await backEndsOf(target), up);
  } finally {
    target.close();
  }
}

/** Where the guest is, when a monitor fell silent: its migration may have gone on. */
export function lookForGuest(
  world: Clock,
  config: QemuDriver,
  task: Task,
  told: (where: Whereabouts) => void,
): void {
  const moving = new GuestMove(
    world,
    guestOf(config, task, () => undefined),
  );
  moving.look().then(told, () => told('later'));
}

function guestOf(config: QemuDriver, task: Task, said: Guest['said']): Guest {
  const names = { host: task.host, from: endText(task.from), to: endText(task.to) };
  const source = filledIn(config.source, names);
  const target = filledIn(config.target, names);
  return { source, target, uri: filledIn(config.uri, names), said };
}

interface Guest extends QemuDriver {
  said(line: string): void;
}

/** Of a migration that may be under way (QMP, `MigrationStatus`). */
const underWay: ReadonlySet<unknown> = new Set([
  ...['setup', 'active', 'pre-switchover', 'device', 'wait-unplug', 'cancelling'],
]);

class GuestMove {
  readonly #world: Clock;
  readonly #guest: Guest;
  #stopped: string | undefined;
  /** Of the target, when it has begun. */
  #plugging: Promise<void> | undefined;

  constructor(world: Clock, guest: Guest) {
    this.#world = world;
    this.#guest = guest;
  }

  stop(why: string): void {
    this.#stopped ??= why;
  }

  async run(): Promise<Arrival> {
    const { source: path, target: waiting } = this.#guest;
    const target = await Qmp.open(this.#world, waiting);
    try {
      const source = await Qmp.open(this.#world, path).catch((error: unknown) => error);
      if (!(source instanceof Qmp)) {
        // It ended when the guest was there; an earlier process did not live to say so.
        if ((await statusOf(target)) !== 'running') throw source;
        await this.#plugIn(target);
        return { type: 'arrived' };
      }
      try {
        return await this.#migrate(source, target);
      } finally {
        source.close();
      }
    } finally {
      target.close();
    }
  }

  /** One that is there is let run. */
  async look(): Promise<Whereabouts> {
    const source = await Qmp.open(this.#world, this.#guest.source).catch(() => undefined);
    try {
      const now = await source?.ask('query-migrate');
      if (now !== undefined && underWay.has(now['status'])) return 'later';
      if (source !== undefined && !(await hasLeft(source, now))) return 'from';
      const target = await Qmp.open(this.#world, this.#guest.target);
      try {
        if (source !== undefined) await this.#arrive(source, target);
        if ((await statusOf(target)) !== 'running') return 'later';
        await this.#plugIn(target);
        return 'to';
      } finally {
        target.close();
      }
    } finally {
      source?.close();
    }
  }

  async #migrate(source: Qmp, target: Qmp): Promise<Arrival> {
    const { uri } = this.#guest;
    const before = await source.ask('query-migrate');
    const isDone = await hasLeft(source, before);
    const backEnds = await backEndsOf(target);
    source.happened = (event) => {
      if (event === 'STOP') void this.#plugIn(target, backEnds);
    };
    if (!isDone && !underWay.has(before['status'])) {
      if ((await statusOf(target)) !== 'inmigrate') {
        const why = 'the QEMU that is to take the guest does not wait for one; start it with';
        return { type: 'failed', why: `${why} "-incoming defer"` };
      }
      await this.#listen(target);
      if (this.#stopped !== undefined) return { type: 'failed', why: this.#stopped };
      await source.ask('migrate', { uri });
    }
    const ended = isDone ? before : await this.#followed(source);
    if (ended['status'] !== 'completed') {
      const why = ended['error-desc'] ?? `the migration is ${String(ended['status'])}`;
      return { type: 'failed', why: this.#stopped ?? String(why) };
    }
    const { 'total-time': totalMs, downtime } = ended;
    this.#guest.said(`the guest was moved in ${totalMs} ms, and stood still for ${downtime} ms`);
    await this.#arrive(source, target).catch((error: unknown) => {
      this.#guest.said(messageOf(error));
    });
    return { type: 'arrived' };
  }

  async #listen(target: Qmp): Promise<void> {
    const { uri } = this.#guest;
    await target.ask('migrate-incoming', { uri }).catch((error: unknown) => {
      // It was started with an address of its own, or an earlier process has told it.
      const isTold = error instanceof QmpError && /already|incoming/.test(error.message);
      if (!isTold) throw error;
      this.#guest.said(error.message);
    });
  }

  /** Until it has ended, one way or the other. */
  async #followed(source: Qmp) {
    let isCancelled = false;
    for (;;) {
      const now = await source.ask('query-migrate');
      if (!underWay.has(now['status'])) return now;
      if (this.#stopped !== undefined && !isCancelled) {
        isCancelled = true;
        await source.ask('migrate_cancel');
      }
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#world.after(limits.qmpLookMs, resolve));
  }

  /** The guest does not run at the source any more: what comes to the target now is for it. */
  #plugIn(target: Qmp, backEnds?: readonly string[]): Promise<void> {
    this.#plugging ??= Promise.resolve(backEnds ?? backEndsOf(target))
      .then((names) => setLinks(target, names, true))
      .catch((error: unknown) => this.#guest.said(messageOf(error)));
    return this.#plugging;
  }

  /** From here on the guest is there; what goes wrong is said, and nothing is taken back. */
  async #arrive(source: Qmp, target: Qmp): Promise<void> {
    const { said } = this.#guest;
    const tell = (error: unknown): void => said(messageOf(error));
    await this.#plugIn(target);
    for (let looks = 0; (await statusOf(target)) === 'inmigrate'; looks += 1) {
      if (looks * limits.qmpLookMs > limits.qmpAnswerMs) break;
      await this.#pause();
    }
    // Started with -S, or by hand.
    if ((await statusOf(target)) !== 'running') await target.ask('cont').catch(tell);
    const announce = { initial: 50, max: 550, rounds: 5, step: 100 };
    await target.ask('announce-self', announce).catch(tell);
    await source.ask('quit').catch(tell);
  }
}

/** Of a QEMU whose guest runs elsewhere, if its migration is completed (QMP, `RunState`). */
const leftBehind: ReadonlySet<unknown> = new Set(['postmigrate', 'finish-migrate']);

/** One that has taken a guest says `completed`, too: of the guest that is to go now. */
async function hasLeft(source: Qmp, migration: Returned | undefined): Promise<boolean> {
  return migration?.['status'] === 'completed' && leftBehind.has(await statusOf(source));
}

async function statusOf(qmp: Qmp): Promise<unknown> {
  return (await qmp.ask('query-status'))['status'];
}
