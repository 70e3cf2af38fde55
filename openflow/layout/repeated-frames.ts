/**
 * A frame as a pattern for others: the bytes that another frame must share with it, and the bytes
 * of the other that are patched into what was made of the first. Hot.
 */

/** A run of bytes: where it begins, and its size. */
export type Run = readonly [at: number, size: number];

export class FramePattern {
  readonly length: number;
  readonly #dv: DataView;
  /** Where bytes must be the same, by fours and one by one. */
  readonly #fours: Uint16Array;
  readonly #ones: Uint16Array;

  /** The frame at `at`; those that are like it may have other bytes in the `free` runs. */
  constructor(dv: DataView, at: number, length: number, free: readonly Run[]) {
    const from = dv.byteOffset + at;
    this.#dv = new DataView(dv.buffer.slice(from, from + length));
    this.length = length;
    const isFree = new Uint8Array(length);
    for (const [begin, size] of free) isFree.fill(1, begin, begin + size);
    const fours: number[] = [];
    const ones: number[] = [];
    for (let i = 0; i < length; ) {
      if (i + 4 <= length && isFree.subarray(i, i + 4).every((one) => one === 0)) {
        fours.push(i);
        i += 4;
      } else {
        if (isFree[i] === 0) ones.push(i);
        i += 1;
      }
    }
    this.#fours = Uint16Array.from(fours);
    this.#ones = Uint16Array.from(ones);
  }

  /** Whether a frame of the same length is like it. */
  fits(dv: DataView, at: number): boolean {
    const own = this.#dv;
    const fours = this.#fours;
    for (let i = 0; i < fours.length; i++) {
      const o = fours[i] as number;
      if (own.getInt32(o) !== dv.getInt32(at + o)) return false;
    }
    const ones = this.#ones;
    for (let i = 0; i < ones.length; i++) {
      const o = ones[i] as number;
      if (own.getUint8(o) !== dv.getUint8(at + o)) return false;
    }
    return true;
  }
}

/** Bytes that are copied from a frame into what is like what was made of another one. */
export class Patches {
  /** Of each two bytes: from where, and where to. */
  readonly #from: Uint16Array;
  readonly #to: Uint16Array;

  /** Sizes are even. */
  constructor(
    all: readonly { readonly from: number; readonly to: number; readonly size: number }[],
  ) {
    const pairs = all.flatMap(({ from, to, size }) =>
      Array.from({ length: size / 2 }, (_, i) => [from + 2 * i, to + 2 * i] as const),
    );
    this.#from = Uint16Array.from(pairs, ([from]) => from);
    this.#to = Uint16Array.from(pairs, ([, to]) => to);
  }

  apply(from: DataView, fromAt: number, to: DataView, toAt: number): void {
    for (let i = 0; i < this.#from.length; i++) {
      to.setUint16(
        toAt + (this.#to[i] as number),
        from.getUint16(fromAt + (this.#from[i] as number)),
      );
    }
  }
}

/** What was made for one pattern, by a number that those which are alike share. */
export class PatternMemory<T extends { readonly pattern: FramePattern }> {
  readonly #countMax: number;
  readonly #made = new Map<number, T>();
  /** Those that were asked for once: a pattern is made of what comes again. */
  readonly #seen = new Set<number>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  find(key: number, dv: DataView, at: number, length: number): T | undefined {
    const made = this.#made.get(key);
    if (made === undefined || made.pattern.length !== length) return undefined;
    return made.pattern.fits(dv, at) ? made : undefined;
  }

  /** Whether it was asked for before: then it is worth being made. */
  isAgain(key: number): boolean {
    if (this.#seen.has(key)) return true;
    if (this.#seen.size >= this.#countMax) this.#seen.clear();
    this.#seen.add(key);
    return false;
  }

  put(key: number, made: T): T {
    if (this.#made.size >= this.#countMax) this.#made.clear();
    this.#made.set(key, made);
    return made;
  }

  clear(): void {
    this.#made.clear();
  }
}

/** A number of 32 bits of some words of a frame. */
export function mixed(hash: number, word: number): number {
  const mix = Math.imul(hash ^ word, 0x9e3779b1);
  return mix ^ (mix >>> 15);
}
