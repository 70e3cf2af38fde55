/**
 * Where encoders put bytes: one growing buffer with a cursor.
 *
 * `room` is zeros, so padding need not be written; `claim` is whatever was there, for the hot path,
 * which writes every byte. A writer may be used again when nobody holds its bytes any more.
 */

/** Longer copies are cheaper by making a view of the source than by words. */
const BY_WORDS_BYTES_MAX = 104;

export class Writer {
  bytes: Uint8Array<ArrayBuffer>;
  dv: DataView;
  /** Bytes written so far; also where the next ones go. */
  at = 0;
  /** Bytes at and beyond this were never written. */
  #written = 0;

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

  finish(): Uint8Array {
    return this.bytes.slice(0, this.at);
  }

  /** Starts again in the same memory. */
  reset(): void {
    this.#written = Math.max(this.#written, this.at);
    this.at = 0;
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
