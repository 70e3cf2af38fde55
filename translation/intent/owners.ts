/**
 * Entries, groups or meters of one datapath by key, each with its owners.
 *
 * Two owners may want something in the same place: the number of a way that is gone is given to
 * another, say, while its last entries stand yet. Who wanted it last has it there; when that one
 * wants it no more, it is the other's again.
 */
import type { Message } from '../../openflow/values/values.ts';
import { PORT_METERS_FROM } from '../../slices/network/port-meters.ts';
import { HashIndex } from '../../slices/rules/hash-index.ts';
import type { Steps } from '../../slices/steps.ts';
import { hashOf } from '../../slices/text-hash.ts';
import { type OwnerKey, ownerOf, ownerOfGroup, ownerOfMeter } from '../datapath/contribution.ts';
import type { Keys } from '../entries/difference.ts';
import type { PhysicalMeter } from '../entries/physical-tables.ts';
import { readCookie } from '../entries/pipeline.ts';
import { type Compared, Wanted } from './packed-contribution.ts';
import type { Key } from './packed-entries.ts';

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

export class Owned<K extends Key, V> {
  readonly #none: ReadonlyMap<K, V> = new Map();
  readonly #keyOf: (value: V) => K;
  /** Owners that somebody compares; one that becomes another is none of them any more. */
  readonly #compared: Set<OwnerKey>;
  readonly #byOwner = new Map<OwnerKey, Wanted<K, V>>();
  /** By slot; those of owners that went are given to others. */
  readonly #slots: (Wanted<K, V> | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  /** Whose something is by the hash of its key: slots of those who may have it. */
  readonly #index = new HashIndex();
  /** Places that several want, the last of them last. */
  readonly #shared = new Map<K, readonly OwnerKey[]>();
  #size = 0;
  /** Where it is noted what becomes another. */
  changed: Set<K> | undefined;

  constructor(keyOf: (value: V) => K, compared: Set<OwnerKey>) {
    this.#keyOf = keyOf;
    this.#compared = compared;
  }

  get size(): number {
    return this.#size;
  }

