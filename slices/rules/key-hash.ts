/**
 * HalfSipHash-1-3 (Aumasson and Bernstein): hashes that a tenant who chooses the bytes, but does
 * not know the key, cannot make collide. Otherwise a few rules could slow everybody down.
 */

export interface HashKey {
  readonly low: number;
  readonly high: number;
}

/** Of a number and `size` bytes, a multiple of four, without a sign. */
export function hashOf(key: HashKey, head: number, dv: DataView, at: number, size: number): number {
  let v0 = key.low;
  let v1 = key.high;
  let v2 = 0x6c796765 ^ key.low;
  let v3 = 0x74656462 ^ key.high;
  // The words, the head before them, then three rounds to finish.
  for (let i = -4; i < size + 12; i += 4) {
    const word = i < 0 ? head : i < size ? dv.getUint32(at + i) : 0;
    if (i === size) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}
