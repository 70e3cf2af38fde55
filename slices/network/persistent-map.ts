/**
 * A map whose changed copy shares all but a few nodes with it, so that a snapshot with a new
 * placement of one vswitch costs only that vswitch, and the difference of two is found without
 * looking at the rest (Bagwell's hash array mapped trie).
 *
 * It is in no particular order, but always in the same for the same keys.
 */
import { atOnce, type Steps, withEach } from '../steps.ts';
import { hashOf } from '../text-hash.ts';

type Key = string | number;
type Entry<K, V> = readonly [K, V];
/** Few entries together, or one node for each value of the next five bits of the hash. */
type Node<K, V> =
  | { readonly type: 'leaf'; readonly keys: readonly K[]; readonly values: readonly V[] }
  | { readonly type: 'branch'; readonly children: readonly (Node<K, V> | undefined)[] };

const BITS = 5;
const FANOUT = 1 << BITS;
const LEAF_MAX = 8;
const HASH_BITS = 32;
const BUILT_AT_ONCE = 64;

export class PersistentMap<K extends Key, V> implements ReadonlyMap<K, V> {
  readonly #root: Node<K, V> | undefined;
  readonly size: number;

  private constructor(root: Node<K, V> | undefined, size: number) {
    this.#root = root;
    this.size = size;
  }

  static empty<K extends Key, V>(): PersistentMap<K, V> {
    return new PersistentMap<K, V>(undefined, 0);
  }

  /** The same entries; the map itself when it is one already. */
  static from<K extends Key, V>(entries: Iterable<Entry<K, V>>): PersistentMap<K, V> {
    if (entries instanceof PersistentMap) return entries as PersistentMap<K, V>;
    const unique = entries instanceof Map ? (entries as Map<K, V>) : new Map(entries);
    return new PersistentMap(built([...unique], 0), unique.size);
  }

  /** In steps, of keys that are all different. */
  static *of<K extends Key, V>(entries: readonly Entry<K, V>[]): Steps<PersistentMap<K, V>> {
    return new PersistentMap(yield* building(entries, 0), entries.length);
  }