  get(key: K): V | undefined {
    const shared = this.#shared.get(key)?.at(-1);
    if (shared !== undefined) return this.#byOwner.get(shared)?.get(key);
    for (const own of this.#candidates(key)) {
      const value = own.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  ownerOf(key: K): OwnerKey | undefined {
    return this.ownersOf(key).at(-1);
  }

  has(owner: OwnerKey): boolean {
    return this.#byOwner.has(owner);
  }

  of(owner: OwnerKey): ReadonlyMap<K, V> {
    return this.#byOwner.get(owner)?.values() ?? this.#none;
  }

  /** Where that differs from what an owner wants, a little in each step. */
  *differing(
    owner: OwnerKey,
    want: ReadonlyMap<K, V>,
    isSame: (a: V, b: V) => boolean,
  ): Steps<Compared<K, V>> {
    const own = this.#byOwner.get(owner);
    if (own !== undefined) return yield* own.differing(want, isSame);
    return { found: { make: [...want.keys()], change: [], break: [] }, have: this.#none };
  }

  /** What becomes another meanwhile is among them, or not. */
  *keys(): Generator<K> {
    for (const [key] of this.entries()) yield key;
  }

  /** What stands, and whose it is. */
  *entries(): Generator<readonly [K, V, OwnerKey]> {
    for (const own of this.#byOwner.values()) {
      for (const [key, value] of [...own.values()]) {
        const last = this.#shared.get(key)?.at(-1) ?? own.owner;
        if (last === own.owner) yield [key, value, own.owner];
      }
    }
  }

  set(owner: OwnerKey, key: K, value: V): void {
    this.changed?.add(key);
    this.#compared.delete(owner);
    const own = this.#byOwner.get(owner) ?? this.#add(owner);
    if (!own.has(key)) this.#note(own, key);
    else if (this.#shared.has(key)) this.#shared.set(key, [...this.#others(owner, key), owner]);
    own.set(key, value);
  }

  /** The first that an owner wants, all at once. */
  fill(owner: OwnerKey, values: ReadonlyMap<K, V>): void {
    if (values.size === 0) return;
    this.#compared.delete(owner);
    if (this.#byOwner.has(owner)) {
      for (const [key, value] of values) this.set(owner, key, value);
      return;
    }
    const own = this.#add(owner, values);
    for (const key of values.keys()) {
      this.changed?.add(key);
      this.#note(own, key);
    }
  }

  /** What is the same as one of these is that very value from now on, and quickly compared. */
  adopt(owner: OwnerKey, values: ReadonlyMap<K, V>, isSame: (a: V, b: V) => boolean): void {
    this.#byOwner.get(owner)?.adopt(values, isSame);
  }

  delete(owner: OwnerKey, key: K): void {
    const own = this.#byOwner.get(owner);
    if (own?.delete(key) !== true) return;
    this.#compared.delete(owner);
    this.changed?.add(key);
    this.#index.remove(hashOf(key), own.slot);
    if (own.size === 0) this.#remove(own);
    if (!this.#shared.has(key)) this.#size -= 1;
    else this.#share(key, this.#others(owner, key));
  }

  forget(owner: OwnerKey): void {
    for (const key of [...this.of(owner).keys()]) this.delete(owner, key);
  }

  clear(): void {
    if (this.changed !== undefined) for (const key of this.keys()) this.changed.add(key);
    this.#compared.clear();
    this.#byOwner.clear();
    this.#slots.length = 0;
    this.#freeSlots.length = 0;
    this.#index.clear();
    this.#shared.clear();
    this.#size = 0;
  }

  /** Which owners want something there, the last of them last. */
  ownersOf(key: K): readonly OwnerKey[] {
    const shared = this.#shared.get(key);
    if (shared !== undefined) return shared;
    return this.#candidates(key).flatMap((own) => (own.has(key) ? [own.owner] : []));
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

  /** An owner that did not want this before. */
  #note(own: Wanted<K, V>, key: K): void {
    const others = this.#others(own.owner, key);
    this.#index.put(hashOf(key), own.slot);
    if (others.length === 0) this.#size += 1;
    else this.#share(key, [...others, own.owner]);
  }

  #share(key: K, owners: readonly OwnerKey[]): void {
    if (owners.length > 1) this.#shared.set(key, owners);
    else this.#shared.delete(key);
  }

  #add(owner: OwnerKey, values?: ReadonlyMap<K, V>): Wanted<K, V> {
    const slot = this.#freeSlots.pop() ?? this.#slots.length + 1;
    const own = new Wanted(owner, slot, this.#keyOf, values);
    this.#slots[slot - 1] = own;
    this.#byOwner.set(owner, own);
    return own;
  }

  #remove({ owner, slot }: Wanted<K, V>): void {
    this.#byOwner.delete(owner);
    this.#slots[slot - 1] = undefined;
    this.#freeSlots.push(slot);
  }

  #candidates(key: K): readonly Wanted<K, V>[] {
    const hash = hashOf(key);
    const found: Wanted<K, V>[] = [];
    for (let cell = this.#index.first(hash); cell >= 0; cell = this.#index.next(hash, cell)) {
      const own = this.#slots[this.#index.slot(cell) - 1];
      if (own !== undefined && !found.includes(own)) found.push(own);
    }
    return found;
  }

  #others(owner: OwnerKey, key: K): readonly OwnerKey[] {
    return this.ownersOf(key).filter((one) => one !== owner);
  }
}

/** Whose entry, group or meter a message is about; a meter of a vport's bandwidth: who has it. */
export function ownerIn(
  message: Message,
  meters: Owned<number, PhysicalMeter>,
): OwnerKey | undefined {
  if (message.type === 'groupMod') return ownerOfGroup(message.groupId);
  if (message.type === 'meterMod') {
    const { meterId } = message;
    const isOfPort = meterId >= PORT_METERS_FROM;
    return ownerOfMeter(meterId) ?? (isOfPort ? meters.ownerOf(meterId) : undefined);
  }
  const cookie = message.type === 'flowMod' ? readCookie(message.cookie) : undefined;
  return cookie === undefined ? undefined : ownerOf(cookie);
}
