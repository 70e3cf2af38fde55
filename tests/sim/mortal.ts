/**
 * A machine of the simulated world, with a disk (support/fake-disk.ts), and on it a hypervisor's
 * process that can be killed: with its power, so that what was not synced is lost, whole or in
 * parts, and the last write is torn; or, where syncs are put off, by itself alone.
 *
 * The process ends by itself when the disk fails, as the product's does (hypervisor/run.ts), and is
 * started again.
 */
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { openStore } from '../../hypervisor/store/store.ts';
import type { Connection, ConnectionUser, Store, World } from '../../hypervisor/world/world.ts';
import type { StoreSync } from '../../slices/config/values.ts';
import { Random } from '../openflow/random.ts';
import { FakeDisk } from '../support/fake-disk.ts';
import type { SimWorld } from './world.ts';

const FILE = '/limevisor.db';
/** How long an operation of the disk takes at most. */
const DISK_MS = 4;
/** Until somebody has started it again. */
export const DEAD_MS = 50;

/** What a process begins with. */
export interface Birth {
  readonly world: World;
  readonly store: Store;
  readonly onStoreLost: (why: string) => void;
}

export class Machine {
  readonly #world: SimWorld;
  readonly #random: Random;
  readonly #make: (birth: Birth) => Hypervisor;
  #life = { lives: false };
  #lastMs = 0;
  #hypervisor: Hypervisor | undefined;
  disk: FakeDisk;
  /** How far its clocks are from those of the world. */
  readonly clocks = { monotonicMs: 0, wallMs: 0 };
  /** How often the process has ended because of its disk. */
  failures = 0;
  /** How long it takes at most until a turn follows on another; none if not said. */
  readonly #turnMs: number;

  readonly #sync: StoreSync;

  /** `make` makes what runs there, and starts it. */
  constructor(
    world: SimWorld,
    make: (birth: Birth) => Hypervisor,
    turnMs = 0,
    sync: StoreSync = 'always',
  ) {
    this.#sync = sync;
    this.#world = world;
    this.#turnMs = turnMs;
    this.#random = new Random(Math.floor(world.random() * 2 ** 32));
    this.#make = make;
    this.disk = new FakeDisk(this.#random);
  }

  /** What runs. */
  get hypervisor(): Hypervisor {
    if (this.#hypervisor === undefined) throw new Error('nothing runs on the machine');
    return this.#hypervisor;
  }

  get isRunning(): boolean {
    return this.#life.lives;
  }

  start(): void {
    const life = { lives: true };
    this.#life = life;
    const world = mortalWorld(this.#world, life, this.clocks, this.#turnMs);
    this.disk.later = (end) => this.#later(life, end);
    const own = { disk: this.disk, sync: this.#sync };
    const ground = { ...own, lock: () => () => undefined, after: world.after };
    const store = openStore(FILE, () => world.random(), ground);
    const onStoreLost = (): void => {
      this.failures += 1;
      this.kill();
      this.#world.after(DEAD_MS, () => this.start());
    };
    this.#hypervisor = this.#make({ world, store, onStoreLost });
  }

  /**
   * Nothing of it runs or writes any more; the disk is what a crash leaves of it, or all that it
   * was told where a crash of the machine may take back what was acknowledged.
   */
  kill(): void {
    this.#life.lives = false;
    this.#world.crash([6653, 6633]);
    if (this.#sync === 'background') {
      this.disk.kill();
      return;
    }
    const { capacity } = this.disk;
    this.disk = this.disk.crash(this.#random);
    this.disk.capacity = capacity;
  }

  /** Operations end in their order. */
  #later(life: { readonly lives: boolean }, end: () => void): void {
    const wanted = this.#world.now + this.#world.random() * DISK_MS;
    this.#lastMs = Math.max(this.#lastMs, wanted);
    this.#world.at(this.#lastMs, () => {
      if (life.lives) end();
    });
  }
}

/** Whose callbacks run for as long as the process lives. */
function mortalWorld(
  world: SimWorld,
  life: { readonly lives: boolean },
  clocks: Machine['clocks'],
  turnMs: number,
): World {
  const guarded = (run: () => void) => () => {
    if (life.lives) run();
  };
  let lastMs = 0;
  const soon = (run: () => void): void => {
    if (turnMs === 0) {
      world.soon(guarded(run));
      return;
    }
    // In their order, with messages and timers in between.
    lastMs = Math.max(lastMs, world.now + world.random() * turnMs);
    world.at(lastMs, guarded(run));
  };
  return {
    nowMs: () => world.nowMs() + clocks.monotonicMs,
    wallClockMs: () => world.wallClockMs() + clocks.wallMs,
    random: () => world.random(),
    after: (delayMs, run) => world.after(delayMs, guarded(run)),
    soon,
    dial: (target, user: ConnectionUser): Connection => world.dial(target, user),
    listen: (target, accept) => world.listen(target, accept),
    proveRevalidated: (path, done) => world.proveRevalidated(path, done),
    ovsdb(ovsdb, args, done) {
      world.ovsdb(ovsdb, args, (answer) => {
        if (life.lives) done(answer);
      });
    },
    findUnixctl: (...asked) => world.findUnixctl(...asked),
    askUnixctl: (...asked) => world.askUnixctl(...asked),
  };
}
