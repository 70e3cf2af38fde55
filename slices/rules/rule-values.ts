/**
 * The rules of an arena as values, and how values enter it (rulebook.ts decides, this keeps).
 */
import { flowMod } from '../../openflow/messages/messages.ts';
import type { Instruction, Match } from '../../openflow/values/values.ts';
import type { DatapathName } from '../ids.ts';
import { LazyMap } from '../lazy-collections.ts';
import { limits } from '../limits.ts';
import type { Cursor } from './cursor.ts';
import type { HashKey } from './key-hash.ts';
import { type Restored, Rule, type RuleHead, type RuleParts } from './rule.ts';
import { RuleArena } from './rule-arena.ts';
import { type Count, type Counting, RuleCounter, zero } from './rule-counters.ts';
import { contentOf, copyOf, type RuleContent, record } from './rule-record.ts';
import { type RuleRun, runOf } from './rule-run.ts';

const { get, set } = record;

export class RuleValues {
  /** Most rulebooks never have a rule. */
  #arena: RuleArena | undefined;
  readonly #key: HashKey;
  /** How many rules have an idle time-out of so many seconds. */
  readonly #idle = new LazyMap<number, number>();
  /** The rule that was asked for last: packets that miss all others come by the same one. */
  #last: Rule | undefined;
  #revision = 0;

  constructor(key: HashKey) {
    this.#key = key;
  }

  get arena(): RuleArena {
    this.#arena ??= new RuleArena(this.#key);
    return this.#arena;
  }

  /** Whether there never was a rule. */
  get isUnused(): boolean {
    return this.#arena === undefined;
  }

  /** Then nothing is looked through. */
  hasNone(cursor: Cursor): boolean {
    if (this.isUnused) cursor.isOver = true;
    return this.isUnused;
  }

  /** Whether a rule of this serial stands, or is remembered. */
  isKnown(serial: number): boolean {
    return this.#arena?.isKnown(serial) === true;
  }

