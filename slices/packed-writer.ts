/** Packs values (packed-format.ts). */
import {
  BIG,
  CONSTANT,
  type Constants,
  FALSE,
  FIXED_MAX,
  KNOWN_TEXT,
  LARGE,
  LONG_BIG,
  LONG_BYTES,
  LONG_LIST,
  LONG_TEXT,
  NULL,
  noFields,
  numberOfText,
  OTHER,
  OTHER_RECORD,
  ROOM,
  shapeWith,
  TRUE,
  tags,
  texts,
  UNDEFINED,
} from './packed-format.ts';

/** Texts beyond these are written out. */
const [KNOWN_TEXTS_MAX, KNOWN_CHARS_MAX] = [1_024, 24];
const CHARS_AT_ONCE = 4_096;

export class Packer {
  readonly #constants: Constants;
  #bytes = new Uint8Array(1_024);
  #at = 0;

  constructor(constants: Constants = []) {
    this.#constants = constants;
  }

  get at(): number {
    return this.#at;
  }

  byte(value: number): void {
    if (this.#at === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  /** Three bytes, which may be written over later. */
  size(value: number, at = this.#at): void {
    if (value > 0xff_ffff) throw new Error(`${value} bytes are too long to be packed`);
    if (at + 3 > this.#bytes.length) this.#grow(3);
    this.#bytes[at] = value >>> 16;
    this.#bytes[at + 1] = value >>> 8;
    this.#bytes[at + 2] = value;
    this.#at = Math.max(this.#at, at + 3);
  }

  /** What was put since the last time. */
  finish(): string {
    let text = '';
    for (let at = 0; at < this.#at; at += CHARS_AT_ONCE) {
      const some = this.#bytes.subarray(at, Math.min(at + CHARS_AT_ONCE, this.#at));
      text += String.fromCharCode.apply(null, some as unknown as number[]);
    }
    this.#at = 0;
    return text;
  }

  put(value: unknown): void {
    // Whatever has a fixed size fits then.
    if (this.#at + FIXED_MAX > this.#bytes.length) this.#grow(FIXED_MAX);
    const constant = typeof value === 'object' ? this.#constants.indexOf(value as object) : -1;
    if (constant >= 0) {
      this.#bytes[this.#at++] = CONSTANT;
      this.#bytes[this.#at++] = constant;
    } else if (typeof value === 'number') this.#putNumber(value);
    else if (typeof value === 'bigint') this.#putBig(value);
    else if (typeof value === 'string') this.#putText(value);
    else if (value instanceof Uint8Array) this.#putBytes(value);
    else if (Array.isArray(value)) {
      const { length } = value;
      if (length < ROOM.list) this.#bytes[this.#at++] = tags.list + length;
      else this.#numbered(LONG_LIST, length);
      for (const one of value) this.put(one);
    } else if (typeof value === 'object' && value !== null) this.#putRecord(value);
    else this.#bytes[this.#at++] = tagOf(value);
  }

  #putNumber(value: number): void {
    const isWord = value >>> 0 === value && !Object.is(value, -0);
    const bytes = this.#bytes;
    if (!isWord) {
      bytes[this.#at++] = OTHER;
      this.#chars(Object.is(value, -0) ? '-0' : String(value));
    } else if (value < ROOM.small) bytes[this.#at++] = value;
    else if (value < ROOM.medium) {
      bytes[this.#at++] = tags.medium + (value >>> 8);
      bytes[this.#at++] = value;
    } else {
      bytes[this.#at++] = LARGE;
      this.#word(value);
    }
  }

  #putBig(value: bigint): void {
    const isWord = BigInt.asUintN(64, value) === value;
    this.#bytes[this.#at++] = isWord ? BIG : LONG_BIG;
    if (!isWord) this.#chars(String(value));
    else {
      this.#word(Number(value >> 32n));
      this.#word(Number(value & 0xffff_ffffn));
    }
  }

  #putText(value: string): void {
    let number = numberOfText.get(value);
    if (number === undefined) {
      if (value.length > KNOWN_CHARS_MAX || texts.length >= KNOWN_TEXTS_MAX) {
        this.#bytes[this.#at++] = LONG_TEXT;
        this.#chars(value);
        return;
      }
      number = texts.length;
      texts.push(value);
      numberOfText.set(value, number);
    }
    if (number < ROOM.text) this.#bytes[this.#at++] = tags.text + number;
    else this.#numbered(KNOWN_TEXT, number);
  }

  #putBytes(value: Uint8Array): void {
    const { length } = value;
    if (length < ROOM.bytes) this.#bytes[this.#at++] = tags.bytes + length;
    else this.#numbered(LONG_BYTES, length);
    if (this.#at + length > this.#bytes.length) this.#grow(length);
    for (let i = 0; i < length; i++) this.#bytes[this.#at + i] = value[i] as number;
    this.#at += length;
  }

  #putRecord(value: object): void {
    if (Object.getPrototypeOf(value) !== Object.prototype) {
      throw new Error(`a ${value.constructor.name} cannot be packed`);
    }
    const record = value as Readonly<Record<string, unknown>>;
    let shape = noFields;
    for (const name in record) shape = shape.next.get(name) ?? shapeWith(shape, name);
    if (shape.number < ROOM.record) this.#bytes[this.#at++] = tags.record + shape.number;
    else this.#numbered(OTHER_RECORD, shape.number);
    for (const name of shape.names) {
      const one = record[name];
      // Most of what there is.
      const isSmall = typeof one === 'number' && one > 0 && one < ROOM.small && one >>> 0 === one;
      if (isSmall && this.#at < this.#bytes.length) this.#bytes[this.#at++] = one;
      else this.put(one);
    }
  }

  #numbered(tag: number, number: number): void {
    this.#bytes[this.#at++] = tag;
    this.#word(number);
  }

  #word(value: number): void {
    const bytes = this.#bytes;
    bytes[this.#at++] = value >>> 24;
    bytes[this.#at++] = value >>> 16;
    bytes[this.#at++] = value >>> 8;
    bytes[this.#at++] = value;
  }

  #chars(text: string): void {
    this.#word(text.length);
    if (this.#at + 2 * text.length > this.#bytes.length) this.#grow(2 * text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      this.#bytes[this.#at++] = code >>> 8;
      this.#bytes[this.#at++] = code;
    }
  }

  #grow(more: number): void {
    const bytes = new Uint8Array(2 * (this.#bytes.length + more));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

function tagOf(value: unknown): number {
  if (value === undefined) return UNDEFINED;
  if (value === null) return NULL;
  if (typeof value === 'boolean') return value ? TRUE : FALSE;
  throw new Error(`a ${typeof value} cannot be packed`);
}
