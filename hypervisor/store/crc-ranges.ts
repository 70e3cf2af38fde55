/**
 * CRC-32 of any part of some bytes, each in about the same time, however long the part is.
 *
 * A CRC is a remainder of polynomials over two elements: that of A then B follows from those of A
 * and of B and from the length of B (as in zlib's crc32_combine), so it follows for a part from
 * those of the beginnings before it and with it.
 */
import { crc32 } from 'node:zlib';

const POLYNOMIAL = 0xedb8_8320;
/** Beginnings whose CRC is kept end at multiples of this. */
const BLOCK_BYTES = 256;

export class CrcRanges {
  readonly #bytes: Uint8Array;
  readonly #beginnings: Uint32Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#beginnings = new Uint32Array(Math.floor(bytes.length / BLOCK_BYTES) + 1);
    for (let i = 1; i < this.#beginnings.length; i++) {
      const block = bytes.subarray((i - 1) * BLOCK_BYTES, i * BLOCK_BYTES);
      this.#beginnings[i] = crc32(block, this.#beginnings[i - 1] as number);
    }
  }

  /** As zlib's `crc32(bytes.subarray(from, to), seed)`. */
  crc(from: number, to: number, seed: number): number {
    const before = (this.#beginning(from) ^ seed) >>> 0;
    return (product(powerOfX(to - from), before) ^ this.#beginning(to)) >>> 0;
  }

  #beginning(end: number): number {
    const i = Math.floor(end / BLOCK_BYTES);
    const known = this.#beginnings[i] as number;
    const rest = this.#bytes.subarray(i * BLOCK_BYTES, end);
    return rest.length === 0 ? known : crc32(rest, known);
  }
}

/** Of two polynomials, modulo the CRC's; the highest bit is the coefficient of 1. */
function product(a: number, b: number): number {
  let sum = 0;
  let shifted = b;
  for (let bit = 31; bit >= 0; bit--) {
    if (((a >>> bit) & 1) !== 0) sum ^= shifted;
    shifted = (shifted & 1) !== 0 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return sum >>> 0;
}

/** x to the power of 2, 4, 8, 16, and so on. */
const squares: number[] = [0x4000_0000];
for (let i = 0; i < 40; i++) {
  const last = squares[i] as number;
  squares.push(product(last, last));
}

/** x to the power of the bits in so many bytes. */
function powerOfX(byteCount: number): number {
  let power = 0x8000_0000;
  let i = 3;
  for (let left = byteCount; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = product(squares[i] as number, power);
    i += 1;
  }
  return power;
}
