/**
 * The requests to a vswitch that wait while one that takes many turns is carried out
 * (scheduler.ts).
 *
 * A change of many rules: everybody's wait, or it would change rules that came after it. A question
 * about many rules: those of the connection that asks, so that its answers come in order; rules go
 * on changing for the others, and each row is what its rule was when it was looked at.
 */

import { LazySet } from '../../slices/lazy-collections.ts';
import type { Channel } from '../channel/channel.ts';
import { TimeSlice, type TimeSliceContext, type TimeSliceOwner } from '../world/time-slice.ts';

interface Waiting {
  readonly from: Channel;
  readonly run: () => void;
}

export class Admission {
  static readonly #goOn = (own: Admission): void => own.#resume();

  #waiting: Waiting[] = [];
  /** Changes of many rules that are under way: one may be decided within another. */
  #changing = 0;
  /** Of those that hold, how many wait for, or are, alone; and who waits. */
  #alone = 0;
  #waitsAlone: (() => void)[] = [];
  /** Connections that wait for a long answer. */
  readonly #asking = new LazySet<Channel>();
  readonly #timeSlice: TimeSlice<Admission>;

  constructor(context: TimeSliceContext, owner: TimeSliceOwner) {
    this.#timeSlice = new TimeSlice<Admission>(context, owner, this, Admission.#goOn);
  }

  /** Requests that wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Whether no request of anybody waits, or would. */
  get isOpen(): boolean {
    return this.#changing === 0 && this.#asking.size === 0 && this.#waiting.length === 0;
  }

  /** Whether the next turn is waited for, with requests that need not wait for anything else. */
  get isResting(): boolean {
    return this.#timeSlice.isResting;
  }

  /** Whether a request of this connection would not wait. */
  isOpenTo(from: Channel): boolean {
    return this.#changing === 0 && !this.#asking.has(from);
  }

  /** Runs it, when its turn is. */
  take(from: Channel, run: () => void): void {
    if (this.isOpenTo(from) && !this.#waiting.some((one) => one.from === from)) run();
    else this.#waiting.push({ from, run });
  }

  /** Nobody's request is taken until the returned function is called. */
  hold(): () => void {
    this.#changing += 1;
    return () => {
      this.#changing -= 1;
      this.#tellAlone();
      this.#resume();
    };
  }

  /** The same, and `run` when no change of many rules is under way any more. */
  holdAlone(run: () => void): () => void {
    const release = this.hold();
    this.#alone += 1;
    this.#waitsAlone.push(run);
    this.#tellAlone();
    return () => {
      this.#alone -= 1;
      release();
    };
  }

  #tellAlone(): void {
    if (this.#changing !== this.#alone) return;
    const waiting = this.#waitsAlone;
    this.#waitsAlone = [];
    for (const run of waiting) run();
  }

  /** No request of this connection is taken until the returned function is called. */
  holdOf(from: Channel): () => void {
    this.#asking.add(from);
    return () => {
      this.#asking.delete(from);
      this.#resume();
    };
  }

  /** In the order in which they came, as far as they need not wait any more; in turns. */
  #resume(): void {
    if (this.#timeSlice.isResting || this.#waiting.length === 0) return;
    this.#timeSlice.begin();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const [i, { from, run }] of waiting.entries()) {
      if (this.isOpenTo(from)) run();
      else this.#waiting.push({ from, run });
      // What it ran may have ended at once, and gone on with those that had to wait before.
      const hasMore = i < waiting.length - 1;
      if (hasMore && (this.#changing > 0 || this.#timeSlice.isOver())) {
        this.#waiting.push(...waiting.slice(i + 1));
        return;
      }
    }
  }
}
