/**
 * A rulebook's rules in memory, indexed as flow-mods and packets need them (rulebook.ts): by what
 * identifies a rule (table, priority, match), by serial, and in lists (rule-lists.ts).
 *
 *   add --> standing --leave--> gone --many others later, and nobody holds it--> free
 *
 * Rules that are gone are found by serial only: packets that they sent up may still be on their
 * way, and a datapath may refuse what took their place.
 *
 * Rules are slots of records here; what they mean is the rulebook's.
 */
import { copyWords } from '../../openflow/layout/writer.ts';
import { flowMod } from '../../openflow/messages/messages.ts';
import { matchesSeen, type SeenFields } from '../../openflow/packet/seen-fields.ts';
import { ruleBytes } from '../bytes-below.ts';
import { ByteArena } from './byte-arena.ts';
import { HashIndex } from './hash-index.ts';
import { type HashKey, hashOf } from './key-hash.ts';
import { Records } from './record-pages.ts';
import { RemovedRules } from './removed-rules.ts';
import { CounterRecords } from './rule-counter-records.ts';
import { RuleLists, rankAt, rankOf } from './rule-lists.ts';
import { belowOf, copyOf, type RuleContent, record } from './rule-record.ts';
import type { RuleRun } from './rule-run.ts';
import { RuleSignatures } from './rule-signatures.ts';
import { SerialIndex } from './serial-index.ts';

/** An arena that was larger is made anew when its last rule goes. */
const SLOTS_KEPT_MAX = 4_096;
const { get, set } = record;
const COOKIE_AT = flowMod.offset.cookie;
const TABLE_AT = flowMod.offset.tableId;

function rankIn(dv: DataView, at: number): number {
  return rankOf(flowMod.get.tableId(dv, at), flowMod.get.priority(dv, at));
}

export class RuleArena {
  readonly records = new Records(record.size);
  readonly contents = new ByteArena();
  readonly counters = new CounterRecords(this.records);
  /** Of those that stand. */
  readonly lists = new RuleLists(this.records);
  readonly signatures = new RuleSignatures();
  readonly #byHash = new HashIndex();
  readonly #bySerial = new SerialIndex();
  readonly #key: HashKey;
  /** How many stand, the bytes of their matches and instructions, and those on a datapath. */
  size = 0;
  contentBytes = 0;
  belowBytes = 0;
  readonly #gone = new RemovedRules(this.records, (slot) => this.#free(slot));

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

  /** Bytes on a datapath; none of no rule, slot 0. */
  belowAt(slot: number): number {
    return slot === 0 ? 0 : get.below(this.dv(slot), this.at(slot));
  }

  /** Whether there is a rule in the slot, and it is not gone. */
  isOccupied(slot: number): boolean {
    const dv = this.dv(slot);
    const at = this.at(slot);
    return get.serial(dv, at) !== 0 && get.gone(dv, at) === 0;
  }

  /** The rule of this serial that stands; 0 when there is none. */
  bySerial(serial: number): number {
    const slot = this.#bySerial.slot(serial);
    return slot !== 0 && get.gone(this.dv(slot), this.at(slot)) === 0 ? slot : 0;
  }

  /** The rule of this serial that is gone, if it is still remembered; else 0. */
  goneBySerial(serial: number): number {
    const slot = this.#bySerial.slot(serial);
    return slot !== 0 && get.gone(this.dv(slot), this.at(slot)) !== 0 ? slot : 0;
  }

  /** Whether a rule of this serial stands, or is remembered. */
  isKnown(serial: number): boolean {
    return this.#bySerial.slot(serial) !== 0;
  }

  /** The rule of exactly this table, priority and match; 0 when there is none. */
  find(tableId: number, priority: number, { dv, at, matchSize }: RuleContent): number {
    const rank = rankOf(tableId, priority);
    return this.#findBy(hashOf(this.#key, rank, dv, at, matchSize), rank, dv, at, matchSize);
  }

