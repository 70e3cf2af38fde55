/**
 * Hosts that move while a simulation runs: where they are, and a driver that takes its time, fails,
 * or hangs until it is told to stop; that moves the host and says that it failed, before or after;
 * that ends twice; that goes on when the process is killed which had begun it, beside the one that
 * the next process begins, or has that one fail at once. For as long as a host is nowhere it
 * neither sends nor takes anything, so what it may lose is what comes to one of its places
 * meanwhile, and nothing else.
 */
import type {
  Arrival,
  Drivers,
  DriverUser,
  Stop,
  Task,
  Whereabouts,
} from '../../hypervisor/drivers/driver.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { endText } from '../../slices/ids.ts';
import { isHostMoveOver } from '../../translation/migration/host-move.ts';
import { planHostMove } from '../../translation/migration/host-move-plan.ts';
import type { Host } from './hosts.ts';
import type { Machine } from './mortal.ts';
import type { Frame } from './pipeline.ts';
import type { SimWorld } from './world.ts';

/** Longer than any copy of a frame is on its way after another: no host meets both. */
const GAP_MS = 60;
const DRIVE_MS = 250;
const WITHIN_MS = 1_500;
const FAILS = 0.2;
const HANGS = 0.15;
const ABORTED = 0.15;
/** Of those that move a host: how many say besides, or instead, that they have failed. */
const LIES = 0.25;
/** Of those that are begun beside another: how many fail at once. */
const BUSY = 0.5;
const FIRST_PORT = 300;

interface Drive {
  readonly task: Task;
  /** Of the process that asked last. */
  user: DriverUser;
  isOver: boolean;
  /** The host is on its way. */
  isGoing: boolean;
}

export class HostPlaces implements Drivers {
  readonly #world: SimWorld;
  readonly #hosts = new Map<string, Host>();
  /** By host, where it is; absent while it is nowhere. */
  readonly #at = new Map<string, string>();
  readonly #drives = new Map<string, Drive>();
  /** Frames that came to a place while their host was not there. */
  readonly missed = new Set<number>();
  /** Moves that were asked for, and how drives ended. */
  readonly counts = { begun: 0, arrived: 0, failed: 0, stopped: 0, lied: 0, busy: 0 };
  readonly refused: string[] = [];

  /** Whether hosts move in one plan with vswitches. */
  readonly #mayJoin: boolean;
  #isEnding = false;

  constructor(world: SimWorld, mayJoin = false) {
    this.#world = world;
    this.#mayJoin = mayJoin;
  }

  /** `red-h1` is red/h1. */
  put(name: string, host: Host, at: string): void {
    this.#hosts.set(name.replace('-', '/'), host);
    this.#at.set(name.replace('-', '/'), at);
  }

  /** Where it may be besides: a port of its own on each datapath. */
  static ports(datapaths: readonly string[], number: number): readonly string[] {
    return datapaths.map((name) => `${name}:${FIRST_PORT + number}`);
  }

  where(name: string): string | undefined {
    return this.#at.get(name.replace('-', '/'));
  }

  /** A frame comes to a port where the host may be. */
  take(name: string, end: string, frame: Frame): void {
    const host = this.#hosts.get(name.replace('-', '/'));
    if (this.where(name) === end) host?.take(frame);
    else this.missed.add(frame.id);
  }

  whyNot(): undefined {}

  begin(task: Task, _: unknown, user: DriverUser): Stop {
    const { host } = task;
    const known = this.#drives.get(host);
    const isKnown = known !== undefined && endText(known.task.to) === endText(task.to);
    if (this.where(host) === endText(task.to)) {
      this.#world.soon(() => user.ended({ type: 'arrived' }));
      return () => undefined;
    }
    if (isKnown && known.isGoing && this.#world.random() < BUSY) {
      this.counts.busy += 1;
      this.#world.soon(() => user.ended({ type: 'failed', why: 'the host is on its way' }));
      return () => undefined;
    }
    const isShared = isKnown && !known.isOver;
    const drive = isShared ? known : { task, user, isOver: false, isGoing: false };
    drive.user = user;
    this.#drives.set(host, drive);
    if (drive !== known) this.#drive(drive);
    return (why) => this.#stop(drive, why);
  }

  /** What is on its way is nowhere yet. */
  look(task: Task, _: unknown, told: (where: Whereabouts) => void): void {
    const at = this.where(task.host);
    const where = at === undefined ? 'later' : at === endText(task.to) ? 'to' : 'from';
    this.#world.after(this.#world.random() * 5, () => told(where));
  }

