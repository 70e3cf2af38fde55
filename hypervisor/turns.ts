/**
 * Work that is too long for one turn of the event loop: a step at a time, a few milliseconds of it
 * in each turn, so that what one peer asks for keeps nobody else waiting.
 *
 * All that is under way shares those milliseconds, step by step in a ring. What is short is done
 * within the call that begins it; nobody may rely on that.
 */
import { limits } from '../slices/limits.ts';
import type { World } from './world.ts';

export interface Work {
  /** Does a little; true when there is more. What it works on may change between two steps. */
  step(): boolean;
  /** Whether it may go on now; absent: always. Asked again every few milliseconds. */
  mayGo?(): boolean;
}

interface Begun {
  readonly work: Work;
  readonly done: () => void;
}

export class Turns {
  readonly #world: World;
  readonly #ring: Begun[] = [];
  /** What this turn has left. */
  #untilMs = 0;
  #steps = 0;
  #hasTurn = false;
  #isBusy = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** `done` runs when the last step is done. */
  run(work: Work, done: () => void = () => undefined): void {
    this.#ring.push({ work, done });
    this.#go();
  }

  #go(): void {
    if (this.#isBusy) return;
    if (!this.#hasTurn) this.#begin();
    this.#isBusy = true;
    while (this.#mayStep()) this.#next();
    this.#isBusy = false;
  }

  #mayStep(): boolean {
    return this.#ring.length > 0 && this.#steps > 0 && this.#world.nowMs() < this.#untilMs;
  }

  /** Until the turn's end, which is where the next one begins if there is more to do. */
  #begin(): void {
    this.#hasTurn = true;
    this.#untilMs = this.#world.nowMs() + limits.turnMs;
    this.#steps = limits.stepsPerTurnMax;
    this.#world.soon(() => {
      this.#hasTurn = false;
      if (this.#ring.length > 0) this.#go();
    });
  }

  #next(): void {
    const begun = this.#ring.shift();
    if (begun === undefined) return;
    const { work, done } = begun;
    if (work.mayGo?.() === false) {
      this.#world.after(limits.holdPollMs, () => this.run(work, done));
      return;
    }
    this.#steps -= 1;
    if (work.step()) this.#ring.push(begun);
    else done();
  }
}