  bySerial(serial: number): Rule | undefined {
    if (this.#last?.serial === serial) return this.#last;
    if (this.#arena === undefined) return undefined;
    const slot = this.arena.bySerial(serial);
    if (slot === 0) return undefined;
    this.#last = this.ruleAt(slot);
    return this.#last;
  }

  /** The rule of a slot; it stays what it is when the slot goes, but for its counters. */
  ruleAt(slot: number, counter?: Counting): Rule {
    const dv = this.arena.dv(slot);
    const at = this.arena.at(slot);
    const head = headIn(dv, at);
    const content = copyOf(this.arena.contentAt(slot));
    const counting = counter ?? this.countingOf(head.serial);
    return new Rule(head, get.revision(dv, at), counting, { content });
  }

  /** A rule with its own serial and its own times. */
  put(head: RuleHead, parts: RuleParts): number {
    const content = 'content' in parts ? parts.content : contentOf(parts.match, parts.instructions);
    const run = runOf(head, content);
    this.arena.hashAll(run);
    const slot = this.add(run, 0, head.serial, head.addedMs);
    set.hardFromMs(this.arena.dv(slot), this.arena.at(slot), head.hardFromMs);
    set.usedMs(this.arena.dv(slot), this.arena.at(slot), head.usedMs);
    return slot;
  }

  /** A rule of the store, in the place of the one that stands for the same. */
  restore(rule: Restored): void {
    const content = 'content' in rule ? rule.content : contentOf(rule.match, rule.instructions);
    const existing = this.arena.find(rule.tableId, rule.priority, content);
    if (existing !== 0) this.leave(existing);
    const slot = this.put(rule, { content });
    const { packets, bytes } = rule.counted;
    if (packets > 0n || bytes > 0n) this.arena.counters.put(slot, new RuleCounter(rule.counted));
  }

  forget(serial: number): void {
    const slot = this.arena.bySerial(serial);
    if (slot !== 0) this.leave(slot);
  }

  /** A new rule, one of a run that was hashed. Hot. */
  add(run: RuleRun, i: number, serial: number, nowMs: number): number {
    this.#revision = (this.#revision + 1) >>> 0;
    const idle = flowMod.get.idleTimeoutSec(run.dv, run.at[i] as number);
    if (idle > 0) this.#idle.set(idle, (this.#idle.get(idle) ?? 0) + 1);
    return this.arena.add(run, i, serial, this.#revision, nowMs);
  }

  /** Of the rule that was put or changed last. */
  get revision(): number {
    return this.#revision;
  }

  /** Takes the rule out; with its counters, unless another has them now. */
  take(slot: number, counter: Counting = this.arena.counters.take(slot)): Rule {
    const rule = this.ruleAt(slot, counter);
    this.leave(slot);
    return rule;
  }

  /** The rule stands no more; its counters stay with it. Hot. */
  leave(slot: number): void {
    const dv = this.arena.dv(slot);
    const at = this.arena.at(slot);
    const idle = get.idleTimeoutSec(dv, at);
    if (idle > 0) {
      const left = (this.#idle.get(idle) ?? 0) - 1;
      if (left > 0) this.#idle.set(idle, left);
      else this.#idle.delete(idle);
    }
    this.#forget(get.serial(dv, at));
    this.arena.leave(slot);
  }

  /** A rule that is gone, with the counters that it had unless others are named. */
  goneBySerial(serial: number, counter?: Counting): Rule | undefined {
    const slot = this.arena.goneBySerial(serial);
    return slot === 0 ? undefined : this.ruleAt(slot, counter ?? this.arena.counters.take(slot));
  }

  /** Makes something else of the rule, which keeps its place and its counters. */
  change(slot: number, to: Changed): Rule {
    this.changeContent(slot, contentOf(to.match, to.instructions), to.cookie, to.hardFromMs);
    return this.ruleAt(slot);
  }

  /** The same from bytes. Hot. */
  changeContent(slot: number, content: RuleContent, cookie: bigint, hardFromMs: number): void {
    const dv = this.arena.dv(slot);
    const at = this.arena.at(slot);
    this.#revision = (this.#revision + 1) >>> 0;
    set.revision(dv, at, this.#revision);
    set.cookie(dv, at, cookie);
    set.hardFromMs(dv, at, hardFromMs);
    this.arena.setContent(slot, content);
    this.#forget(get.serial(dv, at));
  }

  used(slot: number, nowMs: number): void {
    set.usedMs(this.arena.dv(slot), this.arena.at(slot), nowMs);
    this.#forget(this.arena.serialOf(slot));
  }

  /** The shortest idle time-out in seconds, 0 when there is none. */
  shortestIdleSec(): number {
    return this.#idle.size === 0 ? 0 : Math.min(...this.#idle.keys());
  }

  /** The counters of the rule that has this serial. */
  countingOf(serial: number): Counting {
    return new ConnectionState(this.arena, serial);
  }

  #forget(serial: number): void {
    if (this.#last?.serial === serial) this.#last = undefined;
  }
}

/** What a record says of its rule, but for its counters. */
export function headIn(dv: DataView, at: number): RuleHead {
  return {
    serial: get.serial(dv, at),
    tableId: get.tableId(dv, at),
    priority: get.priority(dv, at),
    cookie: get.cookie(dv, at),
    flags: get.flags(dv, at),
    idleTimeoutSec: get.idleTimeoutSec(dv, at),
    hardTimeoutSec: get.hardTimeoutSec(dv, at),
    addedMs: get.addedMs(dv, at),
    hardFromMs: get.hardFromMs(dv, at),
    usedMs: get.usedMs(dv, at),
  };
}

/** What a modify makes of a rule. */
export interface Changed {
  readonly match: Match;
  readonly instructions: readonly Instruction[];
  readonly cookie: bigint;
  readonly hardFromMs: number;
}

/** The counters of a rule in the arena; of one that went there are none. */
class ConnectionState implements Counting {
  readonly #arena: RuleArena;
  readonly #serial: number;

  constructor(arena: RuleArena, serial: number) {
    this.#arena = arena;
    this.#serial = serial;
  }

  total(): Count {
    const slot = this.#arena.bySerial(this.#serial);
    return slot === 0 ? zero : this.#arena.counters.total(slot);
  }

  base(): Count {
    const slot = this.#arena.bySerial(this.#serial);
    return slot === 0 ? zero : this.#arena.counters.base(slot);
  }

  saw(body: DatapathName, count: Count): boolean {
    const slot = this.#arena.bySerial(this.#serial);
    return slot !== 0 && this.#arena.counters.saw(slot, body, count);
  }

  count(more: Count): void {
    const slot = this.#arena.bySerial(this.#serial);
    if (slot !== 0) this.#arena.counters.change(slot, (counter) => counter.count(more));
  }

  leave(body: DatapathName): void {
    const slot = this.#arena.bySerial(this.#serial);
    if (slot !== 0) this.#arena.counters.change(slot, (counter) => counter.leave(body));
  }

  begin(body: DatapathName): void {
    const slot = this.#arena.bySerial(this.#serial);
    if (slot !== 0) this.#arena.counters.change(slot, (counter) => counter.begin(body));
  }

  lateWord(body: DatapathName, count: Count): boolean {
    const slot = this.#arena.bySerial(this.#serial);
    const say = (counter: Counting): boolean => counter.lateWord(body, count);
    return slot !== 0 && this.#arena.counters.change(slot, say);
  }

  lastWord(body: DatapathName, count: Count): void {
    const slot = this.#arena.bySerial(this.#serial);
    if (slot !== 0) this.#arena.counters.change(slot, (counter) => counter.lastWord(body, count));
  }
}

/** Why a vswitch may not have so much more, by its limits. */
export function whyFull(
  { size, belowBytes }: { readonly size: number; readonly belowBytes: number },
  moreRules: number,
  moreBytes: number,
): string | undefined {
  if (size + moreRules > limits.rulesPerVswitchMax) {
    return `this vswitch already has ${size} rules, the limit`;
  }
  const bytes = belowBytes + moreBytes;
  if (bytes <= limits.ruleBytesBelowPerVswitchMax) return undefined;
  return `this vswitch's rules would have ${bytes} bytes on a datapath, more than its limit`;
}
