/**
 * A rulebook's rules in memory, found in the ways that flow-mods and packets ask for them
 * (rulebook.ts): by what makes a rule one of its own (table, priority, match), by serial, by rank
 * (all rules of one table and priority, the only ones that can overlap), and those with time-outs.
 *
 * Rules are slots of records here; what they mean is the rulebook's.
 */
import { ByteArena } from './byte-arena.ts';
import { Chains } from './chains.ts';
import { type HashKey, hashOf } from './key-hash.ts';
import { Records } from './records.ts';
import type { RuleHead } from './rule.ts';
import { type Body, record } from './rule-record.ts';
import { Tallies } from './tallies.ts';

const RANKS_PER_TABLE = 0x1_0000;
const { get, set } = record;

export class RuleArena {
  readonly records = new Records(record.size);
  readonly bodies = new ByteArena();
  readonly tallies = new Tallies(this.records);
  readonly #byHash = new Chains(this.records, record.offset.hash, record.offset.nextByHash);
  readonly #bySerial = new Chains(this.records, record.offset.serial, record.offset.nextBySerial);
  /** By rank, the first of its rules: the newest. */
  readonly #ranks = new Map<number, number>();
  readonly #key: HashKey;
  /** The first of the rules that have a time-out. */
  firstTimed = 0;
  size = 0;

  constructor(key: HashKey) {
    this.#key = key;
  }

  dv(slot: number): DataView {
    return this.records.dv(slot);
  }

  at(slot: number): number {
    return this.records.at(slot);
  }

  serialOf(slot: number): number {
    return get.serial(this.dv(slot), this.at(slot));
  }

  /** The rule of this serial; 0 when there is none. */
  bySerial(serial: number): number {
    let slot = this.#bySerial.first(serial);
    while (slot !== 0 && this.serialOf(slot) !== serial) slot = this.#bySerial.next(slot);
    return slot;
  }

  /** The rule of exactly this table, priority and match; 0 when there is none. */
  find(tableId: number, priority: number, dv: DataView, at: number, matchSize: number): number {
    const rank = rankOf(tableId, priority);
    const hash = hashOf(this.#key, rank, dv, at, matchSize);
    let slot = this.#byHash.first(hash);
    while (slot !== 0 && !this.#is(slot, hash, rank, dv, at, matchSize)) {
      slot = this.#byHash.next(slot);
    }
    return slot;
  }

  #is(
    slot: number,
    hash: number,
    rank: number,
    dv: DataView,
    at: number,
    matchSize: number,
  ): boolean {
    const own = this.dv(slot);
    const ownAt = this.at(slot);
    if (get.hash(own, ownAt) !== hash || get.matchSize(own, ownAt) !== matchSize) return false;
    if (rankAt(own, ownAt) !== rank) return false;
    const body = get.body(own, ownAt);
    const bytes = this.bodies.dv(body);
    const bytesAt = this.bodies.at(body);
    for (let i = 0; i < matchSize; i += 4) {
      if (bytes.getUint32(bytesAt + i) !== dv.getUint32(at + i)) return false;
    }
    return true;
  }

