/**
 * A rule's counters over every datapath that it has lived on (LIME 4.2: "after migration
 * completes, LIME must maintain traffic statistics from the old switch").
 *
 * What is shown is base + what each body counts now. It never goes back: when a body's counter
 * does (the switch lost its table, the body was retired), what it had shown joins the base.
 */
import type { DatapathName } from '../ids.ts';

export interface Count {
  readonly packets: bigint;
  readonly bytes: bigint;
}

export const zero: Count = { packets: 0n, bytes: 0n };

/** What there is to do with counters, wherever they are kept. */
export interface Counting {
  total(): Count;
  /** The total without what the bodies count now: what a restart must remember. */
  base(): Count;
  /** What `body` says it counted since the rule was installed there. True if that is news. */
  saw(body: DatapathName, count: Count): boolean;
  /** Counted, and by no body. */
  count(more: Count): void;
  /** The rule no longer lives on `body`: its count stays. */
  leave(body: DatapathName): void;
  /** It is installed on `body` anew: what that counted before stays, and no more comes of it. */
  begin(body: DatapathName): void;
  /** What a body counted in all, said after it was left: what was not seen before joins. */
  lastWord(body: DatapathName, count: Count): void;
  /** The same where more words may come; false where the body was not left. */
  lateWord(body: DatapathName, count: Count): boolean;
}

export class RuleCounter implements Counting {
  #base: Count;
  readonly #seen: Map<DatapathName, Count>;
  /** Made when there is one: every bucket of every group has a tally. */
  #left: Map<DatapathName, Count> | undefined;

  constructor(base: Count = zero, seen: readonly (readonly [DatapathName, Count])[] = []) {
    this.#base = base;
    this.#seen = new Map(seen);
  }

  total(): Count {
    let sum = this.#base;
    for (const count of this.#seen.values()) sum = add(sum, count);
    return sum;
  }

  base(): Count {
    return this.#base;
  }

  /** What the only body says, if one at most does and none was left: all that there is to know. */
  simple(): readonly [body: DatapathName | undefined, seen: Count] | undefined {
    if ((this.#left?.size ?? 0) > 0 || this.#seen.size > 1) return undefined;
    for (const one of this.#seen) return one;
    return [undefined, zero];
  }

  count(more: Count): void {
    this.#base = add(this.#base, more);
  }

  saw(body: DatapathName, count: Count): boolean {
    const before = this.#seen.get(body) ?? zero;
    if (count.packets < before.packets || count.bytes < before.bytes) {
      this.#base = add(this.#base, before);
    }
    this.#seen.set(body, count);
    return count.packets !== before.packets;
  }

  leave(body: DatapathName): void {
    const last = this.#seen.get(body) ?? zero;
    this.#base = add(this.#base, last);
    this.#seen.delete(body);
    this.#left ??= new Map();
    this.#left.set(body, last);
  }

  begin(body: DatapathName): void {
    this.#base = add(this.#base, this.#seen.get(body) ?? zero);
    this.#seen.delete(body);
    this.#left?.delete(body);
  }

  lastWord(body: DatapathName, count: Count): void {
    if (this.lateWord(body, count)) this.#left?.delete(body);
  }

  lateWord(body: DatapathName, count: Count): boolean {
    const left = this.#left?.get(body);
    if (left === undefined) return false;
    const packets = count.packets > left.packets ? count.packets - left.packets : 0n;
    const bytes = count.bytes > left.bytes ? count.bytes - left.bytes : 0n;
    const more = { packets, bytes };
    this.#base = add(this.#base, more);
    this.#left?.set(body, add(left, more));
    return true;
  }
}

/** A tally's total, as statistics name it. */
export function counted(counter: RuleCounter): {
  readonly packetCount: bigint;
  readonly byteCount: bigint;
} {
  const { packets, bytes } = counter.total();
  return { packetCount: packets, byteCount: bytes };
}

function add(a: Count, b: Count): Count {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
