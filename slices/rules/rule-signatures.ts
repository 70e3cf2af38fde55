/**
 * The signatures of a rulebook's rules (openflow/match/match-signature.ts) by slot, close together:
 * a modify or a delete that is not strict looks at all of them, and at few rules.
 */
import { signatureOf } from '../../openflow/match/match-signature.ts';

const PAGE_BITS = 8;
const PAGE_SLOTS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SLOTS - 1;
/** The first page grows to its size: most books are small (record-pages.ts). */
const SLOTS_AT_FIRST = 16;

const none = new Uint32Array(0);

export class RuleSignatures {
  #pages: Uint32Array[] = [];

  /** The rule of a slot has this match. Hot. */
  set(slot: number, dv: DataView, matchAt: number): void {
    const number = slot >>> PAGE_BITS;
    let page = this.#pages[number];
    const at = slot & PAGE_MASK;
    if (page === undefined || at >= page.length) page = this.#grown(number, at);
    page[at] = signatureOf(dv, matchAt);
  }

  /**
   * The first slot from `slot` on, and before `end`, whose rule may lie within a match of this
   * signature; `end` when there is none. Slots that rules have left may be among them. Hot.
   */
  next(slot: number, end: number, wide: number): number {
    for (let at = slot; at < end; ) {
      const page = this.#pages[at >>> PAGE_BITS] ?? none;
      const first = at & ~PAGE_MASK;
      // Of slots beyond its end no rule stands (rule-arena.ts, when its last one has gone).
      const stop = Math.min(page.length, end - first);
      for (let i = at - first; i < stop; i++) {
        if ((wide & ~(page[i] as number)) === 0) return first + i;
      }
      at = first + PAGE_SLOTS;
    }
    return end;
  }

  clear(): void {
    this.#pages = [];
  }

  #grown(number: number, at: number): Uint32Array {
    const before = this.#pages[number];
    const isFirst = number === 0 && at < PAGE_SLOTS / 2;
    const page = new Uint32Array(isFirst ? Math.max(SLOTS_AT_FIRST, 2 * at) : PAGE_SLOTS);
    if (before !== undefined) page.set(before);
    this.#pages[number] = page;
    return page;
  }
}