  /**
   * Hashes all of a run, and has the memory that tells whether they are known come to the
   * processor: all of it at once, where one after the other would be waited for. Hot.
   */
  hashAll(run: RuleRun): void {
    const { dv, count } = run;
    for (let i = 0; i < count; i++) {
      const at = run.at[i] as number;
      const matchAt = at + flowMod.size;
      const matchSize = run.matchSize[i] as number;
      run.hash[i] = hashOf(this.#key, rankIn(dv, at), dv, matchAt, matchSize);
      const instructionsSize = run.instructionsSize[i] as number;
      run.below[i] = ruleBytes(dv, matchAt, matchSize, instructionsSize);
    }
    if (count > 1) this.#byHash.touch(run.hash, count);
  }

  /** The rule that one of a run is about to replace, after `hashAll`; 0 when there is none. Hot. */
  existing(run: RuleRun, i: number): number {
    const at = run.at[i] as number;
    const hash = run.hash[i] as number;
    const matchAt = at + flowMod.size;
    return this.#findBy(hash, rankIn(run.dv, at), run.dv, matchAt, run.matchSize[i] as number);
  }

  #findBy(hash: number, rank: number, dv: DataView, at: number, matchSize: number): number {
    const index = this.#byHash;
    for (let cell = index.first(hash); cell >= 0; cell = index.next(hash, cell)) {
      const slot = index.slot(cell);
      if (this.#is(slot, rank, dv, at, matchSize)) return slot;
    }
    return 0;
  }

  #is(slot: number, rank: number, dv: DataView, at: number, matchSize: number): boolean {
    const own = this.dv(slot);
    const ownAt = this.at(slot);
    if (get.matchSize(own, ownAt) !== matchSize || rankAt(own, ownAt) !== rank) return false;
    const content = get.content(own, ownAt);
    const bytes = this.contents.dv(content);
    const bytesAt = this.contents.at(content);
    for (let i = 0; i < matchSize; i += 4) {
      if (bytes.getUint32(bytesAt + i) !== dv.getUint32(at + i)) return false;
    }
    return true;
  }

  /**
   * A new rule, one of a run that was hashed; its counters are zero, and its times are now. If one
   * of its serial is gone, it is back. Hot.
   */
  add(run: RuleRun, i: number, serial: number, revision: number, nowMs: number): number {
    const slot = this.records.take();
    const dv = this.dv(slot);
    const at = this.at(slot);
    const hash = run.hash[i] as number;
    const frameAt = run.at[i] as number;
    const matchSize = run.matchSize[i] as number;
    const instructionsSize = run.instructionsSize[i] as number;
    dv.setBigUint64(at + record.offset.cookie, run.dv.getBigUint64(frameAt + COOKIE_AT));
    // From the table's number to the priority; the command, which is 0, says that it stands.
    dv.setBigUint64(at + record.offset.tableId, run.dv.getBigUint64(frameAt + TABLE_AT));
    set.flags(dv, at, flowMod.get.flags(run.dv, frameAt));
    set.hash(dv, at, hash);
    set.serial(dv, at, serial);
    set.revision(dv, at, revision);
    set.addedMs(dv, at, nowMs);
    set.hardFromMs(dv, at, nowMs);
    set.usedMs(dv, at, nowMs);
    this.counters.clear(slot);
    this.#putContent(slot, run.dv, frameAt + flowMod.size, matchSize, instructionsSize);
    this.signatures.enter(slot, run.dv, frameAt + flowMod.size);
    this.contentBytes += matchSize + instructionsSize;
    set.below(dv, at, run.below[i] as number);
    this.belowBytes += run.below[i] as number;
    this.#byHash.put(hash, slot);
    const before = this.#bySerial.slot(serial);
    if (before !== 0) this.#gone.isBack(serial, before);
    this.#bySerial.put(serial, slot);
    this.lists.enter(slot);
    this.size += 1;
    return slot;
  }