  #drive(drive: Drive): void {
    const how = this.#world.random();
    if (how < HANGS && !this.#isEnding) return;
    this.#world.after(this.#world.random() * DRIVE_MS, () => {
      if (drive.isOver) return;
      if (how < HANGS + FAILS) this.#end(drive, { type: 'failed', why: 'the driver failed' });
      else this.#go(drive, this.#world.random() < LIES);
    });
  }

  /** It is too late to stop it. One that lies says so at any time of its way, and once more. */
  #go(drive: Drive, isLying: boolean): void {
    const { task } = drive;
    drive.isOver = true;
    drive.isGoing = true;
    this.#at.delete(task.host);
    this.#standsStill(task.host, true);
    const lie = (): void => this.#end(drive, { type: 'failed', why: 'the driver lied' });
    if (isLying) {
      this.counts.lied += 1;
      this.#world.after(this.#world.random() * 2 * GAP_MS, lie);
    }
    this.#world.after(GAP_MS, () => {
      drive.isGoing = false;
      this.#at.set(task.host, endText(task.to));
      this.#standsStill(task.host, false);
      if (isLying && this.#world.random() < 0.5) return;
      this.#world.after(this.#world.random() * 20, () => this.#end(drive, { type: 'arrived' }));
    });
  }

  #standsStill(name: string, isAway: boolean): void {
    const host = this.#hosts.get(name);
    if (host !== undefined) host.isAway = isAway;
  }

  #stop(drive: Drive, why: string): void {
    if (drive.isOver) return;
    this.counts.stopped += 1;
    this.#end(drive, { type: 'failed', why });
  }

  /** The process that asked may be dead: then nobody hears of it. */
  #end(drive: Drive, arrival: Arrival): void {
    drive.isOver = true;
    this.counts[arrival.type] += 1;
    this.#world.soon(() => drive.user.ended(arrival));
  }

  /** Some of the hosts move, at random moments of the next seconds. */
  moveSome(machine: Machine): void {
    for (const host of this.#hosts.keys()) {
      this.#world.after(this.#world.random() * WITHIN_MS, () => {
        if (machine.isRunning) this.#move(machine.hypervisor, host);
      });
      if (this.#world.random() > ABORTED) continue;
      this.#world.after(this.#world.random() * WITHIN_MS, () => {
        if (machine.isRunning) machine.hypervisor.hostMoves.abort(host, 'for the test');
      });
    }
  }

  /** One of a vswitch's hosts moves to a datapath, if it can. */
  follow(machine: Machine, vswitch: string, on: string): void {
    if (!machine.isRunning) return;
    const { hypervisor } = machine;
    const own = hypervisor.snapshot().config.hosts.filter(({ port }) => port.device === vswitch);
    const host = own[Math.floor(this.#world.random() * own.length)]?.name;
    if (host !== undefined) this.#move(hypervisor, host, [on]);
  }

  #move(hypervisor: Hypervisor, host: string, among?: readonly string[]): void {
    const { hostMoves } = hypervisor;
    const number = [...this.#hosts.keys()].indexOf(host);
    const names = among ?? hypervisor.datapaths().map(({ name }) => name);
    const all = HostPlaces.ports(names, number).filter((end) => end !== this.where(host));
    const to = all[Math.floor(this.#world.random() * all.length)] ?? '';
    const plan = planHostMove(
      hypervisor.snapshot(),
      { host, to, driver: 'exec' },
      {
        isReady: (name) => hypervisor.datapath(name).isReady,
        tablesOf: (name) => hypervisor.runtime(name),
        whyNoDriver: () => undefined,
        underWay: (...who) => hostMoves.underWay(...who),
      },
    );
    if (plan.type === 'problems') this.refused.push(...plan.problems);
    else {
      this.counts.begun += 1;
      hostMoves.start(plan);
    }
  }

  /** Some of a vswitch's hosts that are elsewhere, each with a port of this datapath. */
  onto(
    hypervisor: Hypervisor,
    vswitch: string,
    on: string,
  ): readonly { readonly host: string; readonly end: string }[] {
    const { hosts } = hypervisor.snapshot().config;
    return [...this.#hosts.keys()].flatMap((host, number) => {
      const own = hosts.find((one) => one.name === host);
      const isOwn = own?.port.device === vswitch && own.at.device !== on;
      const [end] = HostPlaces.ports([on], number);
      return end === undefined || !isOwn || this.#world.random() < 0.3 ? [] : [{ host, end }];
    });
  }

  /** Some of the hosts that could move with an ensemble, each with a port; of a tenant, or any. */
  some(
    hypervisor: Hypervisor,
    tenant: string | undefined,
  ): readonly { readonly host: string; readonly end: string }[] {
    if (!this.#mayJoin) return [];
    const names = hypervisor.datapaths().map(({ name }) => name);
    return [...this.#hosts.keys()].flatMap((host, number) => {
      const isIts = tenant === undefined || host.startsWith(`${tenant}/`);
      if (!isIts || this.#world.random() < 0.5) return [];
      const all = HostPlaces.ports(names, number).filter((end) => end !== this.where(host));
      const end = all[Math.floor(this.#world.random() * all.length)];
      return end === undefined ? [] : [{ host, end }];
    });
  }

  /** Drivers that hang are told to stop, and none does any more: others may have their turn. */
  end({ hostMoves }: Hypervisor): void {
    this.#isEnding = true;
    for (const move of hostMoves.all()) {
      if (!isHostMoveOver(move)) hostMoves.abort(move.host, 'the end');
    }
  }

  /** What is not as the hypervisor has it. */
  troubles(hypervisor: Hypervisor): readonly string[] {
    const { hostMoves } = hypervisor;
    const going = hostMoves.all().filter((one) => !isHostMoveOver(one));
    const { hosts } = hypervisor.snapshot().config;
    const elsewhere = hosts.filter(({ name, at }) => {
      return this.#hosts.has(name) && this.where(name) !== endText(at);
    });
    return [
      ...going.map(({ host, state }) => `the move of ${host} is in ${state.type} for ever`),
      ...elsewhere.map(({ name, at }) => `${name} is not at ${endText(at)}`),
    ];
  }
}
