/**
 * What one owner wants of a datapath, of one kind (entries, groups or meters), by key.
 *
 * Nearly all owners want the same for months, so what they want is packed into a text
 * (slices/packed-format.ts) unless somebody goes through it, or changes it: some thousands of
 * entries, those of the latest owners, are values. One value of a packed owner is read without the
 * others.
 */
import { limits } from '../../slices/limits.ts';
import { Unpacker } from '../../slices/packed-reader.ts';
import { Packer } from '../../slices/packed-writer.ts';
import { hashOf } from '../../slices/text-hash.ts';
import type { OwnerKey } from '../datapath/contribution.ts';
import { unsure } from '../entries/physical-tables.ts';

const constants = [unsure];
const packer = new Packer(constants);
const unpacker = new Unpacker(constants);

/** Of each entry: a byte of its key's hash, its size, the value. */
function packed<K extends Key, V>(all: ReadonlyMap<K, V>): string {
  for (const [key, value] of all) {
    packer.byte(hashOf(key) & 0xff);
    const at = packer.at;
    packer.size(0);
    packer.put(value);
    packer.size(packer.at - at - SIZE, at);
  }
  return packer.finish();
}

const SIZE = 3;
const HEAD = 1 + SIZE;

function unpacked<K extends Key, V>(text: string, keyOf: (value: V) => K): Map<K, V> {
  const all = new Map<K, V>();
  for (let at = 0; at < text.length; at = unpacker.at) {
    unpacker.begin(text, at + HEAD);
    const value = unpacker.take() as V;
    all.set(keyOf(value), value);
  }
  return all;
}

function found<K extends Key, V>(text: string, key: K, keyOf: (value: V) => K): V | undefined {
  const hash = hashOf(key) & 0xff;
  for (let at = 0; at < text.length; ) {
    unpacker.begin(text, at + 1);
    const size = unpacker.size();
    if (text.charCodeAt(at) === hash) {
      const value = unpacker.take() as V;
      if (keyOf(value) === key) return value;
    }
    at += HEAD + size;
  }
  return undefined;
}

/** A flow's, or the number of a group or meter. */
export type Key = string | number;

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
    return found(this.#packed ?? '', key, this.#keyOf);
  }

  has(key: K): boolean {
    return this.#values === undefined ? this.get(key) !== undefined : this.#values.has(key);
  }

  /** As it is now; whoever keeps it sees what becomes another, or not. */
  values(): ReadonlyMap<K, V> {
    return this.#open();
  }

  set(key: K, value: V): void {
    const values = this.#open();
    values.set(key, value);
    this.#size = values.size;
    this.#packed = undefined;
  }

  delete(key: K): boolean {
    const values = this.#open();
    if (!values.delete(key)) return false;
    this.#size = values.size;
    this.#packed = undefined;
    return true;
  }

  /** Whether it is these, to all appearance; false does not say that it is not. */
  isLike(values: ReadonlyMap<K, V>): boolean {
    if (this.#values !== undefined || values.size !== this.#size) return false;
    return packed(values) === this.#packed;
  }

  /** What is the same as one of these is that very value from now on, and quickly compared. */
  adopt(values: ReadonlyMap<K, V>, isSame: (a: V, b: V) => boolean): void {
    const own = this.#values;
    for (const [key, old] of own ?? []) {
      const value = values.get(key);
      if (value !== undefined && value !== old && isSame(old, value)) own?.set(key, value);
    }
  }

  pack(): void {
    if (this.#values === undefined || this.#size > limits.packedEntriesMax) return;
    this.#packed ??= packed(this.#values);
    this.#values = undefined;
  }

  #open(): Map<K, V> {
    this.#values ??= unpacked(this.#packed ?? '', this.#keyOf);
    latest.touch(this);
    return this.#values;
  }
}

/** Those that are values, of all datapaths; the latest are the last. */
class Latest {
  /** With so many entries each, when they were the latest. */
  readonly #all = new Map<Packing, number>();
  #last: Packing | undefined;
  #count = 0;

  touch(own: Packing): void {
    if (own === this.#last) return;
    if (this.#last !== undefined) this.#put(this.#last);
    this.#put(own);
    this.#last = own;
    for (const [old, size] of this.#all) {
      if (this.#count <= limits.unpackedEntriesMax || old === own) break;
      this.#all.delete(old);
      this.#count -= size;
      old.pack();
    }
  }

  /** One that is empty is not kept: its owner may have gone, and it takes nobody's room. */
  #put(own: Packing): void {
    this.#count += own.size - (this.#all.get(own) ?? 0);
    this.#all.delete(own);
    if (own.size > 0) this.#all.set(own, own.size);
  }
}

type Packing = Pick<Wanted<Key, unknown>, 'size' | 'pack'>;

const latest = new Latest();
