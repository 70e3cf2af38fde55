/**
 * Plans of what datapaths are to become, made a little in each turn: of a drain, they concern
 * everybody.
 *
 * One at a time. Each leads to the snapshot that serves, so before another serves, what is being
 * planned is planned to its end: at once, and not in turns, if that cannot wait.
 */
import type { Boundary } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';

interface PlanningContext {
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
}

interface Planned {
  readonly steps: Iterator<void>;
  /** What follows, once. */
  readonly done: () => void;
}

export class Planning {
  readonly #context: PlanningContext;
  #underWay: Planned | undefined;
  /** Those that can wait until nothing is planned. */
  #waiting: (() => void)[] = [];

  constructor(context: PlanningContext) {
    this.#context = context;
  }

  /** `done` when the last step is done, which may be within this call. */
  begin(steps: Iterator<void>, done: () => void): void {
    this.finish();
    const { boundary, scheduler } = this.#context;
    const planned = { steps, done: boundary.bind(done) };
    this.#underWay = planned;
    const step = (): boolean => {
      if (this.#underWay !== planned) return false;
      if (steps.next().done !== true) return true;
      this.#end(planned);
      return false;
    };
    // Nobody's: others wait for it.
    boundary.run(undefined, () => scheduler.run({ step }));
  }

  /** What is being planned is planned now: another snapshot is to serve. */
  finish(): void {
    const planned = this.#underWay;
    if (planned === undefined) return;
    while (planned.steps.next().done !== true);
    this.#end(planned);
  }

  /** Runs when nothing is being planned: now, or in the turn in which that is over. */
  whenIdle(run: () => void): void {
    if (this.#underWay === undefined) run();
    else this.#waiting.push(this.#context.boundary.bind(run));
  }

  #end(planned: Planned): void {
    this.#underWay = undefined;
    planned.done();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) this.whenIdle(one);
  }
}
