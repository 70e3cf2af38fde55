/**
 * A rule's counters over every datapath that it has lived on (LIME 4.2: "after migration
 * completes, LIME must maintain traffic statistics from the old switch").
 *
 * What is shown is base + what each body counts now. It never goes back: when a body's counter
 * does (the switch lost its table, the body was retired), what it had shown joins the base.
 */
import type { DatapathName } from './ids.ts';

export interface Count {
  readonly packets: bigint;
  readonly bytes: bigint;
}

const zero: Count = { packets: 0n, bytes: 0n };

export class Tally {
  #base: Count;
  readonly #seen = new Map<DatapathName, Count>();
  readonly #left = new Map<DatapathName, Count>();

  constructor(base: Count = zero) {
    this.#base = base;
  }

  total(): Count {
    let sum = this.#base;
    for (const count of this.#seen.values()) sum = add(sum, count);
    return sum;
  }

  /** The total without what the bodies count now: what a restart must remember. */
  base(): Count {
    return this.#base;
  }

  /** What `body` says it counted since the rule was installed there. True if that is news. */
  saw(body: DatapathName, count: Count): boolean {
    const before = this.#seen.get(body) ?? zero;
    if (count.packets < before.packets || count.bytes < before.bytes) {
      this.#base = add(this.#base, before);
    }
    this.#seen.set(body, count);
    return count.packets !== before.packets;
  }

  /** The rule no longer lives on `body`, or is installed there anew: its count stays. */
  leave(body: DatapathName): void {
    const last = this.#seen.get(body) ?? zero;
    this.#base = add(this.#base, last);
    this.#seen.delete(body);
    this.#left.set(body, last);
  }

  /** What a body counted in all, said after it was left: what was not seen before joins. */
  lastWord(body: DatapathName, count: Count): void {
    const left = this.#left.get(body);
    if (left === undefined) return;
    this.#left.delete(body);
    const packets = count.packets > left.packets ? count.packets - left.packets : 0n;
    const bytes = count.bytes > left.bytes ? count.bytes - left.bytes : 0n;
    this.#base = add(this.#base, { packets, bytes });
  }
}

function add(a: Count, b: Count): Count {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
