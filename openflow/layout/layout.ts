/**
 * A wire layout, declared once: offsets, accessors, encode, decode and type from one table.
 *
 * Every fixed-size structure of OpenFlow is one `layout(...)` (message-layouts.ts, structs.ts, and
 * others). The hot path reads single fields in place (`flowMod.get.cookie(dv, at)`); the cold path
 * reads or writes the whole structure; the fuzzer and the tests walk `fields`. Everything is
 * big-endian.
 *
 * A kind may say what a field means, too (`as`, `text`, `unsaid`): so a table of layouts with a
 * column for the version gives the same value from the bytes of each.
 */
import { cBytes, cString } from './text.ts';

type Wire = 'u8' | 'u16' | 'u32' | 'u64' | 'f64' | 'bytes' | 'unsaid';

/** How one kind of field is laid out. `get(offset)` makes the accessor for a field at `offset`. */
export interface Kind<T> {
  readonly kind: Wire | 'pad' | 'size' | 'tag';
  readonly size: number;
  getter(offset: number): (dv: DataView, at: number) => T;
  setter(offset: number): Setter<T>;
}

/** As a method's type, so that a kind of numbers is a kind of something. */
type Setter<T> = { set(dv: DataView, at: number, value: T): void }['set'];

/** Padding: takes room, is written as zeros, is never read. */
export interface Pad extends Kind<undefined> {
  readonly kind: 'pad';
}

/**
 * How many bytes a frame, or a structure in it, has. Read as any number; written only by a Writer
 * that counts them (writer.ts), so what it says cannot be another number than what there is.
 */
export interface Size extends Kind<number> {
  readonly kind: 'size';
}

/**
 * Which structure it is: a type, a version. Whoever reads the structure has looked at it before,
 * and it is no part of the value.
 */
export interface Tag extends Kind<number> {
  readonly kind: 'tag';
}

export const u8: Kind<number> = {
  kind: 'u8',
  size: 1,
  getter: (offset) => (dv, at) => dv.getUint8(at + offset),
  setter: (offset) => (dv, at, value) => dv.setUint8(at + offset, value),
};

export const u16: Kind<number> = {
  kind: 'u16',
  size: 2,
  getter: (offset) => (dv, at) => dv.getUint16(at + offset),
  setter: (offset) => (dv, at, value) => dv.setUint16(at + offset, value),
};

export const u32: Kind<number> = {
  kind: 'u32',
  size: 4,
  getter: (offset) => (dv, at) => dv.getUint32(at + offset),
  setter: (offset) => (dv, at, value) => dv.setUint32(at + offset, value),
};

export const u64: Kind<bigint> = {
  kind: 'u64',
  size: 8,
  getter: (offset) => (dv, at) => dv.getBigUint64(at + offset),
  setter: (offset) => (dv, at, value) => dv.setBigUint64(at + offset, value),
};

export const size8: Size = { ...u8, kind: 'size' };
export const size16: Size = { ...u16, kind: 'size' };
export const tag8: Tag = { ...u8, kind: 'tag' };
export const tag16: Tag = { ...u16, kind: 'tag' };
export const tag32: Tag = { ...u32, kind: 'tag' };

/** A number of JavaScript: in our own records, never on the wire. */
export const f64: Kind<number> = {
  kind: 'f64',
  size: 8,
  getter: (offset) => (dv, at) => dv.getFloat64(at + offset),
  setter: (offset) => (dv, at, value) => dv.setFloat64(at + offset, value),
};

/** `size` opaque bytes; reading copies them, writing cuts or pads with zeros to `size`. */
export function bytes(size: number): Kind<Uint8Array> {
  return {
    kind: 'bytes',
    size,
    getter: (offset) => (dv, at) => bytesOf(dv, at + offset, size).slice(),
    setter: (offset) => (dv, at, value) => {
      const room = bytesOf(dv, at + offset, size);
      room.fill(0);
      room.set(value.subarray(0, size));
    },
  };
}

/** Text of UTF-8 in `size` bytes, of which one NUL at least ends it (text.ts). */
export function text(size: number): Kind<string> {
  const { getter, setter } = bytes(size);
  return as({ kind: 'bytes', size, getter, setter }, cString, (value) => cBytes(value, size));
}

/** A field of another version's: nothing on the wire, and always this value. */
export function unsaid<T extends number | bigint>(
  value: T,
): Kind<T extends number ? number : bigint> {
  const kind = {
    kind: 'unsaid',
    size: 0,
    getter: () => () => value,
    setter: () => () => undefined,
  };
  return kind as unknown as Kind<T extends number ? number : bigint>;
}

/** A field that means something else than what it is on the wire, and how that is said. */
export function as<W, T>(of: Kind<W>, from: (wire: W) => T, to: (value: T) => W): Kind<T> {
  return {
    kind: of.kind,
    size: of.size,
    getter: (offset) => {
      const get = of.getter(offset);
      return (dv, at) => from(get(dv, at));
    },
    setter: (offset) => {
      const set = of.setter(offset);
      return (dv, at, value) => set(dv, at, to(value));
    },
  };
}

/** Some fields that are a value of their own in the value. */
export function nested<F extends Kinds>(of: Layout<F>, absent: Values<F>): Kind<Values<F>> {
  return {
    kind: 'bytes',
    size: of.size,
    getter: (offset) => (dv, at) => of.read(dv, at + offset),
    setter: (offset) => (dv, at, value) => of.write(dv, at + offset, value ?? absent),
  };
}

