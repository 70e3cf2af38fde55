/**
 * The signatures of a rulebook's rules (openflow/match/match-signature.ts): a modify or a delete
 * that is not strict compares all of them, and then few rules.
 *
 * Of 32 slots each bit is one word, so one step asks 32 rules whether they have it; behind these is
 * a word that says in which slots rules stand.
 */
import { Signature } from '../../openflow/match/match-signature.ts';

const BLOCK_BITS = 5;
const BLOCK_MASK = (1 << BLOCK_BITS) - 1;
const STANDING = 64;
const BLOCK_WORDS = STANDING + 1;
/** A page is of 256 slots, as those of records (record-pages.ts); the first one grows to it. */
const PAGE_BITS = 8 - BLOCK_BITS;
const PAGE_BLOCKS = 1 << PAGE_BITS;
const none = new Uint32Array(0);
const signature = new Signature();

export class RuleSignatures {
  #pages: Uint32Array[] = [];
  /** Where the words are of the bits that are asked for. */
  readonly #bits: number[] = [];

  /** A rule with this match stands in the slot, where none did. Hot. */
  enter(slot: number, dv: DataView, matchAt: number): void {
    const block = slot >>> BLOCK_BITS;
    const number = block >>> PAGE_BITS;
    const at = (block & (PAGE_BLOCKS - 1)) * BLOCK_WORDS;
    let page = this.#pages[number] ?? none;
    if (at >= page.length) page = this.#grown(number, at);
    const own = 1 << (slot & BLOCK_MASK);
    signature.of(dv, matchAt);
    for (let { low } = signature; low !== 0; low &= low - 1) {
      (page[at + 31 - Math.clz32(low & -low)] as number) |= own;
    }
    for (let { high } = signature; high !== 0; high &= high - 1) {
      (page[at + 63 - Math.clz32(high & -high)] as number) |= own;
    }
    (page[at + STANDING] as number) |= own;
  }

  /** The slot's rule stands no more. Hot. */
  leave(slot: number): void {
    const block = slot >>> BLOCK_BITS;
    const page = this.#pages[block >>> PAGE_BITS] ?? none;
    const at = (block & (PAGE_BLOCKS - 1)) * BLOCK_WORDS;
    const others = ~(1 << (slot & BLOCK_MASK));
    for (let i = at; i < at + BLOCK_WORDS; i++) (page[i] as number) &= others;
  }

  /**
   * The slots of rules that may lie within a match of this signature, the lowest first; false when
   * there are more than `most`. Hot.
   */
  find({ low, high }: Signature, to: number[], most: number): boolean {
    to.length = 0;
    const bits = this.#bits;
    bits.length = 0;
    for (let i = 0; i < 32; i++) {
      if (((low >>> i) & 1) === 1) bits.push(i);
      if (((high >>> i) & 1) === 1) bits.push(32 + i);
    }
    const pages = this.#pages;
    for (let number = 0; number < pages.length; number++) {
      const page = pages[number] ?? none;
      for (let at = 0; at < page.length; at += BLOCK_WORDS) {
        let have = page[at + STANDING] as number;
        for (let i = 0; i < bits.length && have !== 0; i++) {
          have &= page[at + (bits[i] as number)] as number;
        }
        const first = ((number << PAGE_BITS) + at / BLOCK_WORDS) << BLOCK_BITS;
        for (; have !== 0; have &= have - 1) to.push(first + 31 - Math.clz32(have & -have));
        if (to.length > most) return false;
      }
    }
    return true;
  }

  clear(): void {
    this.#pages = [];
  }

  #grown(number: number, at: number): Uint32Array {
    const before = this.#pages[number];
    const blocks =
      number === 0
        ? Math.min(PAGE_BLOCKS, 2 ** Math.ceil(Math.log2(at / BLOCK_WORDS + 1)))
        : PAGE_BLOCKS;
    const page = new Uint32Array(blocks * BLOCK_WORDS);
    if (before !== undefined) page.set(before);
    this.#pages[number] = page;
    return page;
  }
}