  get(key: K): V | undefined {
    return valueIn(this.#root, key);
  }

  has(key: K): boolean {
    const leaf = leafOf(this.#root, key);
    return leaf?.keys.includes(key) === true;
  }

  with(key: K, value: V): PersistentMap<K, V> {
    const leaf = leafOf(this.#root, key);
    const i = leaf?.keys.indexOf(key) ?? -1;
    if (i >= 0 && leaf?.values[i] === value) return this;
    const root = put(this.#root, [key, value], hashOf(key), 0);
    return new PersistentMap(root, i < 0 ? this.size + 1 : this.size);
  }

  without(key: K): PersistentMap<K, V> {
    if (!this.has(key)) return this;
    return new PersistentMap(removed(this.#root, key, hashOf(key), 0), this.size - 1);
  }

  *[Symbol.iterator](): MapIterator<[K, V]> {
    yield* entriesIn(this.#root);
  }

  entries(): MapIterator<[K, V]> {
    return this[Symbol.iterator]();
  }

  *keys(): MapIterator<K> {
    for (const [key] of entriesIn(this.#root)) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of entriesIn(this.#root)) yield value;
  }

  forEach(use: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of entriesIn(this.#root)) use(value, key, this);
  }

  /** In steps, the keys that one of both has not, or that have another value there. */
  *changedTo(after: PersistentMap<K, V>): Steps<readonly K[]> {
    const found: K[] = [];
    yield* compared(this.#root, after.#root, found);
    return found;
  }
}

/** As `changedIn`, at once. */
export function changedKeys<K extends Key, V>(
  before: ReadonlyMap<K, V>,
  after: ReadonlyMap<K, V>,
): readonly K[] {
  return before === after ? [] : atOnce(changedIn(before, after));
}

/**
 * In steps, the keys that one of both has not, or that have another value there; cheap when both
 * are of this kind.
 */
export function changedIn<K extends Key, V>(
  before: ReadonlyMap<K, V>,
  after: ReadonlyMap<K, V>,
): Steps<readonly K[]> {
  return PersistentMap.from(before).changedTo(PersistentMap.from(after));
}

function placeIn(hash: number, shift: number): number {
  return (hash >>> shift) & (FANOUT - 1);
}

type Leaf<K, V> = Extract<Node<K, V>, { type: 'leaf' }>;

/** Where the key is, if it is anywhere. */
function leafOf<K extends Key, V>(root: Node<K, V> | undefined, key: K): Leaf<K, V> | undefined {
  let node = root;
  let hash = -1;
  for (let shift = 0; node !== undefined; shift += BITS) {
    if (node.type === 'leaf') return node;
    if (hash < 0) hash = hashOf(key);
    node = node.children[placeIn(hash, shift)];
  }
  return undefined;
}

function valueIn<K extends Key, V>(root: Node<K, V> | undefined, key: K): V | undefined {
  const leaf = leafOf(root, key);
  const i = leaf?.keys.indexOf(key) ?? -1;
  return i < 0 ? undefined : leaf?.values[i];
}

/** Two lists, and not one of pairs: those would be most of what a snapshot takes. */
function leafWith<K extends Key, V>(entries: readonly Entry<K, V>[]): Leaf<K, V> {
  return {
    type: 'leaf',
    keys: entries.map((entry) => entry[0]),
    values: entries.map((entry) => entry[1]),
  };
}

function put<K extends Key, V>(
  node: Node<K, V> | undefined,
  entry: Entry<K, V>,
  hash: number,
  shift: number,
): Node<K, V> | undefined {
  if (node === undefined) return leafWith([entry]);
  if (node.type === 'branch') {
    const children = [...node.children];
    const place = placeIn(hash, shift);
    children[place] = put(children[place], entry, hash, shift + BITS);
    return { type: 'branch', children };
  }
  const others = [...entriesIn(node)].filter(([key]) => key !== entry[0]);
  return built([...others, entry], shift);
}

function built<K extends Key, V>(
  entries: readonly Entry<K, V>[],
  shift: number,
): Node<K, V> | undefined {
  if (entries.length === 0) return undefined;
  if (entries.length <= LEAF_MAX || shift >= HASH_BITS) return leafWith(entries);
  const parts = Array.from({ length: FANOUT }, (): Entry<K, V>[] => []);
  for (const entry of entries) parts[placeIn(hashOf(entry[0]), shift)]?.push(entry);
  return { type: 'branch', children: parts.map((part) => built(part, shift + BITS)) };
}

/** As `built`, in steps. */
function* building<K extends Key, V>(
  entries: readonly Entry<K, V>[],
  shift: number,
): Steps<Node<K, V> | undefined> {
  if (entries.length <= BUILT_AT_ONCE || shift >= HASH_BITS) return built(entries, shift);
  const parts = Array.from({ length: FANOUT }, (): Entry<K, V>[] => []);
  yield* withEach(entries, (entry) => void parts[placeIn(hashOf(entry[0]), shift)]?.push(entry));
  const children: (Node<K, V> | undefined)[] = [];
  for (const part of parts) {
    children.push(yield* building(part, shift + BITS));
    yield;
  }
  return { type: 'branch', children };
}

function removed<K extends Key, V>(
  node: Node<K, V> | undefined,
  key: K,
  hash: number,
  shift: number,
): Node<K, V> | undefined {
  if (node === undefined) return undefined;
  if (node.type === 'leaf') {
    return built(
      [...entriesIn(node)].filter((entry) => entry[0] !== key),
      HASH_BITS,
    );
  }
  const children = [...node.children];
  const place = placeIn(hash, shift);
  children[place] = removed(children[place], key, hash, shift + BITS);
  return children.every((child) => child === undefined) ? undefined : { type: 'branch', children };
}

function* entriesIn<K extends Key, V>(node: Node<K, V> | undefined): Generator<[K, V], undefined> {
  if (node === undefined) return;
  if (node.type === 'leaf') {
    for (const [i, key] of node.keys.entries()) yield [key, node.values[i] as V];
  } else for (const child of node.children) yield* entriesIn(child);
}

/** A branch whose children are others is a step. */
function* compared<K extends Key, V>(
  before: Node<K, V> | undefined,
  after: Node<K, V> | undefined,
  found: K[],
): Steps<void> {
  if (before?.type !== 'branch' || after?.type !== 'branch') {
    compareEnds(before, after, found);
    return;
  }
  for (const [i, child] of before.children.entries()) {
    const other = after.children[i];
    if (child !== other) yield* compared(child, other, found);
  }
  yield;
}

/** Of which one at least is no branch. */
function compareEnds<K extends Key, V>(
  before: Node<K, V> | undefined,
  after: Node<K, V> | undefined,
  found: K[],
): void {
  if (before === after) return;
  if (before?.type !== 'branch' && after?.type !== 'branch') {
    compareFew(before ?? leafWith<K, V>([]), after ?? leafWith<K, V>([]), found);
    return;
  }
  const left = new Map(entriesIn(before));
  for (const [key, value] of entriesIn(after)) {
    if (!left.has(key) || left.get(key) !== value) found.push(key);
    left.delete(key);
  }
  found.push(...left.keys());
}

function compareFew<K extends Key, V>(before: Leaf<K, V>, after: Leaf<K, V>, found: K[]): void {
  for (const [i, key] of after.keys.entries()) {
    const old = before.keys.indexOf(key);
    if (old < 0 || before.values[old] !== after.values[i]) found.push(key);
  }
  for (const key of before.keys) if (!after.keys.includes(key)) found.push(key);
}
