/**
 * Values as text of one byte a character: lists, records, numbers, texts and bytes, in a tenth of
 * the memory that they take as objects. They are kept for thousands of idle vswitches, and read
 * when one becomes active. The form is a text because V8 keeps small ones in its heap unchanged,
 * and compares them at once: equal texts are of equal values, in which records have their fields in
 * the same order.
 *
 * What fields records have, and short texts, are numbered when they are first met, for the life of
 * the process; so a packed value is never written anywhere.
 */

/** First bytes; up to each limit, what follows is in the byte itself. */
export const tags = {
  small: 0x00,
  bytes: 0x40,
  text: 0x60,
  record: 0x80,
  list: 0xc0,
  medium: 0xe0,
};
/** How many of each are in the byte itself. */
export const ROOM = {
  small: 0x40,
  bytes: 0x10,
  text: 0x20,
  record: 0x40,
  list: 0x20,
  medium: 0x1f00,
};
export const [UNDEFINED, NULL, TRUE, FALSE] = [0x50, 0x51, 0x52, 0x53];
export const [LARGE, OTHER, BIG, LONG_BIG, CONSTANT] = [0x54, 0x55, 0x56, 0x57, 0x58];
export const [LONG_BYTES, LONG_TEXT, KNOWN_TEXT, OTHER_RECORD, LONG_LIST] = [
  0x59, 0x5a, 0x5b, 0x5c, 0x5d,
];
/** Bytes of the longest that has a fixed size. */
export const FIXED_MAX = 16;

/** What fields a record has, in their order. */
interface Shape {
  readonly number: number;
  readonly names: readonly string[];
  readonly next: Map<string, Shape>;
}

export const shapes: Shape[] = [];
export const texts: string[] = [];
export const numberOfText = new Map<string, number>();
export const noFields = shapeOf([]);

export function shapeWith(before: Shape, name: string): Shape {
  const shape = shapeOf([...before.names, name]);
  before.next.set(name, shape);
  return shape;
}

function shapeOf(names: readonly string[]): Shape {
  const shape = { number: shapes.length, names, next: new Map() };
  shapes.push(shape);
  return shape;
}

/** Values that are these very ones again when they are unpacked; what is equal is not taken so. */
export type Constants = readonly object[];
