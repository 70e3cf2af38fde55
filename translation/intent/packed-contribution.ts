/**
 * The contribution of one owner to a datapath, of one kind (entries, groups or meters), by key.
 *
 * Nearly all owners want the same for months, so what they want is packed into a text
 * (slices/packed-format.ts) unless somebody goes through it: some thousands of entries, those of
 * the latest owners, are values. One value of a packed owner is read, or changed, without the
 * others, and a packed owner is compared with what it is to be as texts.
 */
import { limits } from '../../slices/limits.ts';
import { chunks, type Steps } from '../../slices/steps.ts';
import type { OwnerKey } from '../datapath/contribution.ts';
import type { Differing, Phase } from '../entries/difference.ts';
import { endOf, found, type Key, packed, packedOne, replaced, unpacked } from './packed-entries.ts';

/** Where one differs from what it is to be; `have`: what it has there, at least. */
export interface Compared<K, V> {
  readonly found: Differing<K>;
  readonly have: ReadonlyMap<K, V>;
}

export class Wanted<K extends Key, V> {
  readonly owner: OwnerKey;
  /** Its number among the owners of that datapath. */
  readonly slot: number;
  readonly #keyOf: (value: V) => K;
  /** Packed, or values, or both while nothing was changed. */
  #packed: string | undefined;
  #values: Map<K, V> | undefined;
  #size: number;

