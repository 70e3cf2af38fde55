/**
 * Compares values by their contents.
 */
import { chunks, type Steps } from './steps.ts';

/**
 * Whether two values say the same: texts, numbers, bytes, and lists, sets, maps and records of
 * them. Maps and records are compared whatever the order of their keys, lists in their order.
 */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  if (one === null || other === null) return false;
  if (Array.isArray(one) || one instanceof Uint8Array) return sameList(one, other);
  if (one instanceof Map) return other instanceof Map && sameMap(one, other);
  if (one instanceof Set) return other instanceof Set && sameSet(one, other);
  return sameRecord(one, other);
}

function sameList(one: unknown[] | Uint8Array, other: object): boolean {
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  const list = other as typeof one;
  if (one.length !== list.length) return false;
  for (let i = 0; i < one.length; i++) {
    // Of most lists nearly all members are the very same: no call is made for those.
    if (!Object.is(one[i], list[i]) && !isSameValue(one[i], list[i])) return false;
  }
  return true;
}

function sameMap(one: ReadonlyMap<unknown, unknown>, other: ReadonlyMap<unknown, unknown>) {
  if (one.size !== other.size) return false;
  for (const [key, value] of one) {
    if (!other.has(key) || !isSameValue(value, other.get(key))) return false;
  }
  return true;
}

function sameSet(one: ReadonlySet<unknown>, other: ReadonlySet<unknown>): boolean {
  return one.size === other.size && [...one].every((member) => other.has(member));
}

/** Of what has no fields that can be seen nothing is known: two of them are different. */
function sameRecord(one: object, other: object): boolean {
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  const keys = Object.keys(one);
  if (keys.length === 0 || keys.length !== Object.keys(other).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(other, key)) return false;
    const [mine, theirs] = [one[key as never], other[key as never]];
    if (!Object.is(mine, theirs) && !isSameValue(mine, theirs)) return false;
  }
  return true;
}

/** Of two records with long lists, in steps. */
export function* isSameInSteps<T extends object>(one: T, other: T): Steps<boolean> {
  const names = new Set([...Object.keys(one), ...Object.keys(other)] as (keyof T)[]);
  for (const name of names) {
    const [mine, theirs] = [one[name], other[name]];
    if (!Array.isArray(mine) || !Array.isArray(theirs)) {
      if (!isSameValue(mine, theirs)) return false;
    } else {
      if (mine.length !== theirs.length) return false;
      for (const some of chunks(mine.keys(), MEMBERS_PER_STEP)) {
        if (!some.every((i) => isSameValue(mine[i], theirs[i]))) return false;
        yield;
      }
    }
    yield;
  }
  return true;
}

const MEMBERS_PER_STEP = 32;
