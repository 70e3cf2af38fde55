/**
 * Work that waited and may all go on at once, done for a limited time in each turn, the rest in the
 * next ones: how much waited, and what each of it costs, is a tenant's choice.
 */
import { limits } from '../../slices/limits.ts';
import type { Boundary, Party } from './fault-boundary.ts';
import type { World } from './world.ts';

/** What it needs of its surroundings. */
export interface TimeSliceContext {
  readonly world: World;
  readonly boundary: Boundary;
}

export class TimeSlice {
  readonly #context: TimeSliceContext;
  readonly #owner: Party;
  readonly #goOn: () => void;
  #isResting = false;

  /** `goOn` is called for the owner, in the next turn after one that was over. */
  constructor(context: TimeSliceContext, owner: Party, goOn: () => void) {
    this.#context = context;
    this.#owner = owner;
    this.#goOn = goOn;
  }

  /** Whether the next turn is waited for. */
  get isResting(): boolean {
    return this.#isResting;
  }

  begin(): number {
    return this.#context.world.nowMs();
  }

  /** Whether that which began then has had its time; it goes on in the next turn. */
  isOver(beganMs: number): boolean {
    if (this.#isResting) return true;
    if (this.#context.world.nowMs() - beganMs < limits.turnMs) return false;
    this.#isResting = true;
    const { world, boundary } = this.#context;
    // Nobody's, in between: whoever made it go on may be closed by then, and the owner goes on.
    boundary.run(undefined, () => world.soon(() => boundary.run(this.#owner, this.#next)));
    return true;
  }

  readonly #next = (): void => {
    this.#isResting = false;
    this.#goOn();
  };
}