  constructor(
    owner: OwnerKey,
    slot: number,
    keyOf: (value: V) => K,
    values: ReadonlyMap<K, V> = new Map(),
  ) {
    this.owner = owner;
    this.slot = slot;
    this.#keyOf = keyOf;
    this.#size = values.size;
    if (this.#size > limits.packedEntriesMax) this.#values = new Map(values);
    else this.#packed = packed(values);
  }

  get size(): number {
    return this.#size;
  }

  get(key: K): V | undefined {
    if (this.#values !== undefined) return this.#values.get(key);
    return found(this.#packed ?? '', key, this.#keyOf)?.value;
  }

  has(key: K): boolean {
    return this.#values === undefined ? this.get(key) !== undefined : this.#values.has(key);
  }

  /** As it is now; whoever keeps it sees what becomes another, or not. */
  values(): ReadonlyMap<K, V> {
    return this.#open();
  }

  set(key: K, value: V): void {
    // Of one that begins with nothing, more will follow.
    if (this.#values === undefined && this.#size > 0) {
      const text = this.#packed ?? '';
      const old = found(text, key, this.#keyOf);
      this.#packed = replaced(text, old, packedOne(key, value));
      if (old === undefined) this.#size += 1;
      return;
    }
    const values = this.#open();
    values.set(key, value);
    this.#changed(values);
  }

  delete(key: K): boolean {
    if (this.#values === undefined) {
      const text = this.#packed ?? '';
      const old = found(text, key, this.#keyOf);
      if (old === undefined) return false;
      this.#packed = replaced(text, old, '');
      this.#size -= 1;
      return true;
    }
    if (!this.#values.delete(key)) return false;
    this.#changed(this.#values);
    return true;
  }

  #changed(values: ReadonlyMap<K, V>): void {
    this.#size = values.size;
    this.#packed = undefined;
    latest.changed(this);
  }

  /** Where it differs from these, some in each step. What is the same is their value from then. */
  *differing(want: ReadonlyMap<K, V>, isSame: (a: V, b: V) => boolean): Steps<Compared<K, V>> {
    const found: Record<Phase, K[]> = { make: [], change: [], break: [] };
    const values = this.#values;
    const [have, looked] =
      values === undefined ? yield* this.#unlike(want) : ([values, want] as const);
    let count = 0;
    for (const [key, next] of looked) {
      const old = have.get(key);
      if (old === undefined) found.make.push(key);
      else if (old !== next && !isSame(old, next)) found.change.push(key);
      else if (old !== next) values?.set(key, next);
      count += 1;
      if (count % PER_STEP === 0) yield;
    }
    for (const key of have.keys()) if (!want.has(key)) found.break.push(key);
    return { found, have };
  }

  /** Of what is packed, and of what is wanted, what differs as a text from all of the other. */
  *#unlike(want: ReadonlyMap<K, V>): Steps<readonly [ReadonlyMap<K, V>, ReadonlyMap<K, V>]> {
    const text = this.#packed ?? '';
    const parts = new Set<string>();
    for (let at = 0; at < text.length; ) {
      const end = endOf(text, at);
      parts.add(text.slice(at, end));
      at = end;
      if (parts.size % PER_STEP === 0) yield;
    }
    const others = new Map<K, V>();
    let count = 0;
    for (const [key, value] of want) {
      if (!parts.delete(packedOne(key, value))) others.set(key, value);
      count += 1;
      if (count % PER_STEP === 0) yield;
    }
    const have = new Map<K, V>();
    for (const some of chunks(parts, PER_STEP)) {
      for (const [key, value] of unpacked(some.join(''), this.#keyOf)) have.set(key, value);
      if (some.length === PER_STEP) yield;
    }
    return [have, others];
  }

  /** What is the same as one of these is that very value from now on, and quickly compared. */
  adopt(values: ReadonlyMap<K, V>, isSame: (a: V, b: V) => boolean): void {
    const own = this.#values;
    for (const [key, old] of own ?? []) {
      const value = values.get(key);
      if (value !== undefined && value !== old && isSame(old, value)) own?.set(key, value);
    }
  }

  /** As it is packed, some entries at a time; nothing where it is, or is to stay values. */
  *packing(count: number): Generator<string> {
    if (this.#packed !== undefined || this.#size > limits.packedEntriesMax) return;
    for (const some of chunks(this.#values ?? [], count)) yield packed(some);
  }

  /** It is packed; as that, where it was not. */
  packedAs(text: string): void {
    if (this.#size > limits.packedEntriesMax) return;
    this.#packed ??= text;
    this.#values = undefined;
  }

  #open(): Map<K, V> {
    this.#values ??= unpacked(this.#packed ?? '', this.#keyOf);
    latest.touch(this);
    return this.#values;
  }
}

/** Entries of one that are looked at, or packed, together. */
const PER_STEP = 64;
const PER_PART = 32;

/** Those that are values, of all datapaths; the latest are the last. */
class Latest {
  /** With so many entries each, when they were the latest. */
  readonly #all = new Map<Packing, number>();
  #last: Packing | undefined;
  #count = 0;
  /** One is large, and being packed. */
  #begun:
    | { readonly own: Packing; readonly rest: Iterator<string>; readonly done: string[] }
    | undefined;

  touch(own: Packing): void {
    if (own === this.#last) return;
    if (this.#last !== undefined) this.#put(this.#last);
    this.#put(own);
    this.#last = own;
    // As many as were made values, and some more: what is large is packed bit by bit.
    let left = Math.ceil(own.size / PER_PART) + PARTS_AT_ONCE;
    for (const [old, size] of this.#all) {
      if (this.#count <= limits.unpackedEntriesMax || old === own) break;
      left = this.#pack(old, left);
      if (left <= 0) break;
      this.#all.delete(old);
      this.#count -= size;
    }
  }

  changed(own: Packing): void {
    if (this.#begun?.own === own) this.#begun = undefined;
  }

  /** How many parts are left of so many; none when there is more of it. */
  #pack(own: Packing, parts: number): number {
    if (this.#begun?.own !== own) this.#begun = { own, rest: own.packing(PER_PART), done: [] };
    const { rest, done } = this.#begun;
    for (let left = parts; left > 0; left--) {
      const next = rest.next();
      if (next.done === true) {
        // In one piece, for nobody may read it for months.
        own.packedAs(done.join(''));
        this.#begun = undefined;
        return left;
      }
      done.push(next.value);
    }
    return 0;
  }

  /** One that is empty is not kept: its owner may have gone, and it takes nobody's room. */
  #put(own: Packing): void {
    this.#count += own.size - (this.#all.get(own) ?? 0);
    this.#all.delete(own);
    if (own.size > 0) this.#all.set(own, own.size);
  }
}

/** So many parts are packed beside. */
const PARTS_AT_ONCE = 8;

type Packing = Pick<Wanted<Key, unknown>, 'size' | 'packing' | 'packedAs'>;

const latest = new Latest();
