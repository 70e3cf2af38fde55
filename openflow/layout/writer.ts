/**
 * The target of encoders: one growing buffer with a cursor, and a variant that only counts bytes.
 *
 * A frame begins with `beginFrame` and ends with `endFrame`, which writes its length; what is
 * inside ends with `end`. Nobody else can (layout.ts, `Size`), so no frame says another length than
 * it has. What is longer than 16 bits can say is never there: `endFrame` takes it back.
 *
 * `room` is zeros, so padding need not be written; `claim` is whatever was there, for the hot path,
 * which writes every byte. A writer may be used again when nobody holds its bytes any more.
 */

/** Longer copies are cheaper by making a view of the source than by words. */
const BY_WORDS_BYTES_MAX = 104;

/** What a size of 16 bits can say: the longest frame, and the longest part of one. */
export const frameBytesMax = 0xffff;
/** Where a frame says its length (OF1.3.5 section 7.1). */
const LENGTH_AT = 2;
const NONE = -1;

/** A structure that begins with, or has, its size. */
export interface Sized {
  readonly offset: { readonly length: number };
}

export class Writer {
  bytes: Uint8Array<ArrayBuffer>;
  dv: DataView;
  /** Bytes written so far; also where the next ones go. */
  at = 0;
  /** Bytes at and beyond this were never written. */
  #written = 0;
  /** Where the frame that is being written began. */
  #open = NONE;
  /** Whether a part was longer than its size can say: then the whole is, too. */
  #isTooLong = false;

  constructor(size = 256) {
    this.bytes = new Uint8Array(size);
    this.dv = new DataView(this.bytes.buffer);
  }

  /** Reserves `size` zero bytes and returns where they start. */
  room(size: number): number {
    const start = this.claim(size);
    if (start < this.#written) this.bytes.fill(0, start, Math.min(this.#written, this.at));
    return start;
  }

  /** Reserves `size` bytes that the caller writes, every one, and returns where they start. */
  claim(size: number): number {
    const start = this.at;
    this.at += size;
    if (this.at > this.bytes.length) this.#grow(start);
    return start;
  }

  put(data: Uint8Array): void {
    const at = this.claim(data.length);
    this.bytes.set(data, at);
  }

  /** Appends `size` bytes of a frame. */
  putFrom(from: DataView, fromAt: number, size: number): void {
    const at = this.claim(size);
    if (size > BY_WORDS_BYTES_MAX) {
      this.bytes.set(new Uint8Array(from.buffer, from.byteOffset + fromAt, size), at);
      return;
    }
    copyWords(from, fromAt, this.dv, at, size);
  }

  /** Zeros until the bytes since `start` are a multiple of eight. */
  align(start: number): void {
    this.room((8 - ((this.at - start) % 8)) % 8);
  }

  /** Reserves `size` bytes that the caller writes, every one, for how a frame begins. */
  beginFrame(size: number): number {
    const start = this.claim(size);
    this.#open = start;
    return start;
  }

  /**
   * Ends the frame that began at `start` and writes its length; false when it is longer than any
   * frame: then all of it is gone.
   */
  endFrame(start: number): boolean {
    const size = this.at - start;
    this.#open = NONE;
    if (size > frameBytesMax || this.#isTooLong) {
      this.#backTo(start);
      return false;
    }
    this.dv.setUint16(start + LENGTH_AT, size);
    return true;
  }

  /** Ends a structure that began at `at`: writes its size. */
  end({ offset }: Sized, at: number): void {
    this.putSize(at + offset.length, at);
  }

  /** Writes at `sizeAt` how many bytes there are since `from`. */
  putSize(sizeAt: number, from: number): void {
    const size = this.at - from;
    if (size > frameBytesMax) this.#isTooLong = true;
    this.dv.setUint16(sizeAt, size);
  }

  /** The same in 8 bits. */
  putSize8(sizeAt: number, from: number): void {
    const size = this.at - from;
    if (size > 0xff) this.#isTooLong = true;
    this.dv.setUint8(sizeAt, size);
  }

  /** Whether something was written that is longer than its size can say. */
  get isTooLong(): boolean {
    return this.#isTooLong;
  }

  /** After an exception: takes back a frame that was begun and not ended; whether there is one. */
  takeBack(): boolean {
    if (this.#open === NONE) return false;
    this.#backTo(this.#open);
    return true;
  }

  /** What was written, which is whole: that it is too long would be our mistake. */
  finish(): Uint8Array {
    if (this.#isTooLong) throw new Error('a part is longer than its size can say');
    return this.bytes.slice(0, this.at);
  }

  /** Starts again in the same memory. */
  reset(): void {
    this.#backTo(0);
  }

  /** What was written from there on is no zeros (`room`). */
  #backTo(start: number): void {
    this.#written = Math.max(this.#written, this.at);
    this.at = start;
    this.#open = NONE;
    this.#isTooLong = false;
  }

  #grow(used: number): void {
    const larger = new Uint8Array(Math.max(this.at, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, used));
    this.#written = 0;
    this.bytes = larger;
    this.dv = new DataView(larger.buffer);
  }
}

/** Copies a few bytes. The 64 bits of a step never become a bigint (V8 sees where they go). */
export function copyWords(
  from: DataView,
  fromAt: number,
  to: DataView,
  toAt: number,
  size: number,
): void {
  let i = 0;
  for (; i + 8 <= size; i += 8) to.setBigUint64(toAt + i, from.getBigUint64(fromAt + i));
  for (; i < size; i++) to.setUint8(toAt + i, from.getUint8(fromAt + i));
}
