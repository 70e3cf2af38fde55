/**
 * The rulebook: the flow tables that a tenant believes it installed (DESIGN 4).
 *
 * It decides what a flow-mod means (OF1.3.5 section 6.4); what goes down follows from the changes
 * it returns. One vswitch's runtime owns it; time is an argument. Timers are ours and never a
 * switch's: a rule can live on two datapaths at once (LIME 4.1).
 */
import type { PacketFields } from '../../openflow/packet/packet.ts';
import { flowCommand, flowFlag, ofError } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type {
  FlowMod,
  FlowStatsFilter,
  Instruction,
  OfError,
} from '../../openflow/values/values.ts';
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import { boundless, type Room } from '../room.ts';
import { type Cursor, newCursor, nextPart } from './cursor.ts';
import { cookieAfter, is10 } from './flow-mod10.ts';
import type { HashKey } from './key-hash.ts';
import { lookup, type MatchedRule } from './lookup.ts';
import { type Restored, Rule, type RuleParts } from './rule.ts';
import type { RuleArena } from './rule-arena.ts';
import type { AddedRule, RemovedReason, RuleAttributes, RuleChange } from './rule-change.ts';
import type { Count } from './rule-counters.ts';
import { deletedBy, overlaps, select, selectedBy, whyTooLong } from './rule-filter.ts';
import { belowOf, contentOf, instructionsIn } from './rule-record.ts';
import { placedOf, type RuleRun, runOf } from './rule-run.ts';
import { RuleValues, whyFull } from './rule-values.ts';
import { type LaterChange, type LaterLoss, type Reverted, TakingBack } from './rulebook-revert.ts';
import { Serials } from './serials.ts';
import { StrictChanges } from './strict-changes.ts';
import { TableCounters } from './table-counters.ts';
import { TimeoutScan, whyOver } from './timeout-scan.ts';

export { isTableMiss, type Restored, Rule } from './rule.ts';
export type { AddedRule, RemovedReason, RuleAttributes, RuleChange } from './rule-change.ts';

export class Rulebook {
  readonly tables = new TableCounters();
  readonly strict: StrictChanges;
  readonly #values: RuleValues;
  readonly #back: TakingBack;
  readonly #serials: Serials;
  readonly #room: Room;
  #putBack = 0;