  /** The rule stands no more. It may be another slot afterwards: ask for it by its serial. */
  leave(slot: number): void {
    const dv = this.dv(slot);
    const at = this.at(slot);
    this.lists.leave(slot);
    this.signatures.leave(slot);
    this.#byHash.remove(get.hash(dv, at), slot);
    this.size -= 1;
    this.contentBytes -= get.matchSize(dv, at) + get.instructionsSize(dv, at);
    this.belowBytes -= get.below(dv, at);
    set.gone(dv, at, 1);
    this.#gone.enter(slot);
    if (this.size === 0 && this.records.end > SLOTS_KEPT_MAX) this.#renew();
  }

  /** A rule that is gone is remembered until `release`, however many follow it. */
  hold(slot: number): void {
    this.#gone.hold(slot);
  }

  release(serial: number): void {
    this.#gone.release(serial, this.goneBySerial(serial));
  }

  #free(slot: number): void {
    this.counters.forget(slot);
    const serial = this.serialOf(slot);
    if (serial !== 0) this.#bySerial.remove(serial);
    set.serial(this.dv(slot), this.at(slot), 0);
    this.#giveBody(slot);
    this.records.give(slot);
  }

  /** Nothing stands: what is gone, in memory of its own size. */
  #renew(): void {
    const kept: [DataView, RuleContent, ReturnType<CounterRecords['take']>][] = [];
    for (let slot = this.#gone.first; slot !== 0; ) {
      const next = this.#gone.next(slot);
      const counter = this.counters.take(slot);
      const from = this.at(slot);
      const bytes = new DataView(this.dv(slot).buffer.slice(from, from + record.size));
      kept.push([bytes, copyOf(this.contentAt(slot)), counter]);
      slot = next;
    }
    this.records.clear();
    this.signatures.clear();
    this.contents.clear();
    this.#byHash.clear();
    this.#bySerial.clear();
    this.#gone.clear();
    for (const [bytes, content, counter] of kept) {
      const slot = this.records.take();
      copyWords(bytes, 0, this.dv(slot), this.at(slot), record.size);
      this.#putContent(slot, content.dv, content.at, content.matchSize, content.instructionsSize);
      this.counters.put(slot, counter);
      const serial = this.serialOf(slot);
      if (serial !== 0) this.#bySerial.put(serial, slot);
      this.#gone.enter(slot);
    }
  }

  /** The match and instructions, where they are. */
  contentAt(slot: number): RuleContent {
    const dv = this.dv(slot);
    const at = this.at(slot);
    const content = get.content(dv, at);
    return {
      dv: this.contents.dv(content),
      at: this.contents.at(content),
      matchSize: get.matchSize(dv, at),
      instructionsSize: get.instructionsSize(dv, at),
    };
  }

  /** Whether the rule matches a packet. Hot: it is asked of very many. */
  matches(slot: number, seen: SeenFields): boolean {
    const content = get.content(this.dv(slot), this.at(slot));
    return matchesSeen(this.contents.dv(content), this.contents.at(content), seen);
  }

  /** The same match, and other instructions. */
  setContent(slot: number, content: RuleContent): void {
    const [own, ownAt] = [this.dv(slot), this.at(slot)];
    this.contentBytes += content.instructionsSize - get.instructionsSize(own, ownAt);
    const below = belowOf(content);
    this.belowBytes += below - get.below(own, ownAt);
    set.below(own, ownAt, below);
    this.#giveBody(slot);
    this.#putContent(slot, content.dv, content.at, content.matchSize, content.instructionsSize);
  }

  #putContent(
    slot: number,
    dv: DataView,
    at: number,
    matchSize: number,
    instructionsSize: number,
  ): void {
    const size = matchSize + instructionsSize;
    const run = this.contents.take(size);
    copyWords(dv, at, this.contents.dv(run), this.contents.at(run), size);
    const [own, ownAt] = [this.dv(slot), this.at(slot)];
    set.content(own, ownAt, run);
    set.matchSize(own, ownAt, matchSize);
    set.instructionsSize(own, ownAt, instructionsSize);
  }

  #giveBody(slot: number): void {
    this.contents.give(get.content(this.dv(slot), this.at(slot)));
  }
}
