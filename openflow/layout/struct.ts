/**
 * A structure that varies in length, declared once: its fixed part (layout.ts), then its parts, in
 * the order of the wire. Reading, writing and the shortest length all follow from that.
 *
 * Messages (messages.ts), bodies of multiparts (multipart.ts), buckets, rows of statistics and most
 * actions are such declarations. Where a version says something in other
 * fields, two conversions stand beside the declaration, `heard` and `said`.
 */

import { isError, ofError } from '../values/errors.ts';
import type { OfError } from '../values/structure-values.ts';
import { type AnyLayout, bytesOf, type Layout, type Size, type ValuesOf } from './layout.ts';
import type { Writer } from './writer.ts';

/** A value and the bytes that it took. */
export interface At<T> {
  readonly value: T;
  readonly size: number;
}

/** A part of a structure, bytes to a value and back. */
export interface Part<T> {
  /** Bytes that it takes at least. */
  readonly minimum: number;
  /** Whether it never takes more. */
  readonly isExact: boolean;
  /** Whether it is in the padding of its name in the fixed part, and not behind that. */
  readonly isInside?: boolean;
  /** Whether there is nothing in it, and so nothing of it in the value. */
  readonly isPadding?: boolean;
  /**
   * Reads what begins at `at`; nothing at or after `end` belongs to it, and everything is copied.
   * `strict`: as a controller asks, held to every rule; what a switch reports is taken as it is.
   */
  read(dv: DataView, at: number, end: number, strict: boolean): At<T> | OfError;
  write(to: Writer, value: T): void;
}

export interface Struct<T, L extends AnyLayout = AnyLayout> extends Part<T> {
  readonly layout: L;
}

export type Parts = Readonly<Record<string, Part<unknown>>>;
export type PartValues<P extends Parts> = {
  -readonly [K in keyof P as P[K] extends Part<undefined> ? never : K]: P[K] extends Part<infer T>
    ? T
    : never;
};
/** What is said on the wire. */
export type Raw<L extends AnyLayout, P extends Parts> = ValuesOf<L> & PartValues<P>;

export interface Rules<L extends AnyLayout, R, T> {
  /** The value's `type`, where values of a kind differ by it. */
  readonly type?: string;
  /** All but the fixed part is a multiple of so many bytes. */
  readonly unit?: number;
  /** The error for a wrong length; badRequest/badLen if not given. */
  readonly badLength?: (why: string) => OfError;
  /** What is wrong with the fixed part, before anything behind it is looked at. */
  readonly refuse?: (fixed: ValuesOf<L>, strict: boolean) => OfError | undefined;
  /** What the wire means, where that is not just what it says. */
  readonly heard?: (raw: R, dv: DataView, at: number) => T | OfError;
  /** How a value is said on the wire. */
  readonly said?: (value: T) => R;
}

/** `name` is for people: it stands in errors. Parts are in the order of the wire. */
export function struct<L extends AnyLayout, const P extends Parts, T = Raw<L, P>>(
  name: string,
  layout: L,
  parts: P,
  rules: Rules<L, Raw<L, P>, T> = {},
): Struct<T, L> {
  const fields = Object.entries(parts).map(([key, part]) => {
    const { isInside = false, isPadding = false } = part;
    return { key, part, isInside, isPadding, offset: layout.offset[key] ?? 0 };
  });
  const behind = fields.filter(({ part }) => part.isInside !== true);
  const made: Struct<T> = new Structure<T>({
    unit: 1,
    badLength,
    fields,
    minimum: behind.reduce((sum, { part }) => sum + part.minimum, layout.size),
    isExact: behind.every(({ part }) => part.isExact),
    lengthAt: layout.offset['length'] ?? NONE,
    ...(rules as unknown as Rules<AnyLayout, Fields, T>),
    name,
    layout,
  });
  return made as Struct<T, L>;
}

/** No length is said. */
const NONE = -1;

export function badLength(why: string): OfError {
  return ofError('badRequest', 'badLen', why);
}

type Fields = Record<string, unknown>;

/** A part, and where it is if that is inside the fixed part. */
interface Field {
  readonly key: string;
  readonly part: Part<unknown>;
  readonly isInside: boolean;
  readonly isPadding: boolean;
  readonly offset: number;
}

interface Declared<T> extends Rules<AnyLayout, Fields, T> {
  readonly name: string;
  readonly layout: AnyLayout;
  readonly unit: number;
  readonly badLength: (why: string) => OfError;
  readonly fields: readonly Field[];
  readonly minimum: number;
  readonly isExact: boolean;
  /** Where its length is said, if it is. */
  readonly lengthAt: number;
}

class Structure<T> implements Struct<T> {
  readonly minimum: number;
  readonly isExact: boolean;
  readonly layout: AnyLayout;
  readonly #is: Declared<T>;

  constructor(is: Declared<T>) {
    this.minimum = is.minimum;
    this.isExact = is.isExact;
    this.layout = is.layout;
    this.#is = is;
  }

