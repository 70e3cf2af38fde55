/**
 * The share of each turn of the event loop that one tenant, or one datapath's connection, has: all
 * work for it, on however many connections, takes so long at most; the rest goes on in the next
 * turns, in the order in which it began to wait. Work that was begun goes on before more is read,
 * and nothing is read while the tenant's rates are exceeded (slices/control-traffic.ts).
 *
 *   reading, or work --the share is used up--> waiting --next turn--> goes on
 *   reading --a rate is exceeded--> waiting --paused, as long as that takes--> goes on
 */
import { limits } from '../../slices/limits.ts';
import { type Boundary, unbounded } from './fault-boundary.ts';
import type { World } from './world.ts';

/** How many shares are waited for, of those that are used up together. */
export interface Crowd {
  waiting: number;
}

interface ShareOptions {
  readonly boundary?: Boundary;
  readonly crowd?: Crowd;
  /** How long nothing is to be read from then on, in milliseconds; absent: not at all. */
  readonly pauseMs?: (nowMs: number) => number;
}

type Waiting = (() => void)[];

export class TurnShare {
  readonly #world: Pick<World, 'nowMs' | 'soon' | 'after'>;
  readonly #boundary: Boundary;
  readonly #crowd: Crowd;
  readonly #pauseMs: (nowMs: number) => number;
  #spentMs = 0;
  #lastMs = 0;
  /** Whether the end of this turn is waited for. */
  #isDue = false;
  #isPaused = false;
  #isCounted = false;
  #works: Waiting = [];
  #readers: Waiting = [];

  /** The world is nobody's; what waits runs for whom it began to wait. */
  constructor(world: Pick<World, 'nowMs' | 'soon' | 'after'>, options: ShareOptions = {}) {
    const { boundary = unbounded, crowd = { waiting: 0 }, pauseMs = () => 0 } = options;
    this.#world = world;
    this.#boundary = boundary;
    this.#crowd = crowd;
    this.#pauseMs = pauseMs;
  }

  /** Whether reading waits for a rate. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether this turn has had its time. */
  get isOver(): boolean {
    const { waiting } = this.#crowd;
    // The more of them want more than one turn, the less each has of it: nobody waits for long.
    const partMs = waiting < 2 ? limits.turnMs : limits.allTurnsMs / waiting;
    return this.#spentMs >= Math.max(limits.turnMsMin, Math.min(limits.turnMs, partMs));
  }

  /** Whether nothing more is to be read now: for the share, or for a rate. */
  get isClosed(): boolean {
    return this.#isPaused || this.isOver || this.#pauseMs(this.#lastMs) > 0;
  }

  /** Work begins; the world's time. */
  begin(): number {
    this.#due();
    this.#lastMs = this.#world.nowMs();
    return this.#lastMs;
  }

  /** When work began, or was looked at last. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** Counts what has passed since then: whether this turn has had its time. */
  look(): boolean {
    const nowMs = this.#world.nowMs();
    this.#spentMs += nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    return this.isOver;
  }

  /** Work goes on in the next turn, behind what waits already. */
  wait(goOn: () => void): void {
    this.#works.push(this.#boundary.bind(goOn));
    this.#due();
  }

  /** Reading goes on in the next turn in which it may, behind what waits already. */
  waitToRead(goOn: () => void): void {
    this.#readers.push(this.#boundary.bind(goOn));
    this.#due();
  }

  #due(): void {
    this.#count();
    if (this.#isDue) return;
    this.#isDue = true;
    this.#boundary.run(undefined, this.#soon);
  }

  readonly #soon = (): void => this.#world.soon(this.#next);

  /** In the crowd are those that could go on at once. */
  #count(): void {
    const counts = this.#works.length > 0 || (this.#readers.length > 0 && !this.#isPaused);
    if (counts === this.#isCounted) return;
    this.#isCounted = counts;
    this.#crowd.waiting += counts ? 1 : -1;
  }

  readonly #next = (): void => {
    this.#isDue = false;
    this.#spentMs = 0;
    if (this.#works.length + this.#readers.length === 0) return;
    this.#lastMs = this.#world.nowMs();
    const works = this.#works;
    this.#works = [];
    const worked = runWhile(works, () => !this.isOver);
    this.#works = [...works.slice(worked), ...this.#works];
    if (!this.#isPaused) this.#read();
    this.#count();
    if (this.#works.length > 0 || (this.#readers.length > 0 && !this.#isPaused)) this.#due();
  };

  #read(): void {
    const readers = this.#readers;
    this.#readers = [];
    const done = runWhile(readers, () => !this.isClosed);
    this.#readers = [...readers.slice(done), ...this.#readers];
    const pauseMs = this.#readers.length > 0 ? this.#pauseMs(this.#lastMs) : 0;
    if (pauseMs === 0) return;
    this.#isPaused = true;
    const goOn = (): void => {
      this.#isPaused = false;
      this.#due();
    };
    this.#boundary.run(undefined, () =>
      this.#world.after(Math.max(limits.holdPollMs, pauseMs), goOn),
    );
  }
}

/** How many of them ran. */
function runWhile(waiting: Waiting, mayGo: () => boolean): number {
  let done = 0;
  for (; done < waiting.length && mayGo(); done++) waiting[done]?.();
  return done;
}
