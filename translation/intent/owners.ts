/**
 * Things by key, each with whoever wants it: entries, groups or meters of one datapath.
 *
 * Two owners may want something in the same place: the number of a way that is gone is given to
 * another, say, while its last entries stand yet. Who wanted it last has it there; when that one
 * wants it no more, it is the other's again.
 */
import type { OwnerKey } from '../datapath/contribution.ts';
import type { Keys } from '../entries/difference.ts';

/** What became another, or may have, since somebody looked (intent-corrections.ts). */
export class ChangedKeys {
  readonly flows = new Set<string>();
  readonly groups = new Set<number>();
  readonly meters = new Set<number>();

  get size(): number {
    return this.flows.size + this.groups.size + this.meters.size;
  }

  /** So many of them, once; groups and meters before what uses them. */
  take(count: number): Keys {
    const meters = taken(this.meters, count);
    const groups = taken(this.groups, count - meters.length);
    const flows = taken(this.flows, count - meters.length - groups.length);
    return { flows, groups, meters };
  }
}

function taken<K>(from: Set<K>, count: number): readonly K[] {
  const some: K[] = [];
  for (const key of from) {
    if (some.length >= count) break;
    some.push(key);
    from.delete(key);
  }
  return some;
}

export class Owned<K, V> {
  readonly #none: ReadonlyMap<K, V> = new Map();
  readonly #byOwner = new Map<OwnerKey, Map<K, V>>();
  /** Who has the place: where there are several, the last of them. */
  readonly #owners = new Map<K, OwnerKey | readonly OwnerKey[]>();
  /** Where it is noted what becomes another. */
  changed: Set<K> | undefined;

  get size(): number {
    return this.#owners.size;
  }

  get(key: K): V | undefined {
    const owner = this.ownerOf(key);
    return owner === undefined ? undefined : this.#byOwner.get(owner)?.get(key);
  }

  ownerOf(key: K): OwnerKey | undefined {
    const owner = this.#owners.get(key);
    return owner === undefined || typeof owner === 'string' ? owner : owner.at(-1);
  }

  of(owner: OwnerKey): ReadonlyMap<K, V> {
    return this.#byOwner.get(owner) ?? this.#none;
  }

  /** What becomes another meanwhile is among them, or not. */
  keys(): Iterable<K> {
    return this.#owners.keys();
  }

  /** What stands, and whose it is. */
  *entries(): Generator<readonly [K, V, OwnerKey]> {
    for (const key of this.#owners.keys()) {
      const owner = this.ownerOf(key);
      const value = owner === undefined ? undefined : this.#byOwner.get(owner)?.get(key);
      if (owner !== undefined && value !== undefined) yield [key, value, owner];
    }
  }

  set(owner: OwnerKey, key: K, value: V): void {
    this.changed?.add(key);
    const own = this.#byOwner.get(owner) ?? new Map<K, V>();
    this.#byOwner.set(owner, own.set(key, value));
    const others = this.#othersAt(owner, key);
    this.#owners.set(key, others.length === 0 ? owner : [...others, owner]);
  }

  /** What is the same as one of these is that very value from now on, and quickly compared. */
  adopt(owner: OwnerKey, values: ReadonlyMap<K, V>, isSame: (a: V, b: V) => boolean): void {
    const own = this.#byOwner.get(owner);
    for (const [key, old] of own ?? []) {
      const value = values.get(key);
      if (value !== undefined && value !== old && isSame(old, value)) own?.set(key, value);
    }
  }

  delete(owner: OwnerKey, key: K): void {
    const own = this.#byOwner.get(owner);
    if (own?.delete(key) !== true) return;
    this.changed?.add(key);
    if (own.size === 0) this.#byOwner.delete(owner);
    const others = this.#othersAt(owner, key);
    const [first] = others;
    if (first === undefined) this.#owners.delete(key);
    else this.#owners.set(key, others.length === 1 ? first : others);
  }

  forget(owner: OwnerKey): void {
    for (const key of [...this.of(owner).keys()]) this.delete(owner, key);
  }

  clear(): void {
    for (const key of this.#owners.keys()) this.changed?.add(key);
    this.#byOwner.clear();
    this.#owners.clear();
  }

  /** Which owners want something there, the last of them last. */
  ownersOf(key: K): readonly OwnerKey[] {
    const all = this.#owners.get(key) ?? [];
    return typeof all === 'string' ? [all] : all;
  }

  /** For each of these: what stands at these keys; undefined where nothing does. */
  some(keys: Iterable<K>): Map<K, V> {
    const found = new Map<K, V>();
    for (const key of keys) {
      const value = this.get(key);
      if (value !== undefined) found.set(key, value);
    }
    return found;
  }

  #othersAt(owner: OwnerKey, key: K): readonly OwnerKey[] {
    const all = this.#owners.get(key);
    if (all === undefined || all === owner) return [];
    return typeof all === 'string' ? [all] : all.filter((one) => one !== owner);
  }
}