  read(dv: DataView, at: number, end: number, strict: boolean): At<T> | OfError {
    const { layout, fields, refuse, heard, type } = this.#is;
    const stop = this.#endOf(dv, at, end);
    if (typeof stop !== 'number') return stop;
    const raw: Fields = type === undefined ? {} : { type };
    layout.readInto(raw, dv, at);
    const wrong = refuse?.(raw as ValuesOf<AnyLayout>, strict);
    if (wrong !== undefined) return wrong;
    let next = at + layout.size;
    for (const { key, part, isInside, isPadding, offset } of fields) {
      const found = part.read(dv, isInside ? at + offset : next, stop, strict);
      if (failed(found)) return found;
      if (!isPadding) raw[key] = found.value;
      if (!isInside) next += found.size;
    }
    if (next !== stop) return this.#is.badLength(`bytes after ${this.#is.name}`);
    if (heard === undefined) return { value: raw as T, size: stop - at };
    const value = heard(raw, dv, at);
    return isError(value) ? value : { value, size: stop - at };
  }

  /** Where it ends; it may be longer than what was asked for, or too short. */
  #endOf(dv: DataView, at: number, end: number): number | OfError {
    const { name, minimum, isExact, lengthAt, unit, layout } = this.#is;
    const readable = lengthAt === NONE ? minimum : layout.size;
    if (at + readable > end) return this.#is.badLength(`cut in ${name}`);
    if (lengthAt === NONE) return isExact ? at + minimum : end;
    const length = dv.getUint16(at + lengthAt);
    const isLong = isExact ? length === minimum : length >= minimum;
    if (isLong && (length - layout.size) % unit === 0 && at + length <= end) return at + length;
    return this.#is.badLength(`${name} of ${length} bytes`);
  }

  write(to: Writer, value: T): void {
    const { layout, fields, lengthAt, said } = this.#is;
    const raw = (said === undefined ? value : said(value)) as Fields;
    const at = to.room(layout.size);
    layout.writeFields(to.dv, at, raw);
    for (const { key, part, isInside, offset } of fields) {
      if (isInside) writeInside(to, at + offset, part, raw[key]);
      else part.write(to, raw[key]);
    }
    if (lengthAt !== NONE) to.putSize(at + lengthAt, at);
  }
}

/** As `isError`, of what parts answer: asked of every one. */
function failed(found: At<unknown> | OfError): found is OfError {
  return 'type' in found;
}

function writeInside(to: Writer, at: number, part: Part<unknown>, value: unknown): void {
  const end = to.at;
  to.at = at;
  part.write(to, value);
  to.at = end;
}

/** All the bytes that are left. */
export const rest: Part<Uint8Array> = {
  minimum: 0,
  isExact: false,
  read: (dv, at, end) => ({ value: bytesOf(dv, at, end - at).slice(), size: end - at }),
  write: (to, data) => to.put(data),
};

/** Zeros, which nobody reads. */
export function padding(size: number): Part<undefined> {
  return {
    minimum: size,
    isExact: true,
    isPadding: true,
    read: (_dv, at, end) =>
      at + size > end ? badLength('cut in padding') : { value: undefined, size },
    write: (to) => {
      to.room(size);
    },
  };
}

/** A part that stands in the fixed part, in the padding that has its name. */
export function inside<T>(part: Part<T>): Part<T> {
  return {
    minimum: part.minimum,
    isExact: part.isExact,
    isInside: true,
    read: (dv, at, end, strict) => part.read(dv, at, end, strict),
    write: (to, value) => part.write(to, value),
  };
}

/**
 * One thing after the other, as long as there is room. `refuse` of what a controller asks: why one
 * may not stand behind the others.
 */
export function list<T>(
  one: Part<T>,
  refuse?: (next: T, earlier: readonly T[]) => OfError | undefined,
): Part<readonly T[]> {
  return {
    minimum: 0,
    isExact: false,
    read: (dv, at, end, strict) => {
      const value: T[] = [];
      for (let next = at; next < end; ) {
        const found = one.read(dv, next, end, strict);
        if (failed(found)) return found;
        const wrong = strict ? refuse?.(found.value, value) : undefined;
        if (wrong !== undefined) return wrong;
        value.push(found.value);
        next += found.size;
      }
      return { value, size: end - at };
    },
    write: (to, values) => {
      for (const value of values) one.write(to, value);
    },
  };
}

/** A part that means something else than what it is on the wire. */
export function meaning<W, T>(
  part: Part<W>,
  heard: (wire: W) => T,
  said: (value: T) => W,
): Part<T> {
  return {
    minimum: part.minimum,
    isExact: part.isExact,
    read: (dv, at, end, strict) => {
      const found = part.read(dv, at, end, strict);
      return failed(found) ? found : { value: heard(found.value), size: found.size };
    },
    write: (to, value) => part.write(to, said(value)),
  };
}

/** A part whose size the fixed part right before it says, in `actionsLen`. */
export function sized<T>(fixed: Layout<{ readonly actionsLen: Size }>, part: Part<T>): Part<T> {
  return {
    minimum: 0,
    isExact: false,
    read: (dv, at, end, strict) => {
      const size = fixed.get.actionsLen(dv, at - fixed.size);
      if (at + size > end || size % 8 !== 0) return badLength(`actions of ${size} bytes`);
      return part.read(dv, at, at + size, strict);
    },
    write: (to, value) => {
      const { at } = to;
      part.write(to, value);
      to.putSize(at - fixed.size + fixed.offset.actionsLen, at);
    },
  };
}
