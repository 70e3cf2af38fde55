/**
 * The counters of a rulebook's rules, in their records: one set (rule-counters.ts) for each slot.
 *
 * Nearly every rule has been counted by one datapath at most, and that fits the record. While a
 * rule is counted by several, or has left one, its tally is an object beside it.
 */
import { copyWords } from '../../openflow/layout/writer.ts';
import type { DatapathName } from '../ids.ts';
import { LazyMap } from '../lazy-collections.ts';
import type { Records } from './record-pages.ts';
import { type Count, RuleCounter, zero } from './rule-counters.ts';
import { record } from './rule-record.ts';

/** In `seenBy`: nobody; somewhere else; and from here on the number of a datapath. */
const NOBODY = 0;
const BESIDE = 1;
const FIRST_NAME = 2;

/** The counters of a record, one behind the other. */
const COUNTS_AT = record.offset.basePackets;
const COUNTS_END = record.offset.seenBytes + 8;

export class CounterRecords {
  readonly #records: Records;
  readonly #beside = new LazyMap<number, RuleCounter>();
  readonly #names: DatapathName[] = [];

  constructor(records: Records) {
    this.#records = records;
  }

  total(slot: number): Count {
    const beside = this.#beside.get(slot);
    if (beside !== undefined) return beside.total();
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    return {
      packets: record.get.basePackets(dv, at) + record.get.seenPackets(dv, at),
      bytes: record.get.baseBytes(dv, at) + record.get.seenBytes(dv, at),
    };
  }

