/**
 * Reading that is single flight: requests that come while one is under way share the next one, so
 * whoever asks often does not make us ask more often.
 */
export class SharedRead {
  readonly #start: (landed: () => void) => void;
  #waiting: (() => void)[] = [];
  #isUp = false;

  /** `start` reads, and says when it has. */
  constructor(start: (landed: () => void) => void) {
    this.#start = start;
  }

  /** Runs `done` after a reading that began at this call or later. */
  read(done: () => void): void {
    this.#waiting.push(done);
    if (!this.#isUp) this.#take();
  }

  #take(): void {
    const served = this.#waiting;
    this.#waiting = [];
    this.#isUp = true;
    this.#start(() => {
      this.#isUp = false;
      for (const done of served) done();
      if (this.#waiting.length > 0 && !this.#isUp) this.#take();
    });
  }
}
