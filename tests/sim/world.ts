/**
 * A world from a seed: time, timers and connections that are events in one queue (DESIGN 1).
 *
 * A connection delays what it carries by a random time and cuts it into random chunks; it never
 * reorders. Different connections reorder each other freely. The same seed gives the same run.
 */

import type {
  Cancel,
  Connection,
  ConnectionUser,
  ListeningUser,
  OvsdbAnswer,
  World,
} from '../../hypervisor/world/world.ts';
import { isUnix, type Target } from '../../slices/config/target.ts';
import { EventQueue } from '../support/event-queue.ts';

/** Mulberry32: small, seeded, good enough to explore with. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const CONNECTION_DELAY_MS = 15;
/** What the clock on the wall shows in the beginning. */
export const FIRST_WALL_MS = 1_700_000_000_000;

export class SimWorld implements World {
  readonly random: () => number;
  now = 0;
  /** How many events have happened; the trace's hash changes with each. */
  events = 0;
  hash = 0;
  /** Where tunnels are laid (ovsdbs.ts). */
  ovsdbs: { ask(...asked: Parameters<World['ovsdb']>): void } | undefined;
  readonly #queue = new EventQueue();
  readonly #listeners = new Map<number, (connection: Connection) => ConnectionUser>();
  /** Ends that belong to the process under test: a crash cuts them all. */
  #ownEnds: End[] = [];

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  nowMs(): number {
    return this.now;
  }

  wallClockMs(): number {
    return FIRST_WALL_MS + this.now;
  }

  after(delayMs: number, run: () => void): Cancel {
    let live = true;
    this.#queue.put(this.now + Math.max(0, delayMs), () => {
      if (live) run();
    });
    return () => {
      live = false;
    };
  }

  soon(run: () => void): void {
    this.#queue.put(this.now, run);
  }

  /** At that moment, to the last bit: a difference that is added again may come out smaller. */
  at(atMs: number, run: () => void): void {
    this.#queue.put(Math.max(this.now, atMs), run);
  }

  dial(target: Target, user: ConnectionUser): Connection {
    return this.connect(portOf(target), user, 'ours');
  }

  listen(target: Target, { accept }: ListeningUser) {
    const port = portOf(target);
    this.#listeners.set(port, accept);
    return { close: () => void this.#listeners.delete(port) };
  }

  proveRevalidated(_: string, done: (proven: boolean) => void): void {
    this.after(5, () => done(true));
  }

  ovsdb(at: string, args: readonly string[], done: (answer: OvsdbAnswer) => void): void {
    if (this.ovsdbs !== undefined) this.ovsdbs.ask(at, args, done);
    else this.after(1, () => done({ why: 'there is none here' }));
  }

  findUnixctl(_: string, __: string, ___: string, done: (found: undefined) => void): void {
    this.soon(() => done(undefined));
  }

  askUnixctl(_: string, __: string, ___: readonly string[], done: (text: undefined) => void): void {
    this.soon(() => done(undefined));
  }

  /** A connection to whoever listens on `port`. `whose` is at the near end. */
  connect(port: number, near: ConnectionUser, whose: 'ours' | 'theirs'): Connection {
    const ends = pair(this, this.random() * CONNECTION_DELAY_MS);
    const [here, there] = ends;
    here.user = near;
    if (whose === 'ours') this.#ownEnds.push(here);
    this.after(1, () => {
      if (here.isDead) return;
      // Who listens when it arrives: a process that was killed meanwhile accepts nobody.
      const accept = this.#listeners.get(port);
      if (accept === undefined) {
        near.onClose('refused');
        return;
      }
      there.user = accept(there);
      if (whose === 'theirs') this.#ownEnds.push(there);
      there.user.onOpen();
      near.onOpen();
    });
    return here;
  }

  /** `kill -9` of the process under test: its connections break, its timers never fire. */
  crash(ownListeners: readonly number[]): SimWorld {
    for (const port of ownListeners) this.#listeners.delete(port);
    for (const end of this.#ownEnds) end.crash();
    this.#ownEnds = [];
    return this;
  }

  /** Events to come: what leaks makes them more and more. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Runs events until `endMs` of virtual time. */
  runUntil(endMs: number): void {
    for (let next = this.#queue.first; next !== undefined && next.atMs <= endMs; ) {
      this.#queue.pop();
      this.now = next.atMs;
      this.events += 1;
      this.note(next.number);
      next.run();
      next = this.#queue.first;
    }
    this.now = endMs;
  }

  /** Mixes something that happened into the trace. */
  note(what: number): void {
    this.hash = (Math.imul(this.hash ^ (what | 0), 0x01000193) + Math.round(this.now * 1000)) | 0;
  }
}

/** One end of a connection; what is written arrives at the other's user. */
class End implements Connection {
  readonly peer = 'sim';
  user: ConnectionUser | undefined;
  other: End | undefined;
  readonly #world: SimWorld;
  readonly #delayMs: number;
  #lastMs = 0;
  #isClosed = false;
  /** Its process was killed. */
  isDead = false;

  constructor(world: SimWorld, delayMs: number) {
    this.#world = world;
    this.#delayMs = delayMs;
  }

  write(bytes: Uint8Array, free?: () => void): void {
    for (let at = 0; at < bytes.length && !this.#isClosed; ) {
      const size = 1 + Math.floor(this.#world.random() * Math.min(400, bytes.length - at));
      const chunk = bytes.slice(at, at + size);
      this.#later(() => this.other?.deliver(chunk));
      at += size;
    }
    free?.();
  }

  /** Links are endless: what is not read waits with the reader. */
  read(): void {}

  pendingBytes(): number {
    return 0;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#later(() => this.other?.closed());
  }

  /** The process at this end is gone: nothing is heard here any more, the other end is cut. */
  crash(): void {
    this.isDead = true;
    this.close();
  }

  deliver(chunk: Uint8Array): void {
    if (!this.#isClosed && !this.isDead) this.user?.onBytes(chunk);
    // Its memory is used again: whoever kept a view of it would see this.
    chunk.fill(0xee);
  }

  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.isDead) this.user?.onClose('closed');
  }

  /** After the delay, and never before what was written earlier. */
  #later(run: () => void): void {
    const { now } = this.#world;
    const wanted = now + this.#delayMs * (0.5 + this.#world.random());
    this.#lastMs = Math.max(this.#lastMs, wanted);
    this.#world.at(this.#lastMs, run);
  }
}

function pair(world: SimWorld, delayMs: number): readonly [End, End] {
  const ends = [new End(world, delayMs), new End(world, delayMs)] as const;
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}

/** Everybody here is on one host: a port is an address. */
function portOf(target: Target): number {
  if (isUnix(target)) throw new Error('there are no Unix sockets in the simulation');
  return target.port;
}
