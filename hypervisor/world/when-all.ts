/**
 * Waits for several things that end in any order, without promises: the continuation runs in the
 * turn in which the last of them ends, so a simulated world stays the same from run to run.
 */

/** Says that one of them has ended, and what went wrong with it, if anything. */
export type Ended = (trouble?: string) => void;

/** Begins each of `all`; `done`, with the first trouble, when all have ended: of none, at once. */
export function whenAll<T>(
  all: Iterable<T>,
  begin: (one: T, ended: Ended) => void,
  done: Ended,
): void {
  const waits = new Waits(done);
  for (const one of all) begin(one, waits.more());
  waits.close();
}

/** The same where it turns out on the way how many there are. */
export class Waits {
  readonly #done: Ended;
  /** One of them is that more may come. */
  #open = 1;
  #trouble: string | undefined;

  constructor(done: Ended) {
    this.#done = done;
  }

  /** One more to wait for. It ends once, whatever is said afterwards. */
  more(): Ended {
    this.#open += 1;
    let isOver = false;
    return (trouble) => {
      if (isOver) return;
      isOver = true;
      this.#trouble ??= trouble;
      this.close();
    };
  }

  /** No more come. */
  close(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#done(this.#trouble);
  }
}