  /** `key` is a secret: no tenant can make rules whose hashes collide. */
  constructor(nextSerial = 1, key: HashKey = { low: 0, high: 0 }, room: Room = boundless) {
    this.#room = room;
    this.#values = new RuleValues(key);
    this.strict = new StrictChanges(this.#values, this.tables);
    this.#back = new TakingBack(this.#values);
    this.#serials = new Serials(nextSerial, this.#values);
  }

  /** The rules as bytes, for the store. */
  get arena(): RuleArena {
    return this.#values.arena;
  }

  /** Whether there never was a rule. */
  get isUnused(): boolean {
    return this.#values.isUnused;
  }

  get size(): number {
    return this.isUnused ? 0 : this.arena.size;
  }

  /** Bytes of all rules on a datapath. */
  get belowBytes(): number {
    return this.isUnused ? 0 : this.arena.belowBytes;
  }

  get nextSerial(): number {
    return this.#serials.next;
  }

  /** By table, then the highest priority first, then the oldest. */
  rules(): readonly Rule[] {
    return this.some(newCursor(), Number.POSITIVE_INFINITY);
  }

  get revision(): number {
    return this.#values.revision;
  }

  /** How many rules were put back: a cursor may have missed them. */
  get putBack(): number {
    return this.#putBack;
  }

  bySerial(serial: number): Rule | undefined {
    return this.#values.bySerial(serial);
  }

  /** The rule that stands where another does, or did: of its table, priority and match. */
  inPlaceOf({ tableId, priority, content }: Pick<Rule, 'tableId' | 'priority' | 'content'>) {
    const slot = this.isUnused ? 0 : this.arena.find(tableId, priority, content);
    return slot === 0 ? undefined : this.#values.ruleAt(slot);
  }

  /** Puts back a rule that the store remembers. */
  restore(rule: Restored): void {
    this.#values.restore(rule);
    this.#serials.used(rule.serial);
  }

  forget(serial: number): void {
    this.#values.forget(serial);
  }

  /** What a flow-mod changes; the book is changed when this returns. */
  apply(mod: FlowMod, nowMs: number): readonly RuleChange[] | OfError {
    const changes: RuleChange[] = [];
    for (const cursor = newCursor(); !cursor.isOver; ) {
      const some = this.applySome(mod, cursor, nowMs);
      if (isError(some)) return some;
      changes.push(...some);
    }
    return changes;
  }

  /** The next part of it. Rules must not be added in between, but for what is put back. */
  applySome(mod: FlowMod, cursor: Cursor, nowMs: number): readonly RuleChange[] | OfError {
    switch (mod.command) {
      case flowCommand.add:
        cursor.isOver = true;
        return this.#add(mod, nowMs);
      case flowCommand.modify:
      case flowCommand.modifyStrict: {
        const why = cursor.slot === 1 ? whyTooLong(this, mod) : undefined;
        if (why !== undefined) return ofError('flowModFailed', 'tableFull', why);
        const selected = selectedBy(this.arena, mod, cursor);
        if (cursor.isOver && cursor.found === 0 && is10(mod)) return this.#add(mod, nowMs);
        return selected.map((slot) => this.#modify(slot, mod, nowMs));
      }
      case flowCommand.delete:
      case flowCommand.deleteStrict:
        if (this.#values.hasNone(cursor)) return [];
        return deletedBy(this, mod, cursor).map((slot) => this.#remove(slot, 'delete'));
      default:
        return ofError('flowModFailed', 'badCommand', `command ${mod.command} does not exist`);
    }
  }

  /** Takes out the next rules that do what `isWanted` asks. */
  removeSome(
    isWanted: (instructions: readonly Instruction[]) => boolean,
    reason: RemovedReason,
    cursor: Cursor,
  ): readonly RuleChange[] {
    const { arena } = this;
    const slots = nextPart(arena, cursor, (slot) =>
      isWanted(instructionsIn(arena.contentAt(slot))),
    );
    return slots.map((slot) => this.#remove(slot, reason));
  }

  /**
   * Takes a change back that a datapath refused. `later` are the changes of the same slot, and of
   * what its rules use, that followed on it and are not acknowledged, in their order.
   */
  revert(change: RuleChange, later: readonly (LaterChange | LaterLoss)[] = []): Reverted {
    const reverted = this.#back.revert(change, later);
    this.tables.reverted(change, reverted.stands);
    if (reverted.stands !== undefined) this.#putBack += 1;
    return reverted;
  }

  /** Takes a rule out: what it uses is gone. */
  drop(serial: number, reason: RemovedReason): void {
    const slot = this.arena.bySerial(serial);
    if (slot !== 0) this.#remove(slot, reason);
  }

  /** The next rules that a statistics request asks for (OF1.3.5 section 7.3.5.2). */
  select(filter: FlowStatsFilter, cursor: Cursor): readonly Rule[] {
    if (this.#values.hasNone(cursor)) return [];
    return select(this.arena, filter, cursor).map((slot) => this.#values.ruleAt(slot));
  }

  some(cursor: Cursor, count?: number): readonly Rule[] {
    if (this.#values.hasNone(cursor)) return [];
    return nextPart(this.arena, cursor, () => true, count).map((slot) => this.#values.ruleAt(slot));
  }

  /** What a packet meets that enters by a port. */
  lookup(packet: PacketFields, inPort: number): MatchedRule | undefined {
    return lookup(this.#values, packet, inPort);
  }

  /** A datapath says what the rule has counted there. */
  saw(serial: number, body: DatapathName, count: Count, nowMs: number): void {
    const slot = this.arena.bySerial(serial);
    if (slot !== 0 && this.arena.counters.saw(slot, body, count)) this.#values.used(slot, nowMs);
  }

  /** Takes out the next rules whose time was over when the counters were last read, at `nowMs`. */
  expireSome(nowMs: number, walk: TimeoutScan, freshMs?: number): readonly RuleChange[] {
    const changes: RuleChange[] = [];
    for (let i = 0; i < limits.slotsPerStep; i++) {
      const slot = walk.next();
      if (slot === 0) return changes;
      const reason = whyOver(this.arena, slot, nowMs, freshMs);
      if (reason === undefined) walk.stays(slot);
      else changes.push(this.#remove(slot, reason));
    }
    return changes;
  }

  timed(): TimeoutScan {
    return new TimeoutScan(this.arena);
  }

  /** The shortest idle time-out in seconds, 0 when there is none: how often to read counters. */
  shortestIdleSec(): number {
    return this.#values.shortestIdleSec();
  }

  hasTimeouts(): boolean {
    return !this.isUnused && this.arena.lists.firstTimed !== 0;
  }

  #add(mod: FlowMod, nowMs: number): readonly RuleChange[] | OfError {
    const content = contentOf(mod.match, mod.instructions);
    // An identical rule is replaced, not overlapped: as Open vSwitch reads section 6.4.
    const existing = this.arena.find(mod.tableId, mod.priority, content);
    const isNew = existing === 0;
    if (isNew && (mod.flags & flowFlag.checkOverlap) !== 0 && overlaps(this.arena, mod))
      return ofError('flowModFailed', 'overlap', 'a rule of the same priority overlaps');
    const why = whyFull(this, isNew ? 1 : 0, belowOf(content) - this.arena.belowAt(existing));
    const full = why ?? (isNew && this.#room.left() < 1 ? this.#room.why() : undefined);
    if (full !== undefined) return ofError('flowModFailed', 'tableFull', full);
    const run = runOf(mod, content);
    if (is10(mod)) run.resets[0] = 1;
    this.place(run, nowMs);
    return [this.placed(placedOf(run, 0), mod, mod, nowMs)];
  }

  /**
   * Adds rules that are known to be fine and to overlap none that matters, from bytes; how many.
   * The one behind them does not fit. Hot.
   */
  place(run: RuleRun, nowMs: number): number {
    const { arena } = this;
    if (!run.isHashed) arena.hashAll(run);
    let left = this.#room.left();
    for (let i = 0; i < run.count; i++) {
      const existing = arena.existing(run, i);
      const bytes = (run.below[i] as number) - arena.belowAt(existing);
      if (existing === 0 && --left < 0) return i;
      if (whyFull(this, existing === 0 ? 1 : 0, bytes) !== undefined) return i;
      const serial = this.#serials.take();
      const slot = this.#values.add(run, i, serial, nowMs);
      run.serial[i] = serial;
      run.revision[i] = this.#values.revision;
      run.replaced[i] = 0;
      if (existing === 0) run.resets[i] = 1;
      else this.#replace(run, i, existing, slot);
    }
    return run.count;
  }

  #replace(run: RuleRun, i: number, existing: number, slot: number): void {
    run.replaced[i] = this.arena.serialOf(existing);
    if (!this.arena.counters.isZero(existing)) {
      this.tables.replaced(this.#values, existing, slot, run.resets[i] !== 0);
    }
    if (run.resets[i] === 0) this.arena.counters.move(existing, slot);
    this.#values.leave(existing);
  }

  /** What `place` did, as a change: `parts` are the rule's. */
  placed(
    placed: AddedRule,
    said: RuleAttributes,
    parts: RuleParts,
    nowMs: number,
  ): RuleChange & { type: 'add' } {
    const { serial, revision, resets } = placed;
    const { tableId, priority, cookie, flags, idleTimeoutSec, hardTimeoutSec } = said;
    const what = { tableId, priority, cookie, flags, idleTimeoutSec, hardTimeoutSec };
    const head = { ...what, serial, addedMs: nowMs, hardFromMs: nowMs, usedMs: nowMs };
    const counting = this.#values.countingOf(serial);
    const rule = new Rule(head, revision, counting, parts);
    const replaced = this.#values.goneBySerial(placed.replaced, resets ? undefined : counting);
    return { type: 'add', rule, replaced, resets };
  }

  /** A rule that left a while ago: packets that it sent up before may still come. */
  goneBySerial(serial: number): Rule | undefined {
    return this.#values.goneBySerial(serial, this.#values.countingOf(serial));
  }

  #modify(slot: number, mod: FlowMod, nowMs: number): RuleChange {
    const resets = (mod.flags & flowFlag.resetCounts) !== 0;
    const { packets } = this.arena.counters.total(slot);
    const before = this.#values.ruleAt(slot, resets ? this.arena.counters.take(slot) : undefined);
    this.tables.changes(before, mod, packets, resets);
    const cookie = cookieAfter(mod, before.cookie);
    const what = { match: before.match, instructions: mod.instructions, cookie };
    const rule = this.#values.change(slot, { ...what, hardFromMs: nowMs });
    return { type: 'modify', rule, before, resets };
  }

  #remove(slot: number, reason: RemovedReason): RuleChange {
    return { type: 'remove', rule: this.tables.leaves(this.#values.take(slot)), reason };
  }
}