  /** Whether nothing has been counted. Hot. */
  isZero(slot: number): boolean {
    if (this.#beside.size > 0 && this.#beside.has(slot)) return false;
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    for (let i = COUNTS_AT; i < COUNTS_END; i += 4) if (dv.getUint32(at + i) !== 0) return false;
    return true;
  }

  base(slot: number): Count {
    const beside = this.#beside.get(slot);
    if (beside !== undefined) return beside.base();
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    return { packets: record.get.basePackets(dv, at), bytes: record.get.baseBytes(dv, at) };
  }

  saw(slot: number, body: DatapathName, { packets, bytes }: Count): boolean {
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    const name = this.#nameOf(body);
    const seenBy = record.get.seenBy(dv, at);
    if (seenBy !== name && seenBy !== NOBODY) {
      return this.change(slot, (counter) => counter.saw(body, { packets, bytes }));
    }
    const packetsBefore = record.get.seenPackets(dv, at);
    const bytesBefore = record.get.seenBytes(dv, at);
    if (packets < packetsBefore || bytes < bytesBefore) {
      record.set.basePackets(dv, at, record.get.basePackets(dv, at) + packetsBefore);
      record.set.baseBytes(dv, at, record.get.baseBytes(dv, at) + bytesBefore);
    }
    record.set.seenBy(dv, at, name);
    record.set.seenPackets(dv, at, packets);
    record.set.seenBytes(dv, at, bytes);
    return packets !== packetsBefore;
  }

  /** A body counts from nothing (rule-counters.ts). Hot: of most it has counted nothing yet. */
  begin(slot: number, body: DatapathName): void {
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    const beside = this.#beside.size === 0 ? undefined : this.#beside.get(slot);
    if (beside !== undefined) {
      beside.begin(body);
      if (beside.simple() === undefined) return;
      this.#beside.delete(slot);
      this.put(slot, beside);
    } else if (record.get.seenBy(dv, at) === this.#nameOf(body)) {
      const packets = record.get.basePackets(dv, at) + record.get.seenPackets(dv, at);
      const bytes = record.get.baseBytes(dv, at) + record.get.seenBytes(dv, at);
      this.#write(slot, NOBODY, { packets, bytes }, zero);
    }
  }

  /** Does something with the tally as an object. */
  change<T>(slot: number, run: (counter: RuleCounter) => T): T {
    const counter = this.take(slot);
    const result = run(counter);
    this.put(slot, counter);
    return result;
  }

  /** The slot's tally; nothing has been counted there afterwards. */
  take(slot: number): RuleCounter {
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    const seenBy = record.get.seenBy(dv, at);
    const beside = this.#beside.get(slot);
    this.#beside.delete(slot);
    const counter = beside ?? new RuleCounter(this.base(slot), this.#seenIn(dv, at));
    if (seenBy !== NOBODY || counter.base().packets > 0n || counter.base().bytes > 0n) {
      this.#write(slot, NOBODY, zero, zero);
    }
    return counter;
  }

  put(slot: number, counter: RuleCounter): void {
    const simple = counter.simple();
    if (simple === undefined) {
      this.#write(slot, BESIDE, zero, zero);
      this.#beside.set(slot, counter);
      return;
    }
    const [body, seen] = simple;
    this.#write(slot, body === undefined ? NOBODY : this.#nameOf(body), counter.base(), seen);
  }

  /** Of a record that is to be used (again): nothing has been counted. Hot. */
  clear(slot: number): void {
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    record.set.seenBy(dv, at, NOBODY);
    for (let i = COUNTS_AT; i < COUNTS_END; i += 8) dv.setBigUint64(at + i, 0n);
  }

  /** The base, packets and then bytes. Hot. */
  writeBase(slot: number, to: DataView, toAt: number): void {
    const beside = this.#beside.size === 0 ? undefined : this.#beside.get(slot);
    if (beside !== undefined) {
      const { packets, bytes } = beside.base();
      to.setBigUint64(toAt, packets);
      to.setBigUint64(toAt + 8, bytes);
      return;
    }
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot) + record.offset.basePackets;
    copyWords(dv, at, to, toAt, 16);
  }

  /** Whether it has counters that no datapath has now: the store's are all there is of them. */
  hasBase(slot: number): boolean {
    if (this.#beside.size > 0 && this.#beside.has(slot)) return true;
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    return record.get.basePackets(dv, at) !== 0n || record.get.baseBytes(dv, at) !== 0n;
  }

  /** Another slot's counters; there are none there afterwards. Hot. */
  move(from: number, to: number): void {
    const dv = this.#records.dv(from);
    const at = this.#records.at(from);
    const toDv = this.#records.dv(to);
    const toAt = this.#records.at(to);
    record.set.seenBy(toDv, toAt, record.get.seenBy(dv, at));
    copyWords(dv, at + COUNTS_AT, toDv, toAt + COUNTS_AT, COUNTS_END - COUNTS_AT);
    this.clear(from);
    const beside = this.#beside.size === 0 ? undefined : this.#beside.get(from);
    if (beside === undefined) return;
    this.#beside.delete(from);
    this.#beside.set(to, beside);
  }

  /** Whether the record does not say what was counted. Hot. */
  isBeside(slot: number): boolean {
    return this.#beside.size > 0 && this.#beside.has(slot);
  }

  /** What a copy of such a record says that does. */
  copied(dv: DataView, at: number): RuleCounter {
    const [packets, bytes] = [record.get.basePackets(dv, at), record.get.baseBytes(dv, at)];
    return new RuleCounter({ packets, bytes }, this.#seenIn(dv, at));
  }

  /** The record is about to go. */
  forget(slot: number): void {
    if (this.#beside.size > 0) this.#beside.delete(slot);
  }

  #seenIn(dv: DataView, at: number): readonly (readonly [DatapathName, Count])[] {
    const body = this.#names[record.get.seenBy(dv, at) - FIRST_NAME];
    if (body === undefined) return [];
    const packets = record.get.seenPackets(dv, at);
    return [[body, { packets, bytes: record.get.seenBytes(dv, at) }]];
  }

  #nameOf(body: DatapathName): number {
    const known = this.#names.indexOf(body);
    return FIRST_NAME + (known >= 0 ? known : this.#names.push(body) - 1);
  }

  #write(slot: number, seenBy: number, base: Count, seen: Count): void {
    const dv = this.#records.dv(slot);
    const at = this.#records.at(slot);
    record.set.seenBy(dv, at, seenBy);
    record.set.basePackets(dv, at, base.packets);
    record.set.baseBytes(dv, at, base.bytes);
    record.set.seenPackets(dv, at, seen.packets);
    record.set.seenBytes(dv, at, seen.bytes);
  }
}
