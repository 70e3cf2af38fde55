/**
 * Work that is too long for one turn of the event loop: it is done in steps, some milliseconds of
 * it in each turn, so that one peer's request delays nobody else.
 *
 * All that is under way shares those milliseconds, step by step in a ring: a step for each tenant,
 * however many of its vswitches and connections want one, and for each job that is no tenant's.
 * What is short is done within the call that begins it; nobody may rely on that.
 */
import { limits } from '../../slices/limits.ts';
import type { Steps } from '../../slices/steps.ts';
import { type Boundary, type Party, unbounded } from './fault-boundary.ts';
import type { World } from './world.ts';

export interface Job {
  /** Does a little; true when there is more. What it works on may change between two steps. */
  step(): boolean;
  /** Whether it may go on now; absent: always. Asked again every few milliseconds. */
  mayGo?(): boolean;
}

interface Begun {
  readonly job: Job;
  readonly done: () => void;
  /** For whom it is; what is for one that is closed is forgotten. */
  readonly party: Party | undefined;
}

/** Of one owner, in their order. */
interface Lane {
  readonly owner: object;
  readonly jobs: Begun[];
}

export class Scheduler {
  readonly #world: World;
  readonly #boundary: Boundary;
  readonly #ring: Lane[] = [];
  readonly #lanes = new Map<object, Begun[]>();
  /** What this turn has left. */
  #untilMs = 0;
  #steps = 0;
  #hasTurn = false;
  #isBusy = false;

  /** The world is nobody's: the turns are everybody's. */
  constructor(world: World, boundary: Boundary = unbounded) {
    this.#world = world;
    this.#boundary = boundary;
  }

  /** `done` runs when the last step is done. */
  run(job: Job, done: () => void = () => undefined): void {
    this.#begin({ job, done, party: this.#boundary.serving });
  }

  /** The same of what is in steps; `done` gets what comes of it. */
  follow<R>(steps: Steps<R>, done: (result: R) => void): void {
    const step = (): boolean => {
      const { done: isDone, value } = steps.next();
      if (isDone === true) done(value);
      return isDone !== true;
    };
    this.run({ step });
  }

  #begin(begun: Begun): void {
    this.#put(begun);
    this.#go();
  }

  /** Behind what its tenant wants already, or at the end of the ring. */
  #put(begun: Begun): void {
    const owner = begun.party?.tenant ?? begun;
    const lane = this.#lanes.get(owner);
    if (lane !== undefined) lane.push(begun);
    else {
      const made = [begun];
      this.#lanes.set(owner, made);
      this.#ring.push({ owner, jobs: made });
    }
  }

  #go(): void {
    if (this.#isBusy) return;
    if (!this.#hasTurn) this.#beginTurn();
    this.#isBusy = true;
    while (this.#mayStep()) this.#next();
    this.#isBusy = false;
  }

  #mayStep(): boolean {
    return this.#ring.length > 0 && this.#steps > 0 && this.#world.nowMs() < this.#untilMs;
  }

  /** Until the turn's end, which is where the next one begins if there is more to do. */
  #beginTurn(): void {
    this.#hasTurn = true;
    this.#untilMs = this.#world.nowMs() + limits.turnMs;
    this.#steps = limits.stepsPerTurnMax;
    this.#world.soon(() => {
      this.#hasTurn = false;
      if (this.#ring.length > 0) this.#go();
    });
  }

  #next(): void {
    const lane = this.#ring.shift();
    const begun = lane?.jobs.shift();
    if (lane === undefined || begun === undefined) return;
    this.#boundary.call(begun.party, this.#step, begun);
    // Its own next step is behind the others of its tenant now.
    if (lane.jobs.length > 0) this.#ring.push(lane);
    else this.#lanes.delete(lane.owner);
  }

  readonly #step = (begun: Begun): void => {
    const { job, done } = begun;
    if (job.mayGo?.() === false) {
      this.#world.after(limits.holdPollMs, () => this.#begin(begun));
      return;
    }
    this.#steps -= 1;
    if (job.step()) this.#put(begun);
    else done();
  };
}
