/**
 * Where encoders put bytes: one growing buffer with a cursor.
 *
 * Cold path only; the hot path patches frames in an outbox. Padding is zero because room is.
 */

export class Writer {
  bytes: Uint8Array<ArrayBuffer>;
  dv: DataView;
  /** Bytes written so far; also where the next ones go. */
  at = 0;

  constructor(size = 256) {
    this.bytes = new Uint8Array(size);
    this.dv = new DataView(this.bytes.buffer);
  }

  /** Reserves `size` zero bytes and returns where they start. */
  room(size: number): number {
    const start = this.at;
    this.at += size;
    if (this.at > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.at, this.bytes.length * 2));
      larger.set(this.bytes.subarray(0, start));
      this.bytes = larger;
      this.dv = new DataView(larger.buffer);
    }
    return start;
  }

  put(data: Uint8Array): void {
    const at = this.room(data.length);
    this.bytes.set(data, at);
  }

  /** Zeros until the bytes since `start` are a multiple of eight. */
  align(start: number): void {
    this.room((8 - ((this.at - start) % 8)) % 8);
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.at);
  }
}
