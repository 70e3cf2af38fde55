/**
 * Structures of several kinds that begin with a type of 16 bits and a length of 16 (TLV).
 *
 * Actions, instructions, bands of meters and properties of queues are lists of such.
 */

import type { OfError } from '../values/structure-values.ts';
import { layout, size16, tag16 } from './layout.ts';
import type { Part } from './struct.ts';

/** How each of them begins. */
export const variantHead = { type: tag16, length: size16 };
const head = layout('VariantHead', variantHead);

/** What a kind is on the wire. */
export interface Variant<T> {
  readonly number: number;
  readonly part: Part<T>;
}

interface Variants<T> {
  /** For errors. */
  readonly name: string;
  /** Bytes at least, and of what a length is a multiple. */
  readonly minimum: number;
  readonly unit: number;
  readonly badLength: (why: string) => OfError;
  /** What reads a structure of this type and length, or why there is none. */
  readonly read: (number: number, length: number, strict: boolean) => Part<T> | OfError;
  /** What writes a value. A kind that is not there is our mistake, and throws. */
  readonly write: (value: T) => Variant<T>;
}

/** A part that is one of several kinds. */
export function variants<T>({ name, minimum, unit, ...is }: Variants<T>): Part<T> {
  return {
    minimum,
    isExact: false,
    read: (dv, at, end, strict) => {
      if (at + minimum > end) return is.badLength(`cut in ${name}`);
      const number = head.get.type(dv, at);
      const length = head.get.length(dv, at);
      if (length < minimum || length % unit !== 0 || at + length > end) {
        return is.badLength(`${name} of type ${number} and ${length} bytes`);
      }
      const part = is.read(number, length, strict);
      return 'type' in part ? part : part.read(dv, at, at + length, strict);
    },
    write: (to, value) => {
      const at = to.at;
      const { number, part } = is.write(value);
      part.write(to, value);
      if (unit > 1) to.align(at);
      head.set.type(to.dv, at, number);
      to.end(head, at);
    },
  };
}
