/**
 * Work that has waited and may all go on at once: it is done for as long as its tenant's share of a
 * turn lasts (turn-share.ts), and the rest in the next turns, since its amount and its cost are the
 * tenant's choice.
 */
import type { Boundary, Party } from './fault-boundary.ts';
import type { TurnShare } from './turn-share.ts';

/** What it needs of its surroundings. */
export interface TimeSliceContext {
  readonly boundary: Boundary;
}

/** For whom it is done, and whose share it has. */
export interface TimeSliceOwner extends Party {
  readonly tenant: { readonly turns: TurnShare };
}

/** Of a part that has one; `goOn` is one function for all of them. */
export class TimeSlice<T> {
  readonly #context: TimeSliceContext;
  readonly #owner: TimeSliceOwner;
  readonly #part: T;
  readonly #goOn: (part: T) => void;
  #isResting = false;

  /** `goOn` is called for the owner, in the next turn after one that was over. */
  constructor(context: TimeSliceContext, owner: TimeSliceOwner, part: T, goOn: (part: T) => void) {
    this.#context = context;
    this.#owner = owner;
    this.#part = part;
    this.#goOn = goOn;
  }

  /** Whether the next turn is waited for. */
  get isResting(): boolean {
    return this.#isResting;
  }

  begin(): void {
    this.#owner.tenant.turns.begin();
  }

  /** Whether the turn has had its time; it goes on in the next one then. */
  isOver(): boolean {
    if (this.#isResting) return true;
    const { turns } = this.#owner.tenant;
    if (!turns.look()) return false;
    this.#isResting = true;
    const { boundary } = this.#context;
    // Nobody's, in between: whoever made it go on may be closed by then, and the owner goes on.
    boundary.run(undefined, () => turns.wait(() => boundary.run(this.#owner, () => this.#next())));
    return true;
  }

  #next(): void {
    this.#isResting = false;
    this.#goOn(this.#part);
  }
}
