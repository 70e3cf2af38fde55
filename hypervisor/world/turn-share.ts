/**
 * The share that one tenant, or one datapath's connection, has of each turn of the event loop: all
 * that is done for it, on however many connections, takes so long at most; the rest goes on in the
 * next turns, in the order in which it began to wait.
 *
 *   push of bytes, requests that waited --the share is used up--> wait --next turn--> go on
 */
import { limits } from '../../slices/limits.ts';
import { type Boundary, unbounded } from './fault-boundary.ts';
import type { World } from './world.ts';

/** How many shares are waited for, of those that are used up together. */
export interface Crowd {
  waiting: number;
}

export class TurnShare {
  readonly #world: Pick<World, 'nowMs' | 'soon'>;
  readonly #boundary: Boundary;
  readonly #crowd: Crowd;
  #spentMs = 0;
  #lastMs = 0;
  /** Whether the end of this turn is waited for. */
  #isDue = false;
  #waiting: (() => void)[] = [];

  /** The world is nobody's; what waits runs for whom it began to wait. */
  constructor(
    world: Pick<World, 'nowMs' | 'soon'>,
    boundary: Boundary = unbounded,
    crowd: Crowd = { waiting: 0 },
  ) {
    this.#world = world;
    this.#boundary = boundary;
    this.#crowd = crowd;
  }

  /** Whether this turn has had its time. */
  get isOver(): boolean {
    const { waiting } = this.#crowd;
    // The more of them want more than one turn, the less each has of it: nobody waits for long.
    const partMs = waiting < 2 ? limits.turnMs : limits.allTurnsMs / waiting;
    return this.#spentMs >= Math.max(limits.turnMsMin, Math.min(limits.turnMs, partMs));
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

  /** Goes on in the next turn, behind what waits already. */
  wait(goOn: () => void): void {
    if (this.#waiting.length === 0) this.#crowd.waiting += 1;
    this.#waiting.push(this.#boundary.bind(goOn));
    this.#due();
  }

  #due(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#boundary.run(undefined, () => this.#world.soon(this.#next));
  }

  readonly #next = (): void => {
    this.#isDue = false;
    this.#spentMs = 0;
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#crowd.waiting -= 1;
    let done = 0;
    for (; done < waiting.length && !this.isOver; done++) waiting[done]?.();
    if (done === waiting.length) return;
    if (this.#waiting.length === 0) this.#crowd.waiting += 1;
    this.#waiting = [...waiting.slice(done), ...this.#waiting];
    this.#due();
  };
}
