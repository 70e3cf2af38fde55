/**
 * Entries, groups or meters of one owner as a text (slices/packed-format.ts): each is a byte of its
 * key's hash, its size, and the value, so that one is found without reading the others.
 */
import { Unpacker } from '../../slices/packed-reader.ts';
import { Packer } from '../../slices/packed-writer.ts';
import { hashOf } from '../../slices/text-hash.ts';
import { unsure } from '../entries/physical-tables.ts';

/** A flow's, or the number of a group or meter. */
export type Key = string | number;

const constants = [unsure];
const packer = new Packer(constants);
const unpacker = new Unpacker(constants);

/** A byte of its key's hash, its size, the value. */
function pack<K extends Key, V>(key: K, value: V): void {
  packer.byte(hashOf(key) & 0xff);
  const at = packer.at;
  packer.size(0);
  packer.put(value);
  packer.size(packer.at - at - SIZE, at);
}

export function packedOne<K extends Key, V>(key: K, value: V): string {
  pack(key, value);
  return packer.finish();
}

export function packed<K extends Key, V>(all: Iterable<readonly [K, V]>): string {
  for (const [key, value] of all) pack(key, value);
  return packer.finish();
}

const SIZE = 3;
const HEAD = 1 + SIZE;

export function unpacked<K extends Key, V>(text: string, keyOf: (value: V) => K): Map<K, V> {
  const all = new Map<K, V>();
  for (let at = 0; at < text.length; at = unpacker.at) {
    unpacker.begin(text, at + HEAD);
    const value = unpacker.take() as V;
    all.set(keyOf(value), value);
  }
  return all;
}

/** The end of the one that begins there. */
export function endOf(text: string, at: number): number {
  unpacker.begin(text, at + 1);
  return at + HEAD + unpacker.size();
}

/** Where one is, and what; undefined when there is none with that key. */
export function found<K extends Key, V>(text: string, key: K, keyOf: (value: V) => K) {
  const hash = hashOf(key) & 0xff;
  for (let at = 0; at < text.length; ) {
    const end = endOf(text, at);
    if (text.charCodeAt(at) === hash) {
      const value = unpacker.take() as V;
      if (keyOf(value) === key) return { at, end, value };
    }
    at = end;
  }
  return undefined;
}

/** Another in its place, or at the end; in one piece. */
export function replaced(
  text: string,
  old: { readonly at: number; readonly end: number } | undefined,
  by: string,
): string {
  const { at, end } = old ?? { at: text.length, end: text.length };
  return [text.slice(0, at), by, text.slice(end)].join('');
}
