/**
 * Plans of changes to datapaths, computed a little in each turn, since the plan of a drain concerns
 * all vswitches.
 *
 * One at a time. Each leads to the snapshot that serves, so before another serves, what is being
 * planned is planned to its end: at once, and not in turns, if that cannot wait.
 */
import type { Steps } from '../../slices/steps.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { World } from '../world/world.ts';
import { Changeovers } from './changeovers.ts';
import { Settling } from './settling.ts';
import { TenantLocks } from './tenant-locks.ts';

interface PlanningContext {
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
  readonly world: Pick<World, 'soon'>;
}

interface Planned {
  readonly steps: Iterator<void>;
  /** What follows, once. */
  readonly done: () => void;
}

export class Planning {
  readonly #context: PlanningContext;
  #underWay: Planned | undefined;
  /** Planned to the end, and not told so yet: in their order. */
  readonly #ended: Planned[] = [];
  /** Those that can wait until nothing is planned. */
  readonly #waiting: (() => void)[] = [];
  /** Of what was planned, whose is carried out. */
  readonly locks: TenantLocks;
  /** And how far that is. */
  readonly changeovers: Changeovers;
  /** What is to be settled before it is carried out, or before anything else is. */
  readonly settling: Settling;

  constructor(context: PlanningContext) {
    this.#context = context;
    this.locks = new TenantLocks(context.boundary);
    this.changeovers = new Changeovers(context.boundary);
    this.settling = new Settling(context);
  }

  /**
   * `done` when the last step is done, which may be within this call: the steps begin when nothing
   * else is being planned.
   */
  begin(steps: Iterator<void>, done: () => void): void {
    if (this.#underWay !== undefined) {
      this.#waiting.push(this.#context.boundary.bind(() => this.begin(steps, done)));
      return;
    }
    const { boundary, scheduler } = this.#context;
    const planned = { steps, done: boundary.bind(done) };
    // Before those that end hear of it: what they go on with has to wait for this one.
    this.#underWay = planned;
    this.#tell();
    const step = (): boolean => {
      if (this.#underWay !== planned) return false;
      if (steps.next().done !== true) return true;
      this.#exhaust();
      this.#goOn();
      return false;
    };
    // Nobody's: others wait for it.
    boundary.run(undefined, () => scheduler.run({ step }));
  }

  /** The same of what is in steps that come to something. */
  follow<R>(steps: Steps<R>, done: (result: R) => void): void {
    const results: R[] = [];
    const all = (function* (): Steps<void> {
      results.push(yield* steps);
    })();
    this.begin(all, () => {
      for (const result of results) done(result);
    });
  }

  /**
   * What is being planned is planned now: another snapshot is to serve. Whoever waits for that
   * hears of it when it serves, for they may have others of their own.
   */
  finish(): void {
    if (this.#underWay === undefined) return;
    this.#exhaust();
    const { boundary, world } = this.#context;
    // Nobody's, too: it is not to be lost with whoever asked for the other snapshot.
    boundary.run(undefined, () => world.soon(() => this.#goOn()));
  }

  /** Runs when nothing is being planned: now, or in the turn in which that is over. */
  whenIdle(run: () => void): void {
    if (this.#isIdle) run();
    else this.#waiting.push(this.#context.boundary.bind(run));
  }

  get #isIdle(): boolean {
    return this.#underWay === undefined && this.#ended.length === 0;
  }

  #exhaust(): void {
    const planned = this.#underWay;
    if (planned === undefined) return;
    while (planned.steps.next().done !== true);
    this.#underWay = undefined;
    this.#ended.push(planned);
  }

  #tell(): void {
    for (let next = this.#ended.shift(); next !== undefined; next = this.#ended.shift()) {
      next.done();
    }
  }

  #goOn(): void {
    this.#tell();
    while (this.#isIdle) {
      const run = this.#waiting.shift();
      if (run === undefined) return;
      run();
    }
  }
}
