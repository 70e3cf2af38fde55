/**
 * Reading that is single flight: requests that come while one is under way share the next one, so
 * frequent requests do not cause more reading. `start` reads for the owner, and calls back: it is
 * one function for all requests.
 */
export class SharedRead<T> {
  readonly #owner: T;
  readonly #start: (owner: T, landed: () => void) => void;
  /** Undefined when nobody waits. */
  #waiting: (() => void)[] | undefined;
  #isUp = false;

  constructor(owner: T, start: (owner: T, landed: () => void) => void) {
    this.#owner = owner;
    this.#start = start;
  }

  /** Whether nobody waits, and nothing is read. */
  get isIdle(): boolean {
    return !this.#isUp && this.#waiting === undefined;
  }

  /** Runs `done` after a reading that began at this call or later. */
  read(done: () => void): void {
    if (this.#waiting === undefined) this.#waiting = [done];
    else this.#waiting.push(done);
    if (!this.#isUp) this.#take();
  }

  #take(): void {
    const served = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#isUp = true;
    this.#start(this.#owner, () => {
      this.#isUp = false;
      for (const done of served) done();
      if (this.#waiting !== undefined && !this.#isUp) this.#take();
    });
  }
}

/** The same for each of some keys, of which nothing is remembered while nobody reads. */
export class SharedReads<T, K> {
  readonly #owner: T;
  readonly #start: (owner: T, key: K, landed: () => void) => void;
  #underWay: Map<K, SharedRead<K>> | undefined;

  constructor(owner: T, start: (owner: T, key: K, landed: () => void) => void) {
    this.#owner = owner;
    this.#start = start;
  }

  read(key: K, done: () => void): void {
    this.#underWay ??= new Map();
    const one = this.#underWay.get(key) ?? this.#begin(this.#underWay, key);
    one.read(() => {
      if (one.isIdle) this.#forget(key, one);
      done();
    });
  }

  #begin(underWay: Map<K, SharedRead<K>>, key: K): SharedRead<K> {
    const one = new SharedRead<K>(key, (of, landed) => this.#start(this.#owner, of, landed));
    underWay.set(key, one);
    return one;
  }

  /** Somebody may read anew already. */
  #forget(key: K, one: SharedRead<K>): void {
    if (this.#underWay?.get(key) !== one) return;
    this.#underWay.delete(key);
    if (this.#underWay.size === 0) this.#underWay = undefined;
  }
}
