/**
 * Decodes the rules of a flat datapath that are still raw frames (translation/flat/rule-bytes.ts)
 * to values, before something is done in one turn to all of them: in steps, when they are many.
 *
 * What concerns the same datapath is carried out in the order in which it was decided. Meanwhile
 * new rules are values at once, or there would be no end to it.
 */
import type { Settles } from '../../translation/flat/unsettled-rules.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';

interface SettlingContext {
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
}

interface Waiting {
  readonly those: readonly Settles[];
  readonly run: () => void;
}

export class Settling {
  readonly #context: SettlingContext;
  readonly #waiting: Waiting[] = [];
  #isSettling = false;

  constructor(context: SettlingContext) {
    this.#context = context;
  }

  /** Runs when all of these are settled: at once, or in the turn of the last step. */
  whenSettled(those: readonly Settles[], run: () => void): void {
    if (those.every((one) => !one.isUnsettled && !this.#isAwaited(one))) {
      run();
      return;
    }
    for (const one of those) one.await();
    const { boundary, scheduler } = this.#context;
    this.#waiting.push({ those, run: boundary.bind(run) });
    if (this.#isSettling) return;
    this.#isSettling = true;
    // Nobody's: others may wait behind it.
    boundary.run(undefined, () => scheduler.run({ step: () => this.#step() }));
  }

  #isAwaited(one: Settles): boolean {
    return this.#waiting.some(({ those }) => those.includes(one));
  }

  /** Whether anybody waits yet. */
  #step(): boolean {
    const [first] = this.#waiting;
    const next = first?.those.find((one) => one.isUnsettled);
    if (next !== undefined) next.settleSome();
    else if (first !== undefined) {
      this.#waiting.shift();
      for (const one of first.those) one.endAwait();
      first.run();
    }
    this.#isSettling = this.#waiting.length > 0;
    return this.#isSettling;
  }
}
