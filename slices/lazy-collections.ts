/**
 * Maps and sets that are empty most of the time: an empty one takes 32 bytes instead of 184. An
 * idle vswitch has some thirty of them.
 *
 * What they hold is in the order of a Map's or Set's. Who goes through one that never had anything
 * sees nothing of what is added meanwhile.
 */

export class LazyMap<K, V> {
  #all: Map<K, V> | undefined;

  get size(): number {
    return this.#all === undefined ? 0 : this.#all.size;
  }

  get(key: K): V | undefined {
    return this.#all === undefined ? undefined : this.#all.get(key);
  }

  has(key: K): boolean {
    return this.#all?.has(key) === true;
  }

  set(key: K, value: V): this {
    this.#all ??= new Map();
    this.#all.set(key, value);
    return this;
  }

  delete(key: K): boolean {
    return this.#all?.delete(key) === true;
  }

  clear(): void {
    this.#all?.clear();
  }

  keys(): MapIterator<K> {
    return (this.#all ?? none).keys() as MapIterator<K>;
  }

  values(): MapIterator<V> {
    return (this.#all ?? none).values() as MapIterator<V>;
  }

  entries(): MapIterator<[K, V]> {
    return (this.#all ?? none).entries() as MapIterator<[K, V]>;
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}

/** Nothing is ever put into it. */
const none: ReadonlyMap<unknown, unknown> = new Map();

export class LazySet<T> {
  #all: Set<T> | undefined;

  get size(): number {
    return this.#all === undefined ? 0 : this.#all.size;
  }

  has(value: T): boolean {
    return this.#all?.has(value) === true;
  }

  add(value: T): this {
    this.#all ??= new Set();
    this.#all.add(value);
    return this;
  }

  delete(value: T): boolean {
    return this.#all?.delete(value) === true;
  }

  clear(): void {
    this.#all?.clear();
  }

  values(): SetIterator<T> {
    return (this.#all ?? nobody).values() as SetIterator<T>;
  }

  [Symbol.iterator](): SetIterator<T> {
    return this.values();
  }
}

const nobody: ReadonlySet<unknown> = new Set();