  /** A new rule; its counters are zero. */
  add(head: RuleHead, revision: number, body: Body): number {
    const slot = this.records.take();
    const dv = this.dv(slot);
    const at = this.at(slot);
    const { tableId, priority } = head;
    const rank = rankOf(tableId, priority);
    set.hash(dv, at, hashOf(this.#key, rank, body.dv, body.at, body.matchSize));
    set.serial(dv, at, head.serial);
    set.tableId(dv, at, tableId);
    set.priority(dv, at, priority);
    set.cookie(dv, at, head.cookie);
    set.flags(dv, at, head.flags);
    set.idleTimeoutSec(dv, at, head.idleTimeoutSec);
    set.hardTimeoutSec(dv, at, head.hardTimeoutSec);
    set.addedMs(dv, at, head.addedMs);
    set.hardFromMs(dv, at, head.hardFromMs);
    set.usedMs(dv, at, head.usedMs);
    set.revision(dv, at, revision);
    this.#putBody(slot, body);
    this.#byHash.put(slot);
    this.#bySerial.put(slot);
    this.#enterRank(slot, rank);
    if (head.idleTimeoutSec > 0 || head.hardTimeoutSec > 0) this.#enterTimed(slot);
    this.size += 1;
    return slot;
  }

  remove(slot: number): void {
    this.tallies.forget(slot);
    this.#leaveRank(slot);
    if (get.isTimed(this.dv(slot), this.at(slot)) === 1) this.#leaveTimed(slot);
    this.#byHash.remove(slot);
    this.#bySerial.remove(slot);
    this.#giveBody(slot);
    this.records.give(slot);
    this.size -= 1;
    if (this.size > 0) return;
    this.records.clear();
    this.#byHash.clear();
    this.#bySerial.clear();
  }

  /** The match and instructions, where they are. */
  bodyAt(slot: number): Body {
    const dv = this.dv(slot);
    const at = this.at(slot);
    const body = get.body(dv, at);
    return {
      dv: this.bodies.dv(body),
      at: this.bodies.at(body),
      matchSize: get.matchSize(dv, at),
      instructionsSize: get.instructionsSize(dv, at),
    };
  }

  /** The same match, and other instructions. */
  setBody(slot: number, body: Body): void {
    this.#giveBody(slot);
    this.#putBody(slot, body);
  }

  /** The first rule of a table and priority, and the one after a slot; 0 when there is none. */
  firstBeside(tableId: number, priority: number): number {
    return this.#ranks.get(rankOf(tableId, priority)) ?? 0;
  }

  nextBeside(slot: number): number {
    return get.rankNext(this.dv(slot), this.at(slot));
  }

  nextTimed(slot: number): number {
    return get.timedNext(this.dv(slot), this.at(slot));
  }

  /** The rules of a table by priority, the highest first; within one, the oldest first. */
  *inTable(tableId: number): Iterable<number> {
    const from = tableId * RANKS_PER_TABLE;
    const ranks = [...this.#ranks.keys()].filter((r) => r >= from && r < from + RANKS_PER_TABLE);
    for (const rank of ranks.sort((a, b) => a - b)) {
      const slots: number[] = [];
      for (let slot = this.#ranks.get(rank) ?? 0; slot !== 0; slot = this.nextBeside(slot)) {
        slots.push(slot);
      }
      yield* slots.sort((a, b) => this.serialOf(a) - this.serialOf(b));
    }
  }

  tableIds(): readonly number[] {
    const ids = [...this.#ranks.keys()].map((rank) => Math.floor(rank / RANKS_PER_TABLE));
    return [...new Set(ids)].sort((a, b) => a - b);
  }

  /** By table, then the highest priority first (as `ovs-ofctl --rsort`), then the oldest. */
  inOrder(slots: number[]): number[] {
    const rank = (slot: number): number => rankAt(this.dv(slot), this.at(slot));
    return slots.sort((a, b) => rank(a) - rank(b) || this.serialOf(a) - this.serialOf(b));
  }

  #putBody(slot: number, { dv, at, matchSize, instructionsSize }: Body): void {
    const size = matchSize + instructionsSize;
    const run = this.bodies.take(size);
    const to = this.bodies.dv(run);
    const toAt = this.bodies.at(run);
    for (let i = 0; i < size; i += 4) to.setUint32(toAt + i, dv.getUint32(at + i));
    const own = this.dv(slot);
    const ownAt = this.at(slot);
    set.body(own, ownAt, run);
    set.matchSize(own, ownAt, matchSize);
    set.instructionsSize(own, ownAt, instructionsSize);
  }

  #giveBody(slot: number): void {
    const dv = this.dv(slot);
    const at = this.at(slot);
    const size = get.matchSize(dv, at) + get.instructionsSize(dv, at);
    this.bodies.give(get.body(dv, at), size);
  }

  #enterRank(slot: number, rank: number): void {
    const next = this.#ranks.get(rank) ?? 0;
    set.rankNext(this.dv(slot), this.at(slot), next);
    if (next !== 0) set.rankPrevious(this.dv(next), this.at(next), slot);
    this.#ranks.set(rank, slot);
  }

  #leaveRank(slot: number): void {
    const dv = this.dv(slot);
    const at = this.at(slot);
    const next = get.rankNext(dv, at);
    const previous = get.rankPrevious(dv, at);
    if (next !== 0) set.rankPrevious(this.dv(next), this.at(next), previous);
    if (previous !== 0) set.rankNext(this.dv(previous), this.at(previous), next);
    else if (next !== 0) this.#ranks.set(rankAt(dv, at), next);
    else this.#ranks.delete(rankAt(dv, at));
  }

  #enterTimed(slot: number): void {
    const next = this.firstTimed;
    set.isTimed(this.dv(slot), this.at(slot), 1);
    set.timedNext(this.dv(slot), this.at(slot), next);
    if (next !== 0) set.timedPrevious(this.dv(next), this.at(next), slot);
    this.firstTimed = slot;
  }

  #leaveTimed(slot: number): void {
    const dv = this.dv(slot);
    const at = this.at(slot);
    const next = get.timedNext(dv, at);
    const previous = get.timedPrevious(dv, at);
    if (next !== 0) set.timedPrevious(this.dv(next), this.at(next), previous);
    if (previous !== 0) set.timedNext(this.dv(previous), this.at(previous), next);
    else this.firstTimed = next;
  }
}

/** Table and priority in one number: the lower, the earlier a packet meets it in its table. */
function rankOf(tableId: number, priority: number): number {
  return tableId * RANKS_PER_TABLE + (RANKS_PER_TABLE - 1 - priority);
}

function rankAt(dv: DataView, at: number): number {
  return rankOf(get.tableId(dv, at), get.priority(dv, at));
}
