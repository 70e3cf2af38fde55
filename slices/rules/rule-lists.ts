/**
 * Lists of a rulebook's rules through their records (rule-record.ts): those of one rank, that is
 * table and priority, the only ones that can overlap; and those that have a time-out.
 */

import { LazyMap } from '../lazy-collections.ts';
import type { Records } from './record-pages.ts';
import { record } from './rule-record.ts';

const RANKS_PER_TABLE = 0x1_0000;
const { get, set } = record;

/** Rules of one table and priority. */
export interface Rank {
  /** Both in one number (`rankOf`). */
  readonly rank: number;
  /** The newest of them; the others follow (`nextBeside`). */
  first: number;
}

export class RuleLists {
  readonly #records: Records;
  readonly #ranks = new LazyMap<number, Rank>();
  /** What was looked up last: most rules of a tenant have one priority. */
  #lastRank = -1;
  #last: Rank | undefined;
  /** All ranks in order, if they have not changed since they were asked for. */
  #sorted: Rank[] | undefined;
  #firstTimed = 0;
  /** Ranks of other tables than the first. */
  #laterRanks = 0;

  constructor(records: Records) {
    this.#records = records;
  }

  /** A rule with its table, priority and time-outs. */
  enter(slot: number): void {
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    this.#enterRank(slot, rankAt(dv, at));
    if (isTimed(dv, at)) this.#enterTimed(slot);
  }

  leave(slot: number): void {
    this.#leaveRank(slot);
    if (isTimed(this.#records.dv(slot), this.#records.at(slot))) this.#leaveTimed(slot);
  }

  /** The first rule of a table and priority, and the one after a slot; 0 when there is none. */
  firstBeside(tableId: number, priority: number): number {
    return this.#firstOf(rankOf(tableId, priority));
  }

  nextBeside(slot: number): number {
    return get.rankNext(this.#records.dv(slot), this.#records.at(slot));
  }

  /** The first of the rules that have a time-out. */
  get firstTimed(): number {
    return this.#firstTimed;
  }

  nextTimed(slot: number): number {
    return get.timedNext(this.#records.dv(slot), this.#records.at(slot));
  }

  /**
   * The ranks of a table that have rules, the highest priority first. They are put in order when
   * they are asked for after one came or went: few tenants use many.
   */
  ranksIn(tableId: number): readonly Rank[] {
    this.#sorted ??= [...this.#ranks.values()].sort((a, b) => a.rank - b.rank);
    const from = tableId * RANKS_PER_TABLE;
    const sorted = this.#sorted;
    return sorted.slice(placeOf(sorted, from), placeOf(sorted, from + RANKS_PER_TABLE));
  }

  /** Whether not all rules are of the first table. Hot. */
  get areOfLaterTables(): boolean {
    return this.#laterRanks > 0;
  }

  tableIds(): readonly number[] {
    const ids = [...this.#ranks.keys()].map((rank) => Math.floor(rank / RANKS_PER_TABLE));
    return [...new Set(ids)].sort((a, b) => a - b);
  }

  /** By table, then the highest priority first (as `ovs-ofctl --rsort`), then the oldest. */
  inOrder(slots: number[]): number[] {
    const rank = (slot: number): number => rankAt(this.#records.dv(slot), this.#records.at(slot));
    return slots.sort((a, b) => rank(a) - rank(b) || this.#serialOf(a) - this.#serialOf(b));
  }

  #firstOf(rank: number): number {
    return this.#ranks.get(rank)?.first ?? 0;
  }

  #serialOf(slot: number): number {
    return get.serial(this.#records.dv(slot), this.#records.at(slot));
  }

  #enterRank(slot: number, rank: number): void {
    const known = this.#known(rank);
    const next = known?.first ?? 0;
    set.rankNext(this.#records.dv(slot), this.#records.at(slot), next);
    set.rankPrevious(this.#records.dv(slot), this.#records.at(slot), 0);
    if (next !== 0) set.rankPrevious(this.#records.dv(next), this.#records.at(next), slot);
    if (known === undefined) {
      this.#ranks.set(rank, { rank, first: slot });
      if (rank >= RANKS_PER_TABLE) this.#laterRanks += 1;
      this.#sorted = undefined;
    } else known.first = slot;
  }

  #known(rank: number): Rank | undefined {
    if (rank === this.#lastRank) return this.#last;
    const known = this.#ranks.get(rank);
    if (known === undefined) return undefined;
    this.#lastRank = rank;
    this.#last = known;
    return known;
  }

  #leaveRank(slot: number): void {
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    const next = get.rankNext(dv, at);
    const previous = get.rankPrevious(dv, at);
    if (next !== 0) set.rankPrevious(this.#records.dv(next), this.#records.at(next), previous);
    if (previous !== 0) set.rankNext(this.#records.dv(previous), this.#records.at(previous), next);
    else if (next === 0) {
      const rank = rankAt(dv, at);
      this.#ranks.delete(rank);
      if (rank >= RANKS_PER_TABLE) this.#laterRanks -= 1;
      this.#sorted = undefined;
      this.#lastRank = -1;
    } else (this.#known(rankAt(dv, at)) as Rank).first = next;
  }

  #enterTimed(slot: number): void {
    const next = this.#firstTimed;
    set.timedNext(this.#records.dv(slot), this.#records.at(slot), next);
    set.timedPrevious(this.#records.dv(slot), this.#records.at(slot), 0);
    if (next !== 0) set.timedPrevious(this.#records.dv(next), this.#records.at(next), slot);
    this.#firstTimed = slot;
  }

  #leaveTimed(slot: number): void {
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    const next = get.timedNext(dv, at);
    const previous = get.timedPrevious(dv, at);
    if (next !== 0) set.timedPrevious(this.#records.dv(next), this.#records.at(next), previous);
    if (previous !== 0) set.timedNext(this.#records.dv(previous), this.#records.at(previous), next);
    else this.#firstTimed = next;
  }
}

function isTimed(dv: DataView, at: number): boolean {
  return get.idleTimeoutSec(dv, at) > 0 || get.hardTimeoutSec(dv, at) > 0;
}

/** How many of the sorted ranks are below this number. */
function placeOf(sorted: readonly Rank[], number: number): number {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as Rank).rank < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Table and priority in one number: the lower, the earlier a packet meets it in its table. */
export function rankOf(tableId: number, priority: number): number {
  return tableId * RANKS_PER_TABLE + (RANKS_PER_TABLE - 1 - priority);
}

export function rankAt(dv: DataView, at: number): number {
  return rankOf(get.tableId(dv, at), get.priority(dv, at));
}