export function pad(size: number): Pad {
  return {
    kind: 'pad',
    size,
    getter: () => () => undefined,
    setter: (offset) => (dv, at) => {
      bytesOf(dv, at + offset, size).fill(0);
    },
  };
}

/** The bytes [at, at + size) of `dv`, not copied. */
export function bytesOf(dv: DataView, at: number, size: number): Uint8Array {
  return new Uint8Array(dv.buffer, dv.byteOffset + at, size);
}

/** The fields of a layout, in the order of the wire. */
export type Kinds = Readonly<Record<string, Kind<unknown>>>;
type ValueOf<K> = K extends Kind<infer T> ? T : never;
/** The names of the fields that have something to read. */
export type ReadName<F extends Kinds> = {
  [N in keyof F]: F[N] extends Pad ? never : N;
}[keyof F] &
  string;
/** Those that may be written: all but the sizes, which are counted. */
export type WrittenName<F extends Kinds> = {
  [N in keyof F]: F[N] extends Pad | Size ? never : N;
}[keyof F] &
  string;
/** Those that are in the value. */
export type ValueName<F extends Kinds> = {
  [N in keyof F]: F[N] extends Pad | Size | Tag ? never : N;
}[keyof F] &
  string;
/** A structure as an object, without its padding, sizes and tags. */
export type Values<F extends Kinds> = { -readonly [N in ValueName<F>]: ValueOf<F[N]> };

export interface Layout<F extends Kinds> {
  readonly name: string;
  readonly size: number;
  /** In wire order, padding included: for whoever walks layouts (fuzzers, documentation). */
  readonly fields: readonly {
    name: string;
    kind: Kind<unknown>['kind'];
    at: number;
    size: number;
  }[];
  readonly offset: { readonly [N in keyof F]: number };
  readonly get: { readonly [N in ReadName<F>]: (dv: DataView, at: number) => ValueOf<F[N]> };
  readonly set: {
    readonly [N in WrittenName<F>]: (dv: DataView, at: number, value: ValueOf<F[N]>) => void;
  };
  read(dv: DataView, at: number): Values<F>;
  /** The same into an object that has others already (struct.ts). */
  readInto(values: object, dv: DataView, at: number): void;
  /** All but the sizes, which `Writer.end` writes, and the tags. */
  write(dv: DataView, at: number, values: Readonly<Values<F>>): void;
  /** The same where there are zeros already, as in a Writer's room. */
  writeFields(dv: DataView, at: number, values: object): void;
}

/** What `Layout` is, where it does not matter which fields it has. */
export type AnyLayout = Pick<
  Layout<Kinds>,
  'name' | 'size' | 'fields' | 'offset' | 'readInto' | 'writeFields'
>;

/** The object that `read` of this layout makes: `ValuesOf<typeof flowMod>`. */
export type ValuesOf<L> = L extends Layout<infer F> ? Values<F> : never;

export function layout<const F extends Kinds>(name: string, kinds: F): Layout<F> {
  const fields: { name: string; kind: Kind<unknown>['kind']; at: number; size: number }[] = [];
  const offset: Record<string, number> = {};
  const get: Record<string, (dv: DataView, at: number) => unknown> = {};
  const set: Record<string, (dv: DataView, at: number, value: unknown) => void> = {};
  const pads: ((dv: DataView, at: number, value: undefined) => void)[] = [];
  let size = 0;
  for (const [field, kind] of Object.entries(kinds) as [string, Kind<unknown>][]) {
    fields.push({ name: field, kind: kind.kind, at: size, size: kind.size });
    offset[field] = size;
    if (kind.kind === 'pad') {
      pads.push(kind.setter(size));
    } else {
      get[field] = kind.getter(size);
      if (kind.kind !== 'size') set[field] = kind.setter(size);
    }
    size += kind.size;
  }
  const valued = fields.filter(({ kind }) => kind !== 'pad' && kind !== 'size' && kind !== 'tag');
  const parts = valued.map((one) => ({
    field: one.name,
    get: get[one.name] as (dv: DataView, at: number) => unknown,
    set: set[one.name] as (dv: DataView, at: number, value: unknown) => void,
  }));
  const made = {
    name,
    size,
    fields,
    offset: fast(offset),
    get: fast(get),
    set: fast(set),
    read(dv: DataView, at: number): Record<string, unknown> {
      const values: Record<string, unknown> = {};
      for (const one of parts) values[one.field] = one.get(dv, at);
      return values;
    },
    writeFields(dv: DataView, at: number, values: Record<string, unknown>): void {
      for (const one of parts) one.set(dv, at, values[one.field]);
    },
    readInto(values: Record<string, unknown>, dv: DataView, at: number): void {
      for (const one of parts) values[one.field] = one.get(dv, at);
    },
    write(dv: DataView, at: number, values: Record<string, unknown>): void {
      made.writeFields(dv, at, values);
      for (const clear of pads) clear(dv, at, undefined);
    },
  };
  // The loop above built exactly the fields of F; the compiler cannot follow it there.
  return made as unknown as Layout<F>;
}

/**
 * The same in an object whose properties V8 finds at once. One that was filled by name becomes a
 * hash table at its thirteenth, and then no accessor is inlined: 18 ns a field instead of 2.
 */
function fast<T>(filled: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(filled));
}
