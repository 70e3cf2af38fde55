/**
 * A body in the flat encoding. It knows the entries that it has sent: a change of placement, link
 * or port configuration may change every entry of a rule, and the difference is sent.
 */
import type { FlowMod, Message, OfError } from '../../openflow/values/values.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { Rule, Rulebook, RuleChange } from '../../slices/rules/rulebook.ts';
import { modified } from '../../slices/rules/rulebook-revert.ts';
import type { Body, Change, Mark, TakenBack } from '../entries/body.ts';
import { deleteFlow, type PhysicalFlow, sameFlow } from '../entries/physical-tables.ts';
import type { Overrides } from '../wiring/overrides.ts';
import {
  entriesOf,
  type FlatContext,
  type InstalledRule,
  type Reading,
  whyNot,
} from './context.ts';
import { DoubtedEntries } from './doubted-entries.ts';
import { Guards } from './guards.ts';
import { InstalledRules, listOf, notIn } from './installed-rules.ts';
import { PuntingRules } from './packet-in-rule.ts';
import { passed } from './port-outputs.ts';
import { LevelTable, type Width } from './priority-map.ts';
import { usesOf } from './priority-uses.ts';
import { RuleBytes } from './rule-bytes.ts';
import { Counts, type Row, type Seen } from './rule-counters.ts';
import { appliedBy, widthOf } from './rules.ts';
import { putFlow } from './wiring.ts';

export class FlatBody implements Body {
  readonly #context: FlatContext;
  #vswitch: Vswitch;
  readonly vswitchId: number;
  readonly counts = new Counts();
  readonly #installed = new InstalledRules();
  readonly senders = new PuntingRules();
  #levels = new LevelTable();
  readonly #guards: Guards;
  readonly #doubted: DoubtedEntries;
  /** What stands as bytes; the rest is installed. */
  readonly bytes: RuleBytes;

  constructor(context: FlatContext, vswitch: Vswitch) {
    this.#context = context;
    this.#vswitch = vswitch;
    this.vswitchId = vswitch.id;
    this.#guards = new Guards(context, vswitch);
    this.#doubted = new DoubtedEntries(this.#installed, this.#guards);
    this.bytes = new RuleBytes({
      context,
      installed: this.#installed,
      counts: this.counts,
      vswitch: () => this.#vswitch,
      levels: () => this.#levels,
      refuse: (change, snapshot) => this.refuse(change, snapshot),
      use: (rule, by) => this.#use(rule, by),
      forget: (rule) => this.#forget(rule),
    });
  }

  /** Another configuration has this in its place. */
  follow(vswitch: Vswitch): void {
    this.#vswitch = vswitch;
    this.#guards.follow(vswitch);
  }

  /** Why a change that the tables allow cannot be carried out here; undefined when it can. */
  refuse(change: Change, snapshot: Snapshot): OfError | undefined {
    return whyNot(change, this.#vswitch, this.#levels, this.#context, snapshot);
  }

  /** Whether changes lead rules to other levels. */
  moves(changes: readonly Change[]): boolean {
    const { datapath } = this.#context.site();
    const width = (rule: Rule): Width => widthOf(datapath, this.#vswitch, rule);
    return this.#levels.wouldMove(changes.flatMap((one) => usesOf(one, width)));
  }

  change(change: Change): readonly Message[] {
    if (!('rule' in change)) return [];
    const { rule } = change;
    this.bytes.hold(rule.serial);
    if (change.type === 'add' && change.replaced) this.bytes.hold(change.replaced.serial);
    switch (change.type) {
      case 'add':
        return this.#put(rule, change.resets);
      case 'modify':
        return this.#modify(change);
      case 'remove':
        return this.#drop(rule);
    }
  }

  /** As a switch does, of what has the slot. */
  #modify(change: RuleChange & { type: 'modify' }): readonly Message[] {
    const next = modified(change, this.#installed.inSlotOf(change.rule)?.rule);
    return next === undefined ? [] : this.#put(next, change.resets);
  }

  /** Some entries of the rule may be what they were to be, and some not: all are sent anew. */
  repair(change: Change, back: TakenBack): readonly Message[] {
    if (!('rule' in change) || !('sent' in back) || back.isOvertaken) return [];
    const { sent } = back;
    // What has the slot, whichever of them it is: the last one.
    const serials = [...back.serials, sent?.serial ?? 0].sort((a, b) => a - b);
    for (const serial of serials) this.bytes.hold(serial);
    const own = sent === undefined ? this.#drop(change.rule) : this.#put(sent, false, true);
    // Entries of other rules may have had to make way for a new one.
    const again = this.#doubted.rules().flatMap((rule) => this.#put(rule, false));
    return [...own, ...this.unstick(), ...again];
  }

  /** The same of an entry of a rule that was sent as bytes, at a level of then. */
  refusedOf(rule: Rule, entry: number, level: number): void {
    const { flows } = entriesOf(rule, this.#vswitch, this.#context, level);
    const flow = [...flows.values()][entry];
    if (flow !== undefined) this.refused(putFlow(flow, this.#context.site().speaks, true));
  }

  /** The datapath refused an entry: whatever it holds there is to be another. */
  refused(mod: FlowMod): void {
    this.bytes.holdOf(mod);
    this.#doubted.refused(mod);
  }

  /** Whether something refused to go that is to be deleted when the rules are settled. */
  get isOwing(): boolean {
    return this.#doubted.hasStuck && this.bytes.isUnsettled;
  }

  /** Deletes that; not while many rules stand as bytes, whose entries are not known. */
  unstick(): readonly Message[] {
    if (!this.#doubted.hasStuck || this.isOwing) return [];
    this.bytes.settle();
    return this.#doubted.unstick();
  }

  /** As `fill`, of entries that may be there already, and have counted. */
  restore(rules: readonly Rule[]): void {
    this.fill(rules);
    for (const { serial } of rules) this.counts.forget(serial);
  }

  fill(rules: readonly Rule[]): readonly Message[] {
    this.bytes.settle();
    return rules.flatMap((rule) => this.#put(rule, true));
  }

  empty(): readonly Message[] {
    this.bytes.settle();
    const gone = this.#installed.all().flatMap((one) => this.#delete(one.rule.serial, listOf(one)));
    this.#installed.clear();
    this.senders.clear();
    this.#levels = new LevelTable();
    return [...gone, ...this.unstick()];
  }

  /** What overrides its rules is to be this. */
  override(overrides: Overrides): readonly Message[] {
    return this.#guards.override(overrides);
  }

  get mark(): Mark | undefined {
    return this.#guards.mark;
  }

  chooseMark(): Mark | undefined {
    this.bytes.settle();
    return this.#guards.chooseMark(this.#installed.all().flatMap(({ rule }) => appliedBy(rule)));
  }

  /** Everything that it has sent, of one rule after the other: it may be read in several turns. */
  *flows(): Iterable<readonly PhysicalFlow[]> {
    for (const installed of this.#installed.all()) yield listOf(installed);
    yield* this.bytes.flows();
    yield this.#guards.flows();
  }

  /** How many entries that are. */
  get entryCount(): number {
    return this.#installed.entryCount + this.bytes.entryCount + this.#guards.flows().length;
  }

  /**
   * An entry reports its last counters. The rule's sum; and whether it was the last entry of a rule
   * that is no longer here.
   */
  ended(row: Row): (Reading & { readonly isLast: boolean }) | undefined {
    this.bytes.holdOf(row);
    const found = this.counts.ended(row);
    if (!found) return undefined;
    const isLast = found.isLast && !this.#installed.has(found.serial);
    if (isLast) this.counts.forget(found.serial);
    return { ...this.#withPassed(row, found), isLast };
  }

  /** A row of one of its entries; undefined when it is not a rule's. */
  saw(row: Row): Reading | undefined {
    this.bytes.holdOf(row);
    const found = this.counts.saw(row);
    return found && this.#withPassed(row, found);
  }

  #withPassed<T extends Seen>(row: Row, found: T): T & Pick<Reading, 'sent' | 'came'> {
    const installed = this.#installed.get(found.serial);
    return { ...found, ...passed(this.#context, this.#vswitch, installed, row, found) };
  }

  senderOf(rulebook: Rulebook, vport: number, data: Uint8Array): Rule | 'miss' | undefined {
    const hears = () => this.#context.site().snapshot.missesUp.has(this.#vswitch.name);
    return this.senders.of(rulebook, hears, vport, data);
  }

  /** Writes every rule anew, after what the context says has changed. */
  renew(): readonly Message[] {
    this.bytes.settle();
    const puts = this.#installed.all().flatMap(({ rule }) => this.#put(rule, false));
    return [...this.#guards.renew(), ...this.unstick(), ...puts];
  }

  /**
   * Adds a rule, or changes it. Entries that it, or what had its slot, had and has no more go last.
   * `isUnsure`: the datapath may not have what it was sent.
   */
  #put(rule: Rule, resets: boolean, isUnsure = false): readonly Message[] {
    this.#use(rule, 1);
    if (resets) this.counts.forget(rule.serial);
    this.senders.put(rule);
    const moves = this.#relevel();
    const before = this.#installed.inSlotOf(rule);
    const had: InstalledRule['flows'] = before?.flows ?? new Map();
    const { speaks } = this.#context.site();
    const made = entriesOf(rule, this.#vswitch, this.#context, this.#levels.of(rule.priority));
    const { flows } = made;
    // Others come down to levels that it leaves when it has left them.
    if (before !== undefined) this.#use(before.rule, -1);
    if (before !== undefined && before.rule.serial !== rule.serial) this.#forget(before.rule);
    this.#installed.set(made);
    const puts = [...flows].flatMap(([key, flow]) => {
      const old = had.get(key);
      const isSame =
        old !== undefined && !resets && old.cookie === flow.cookie && sameFlow(old, flow);
      if (isSame && !isUnsure) return [];
      const isNew = old === undefined || resets;
      if (isNew) this.counts.begins(rule.serial, key);
      return [putFlow(flow, speaks, isNew)];
    });
    return [...moves, ...puts, ...this.#delete(rule.serial, notIn(had, flows))];
  }

  /** Deletes what has the rule's slot, as a switch does. */
  #drop(rule: Rule): readonly Message[] {
    const installed = this.#installed.inSlotOf(rule);
    if (installed === undefined) return [];
    const { serial } = installed.rule;
    this.#installed.delete(serial);
    this.senders.drop(serial);
    this.#use(installed.rule, -1);
    return [...this.#delete(serial, listOf(installed)), ...this.#relevel()];
  }

  /** It has lost its slot. */
  #forget({ serial }: Rule): void {
    this.#installed.delete(serial);
    this.senders.drop(serial);
    this.counts.forget(serial);
  }

  #use(rule: Rule, by: 1 | -1): void {
    const { datapath } = this.#context.site();
    this.#levels.use(rule.priority, by, widthOf(datapath, this.#vswitch, rule));
  }

  /** Those above others last: until then frames do not meet what stands below for others. */
  #delete(serial: number, flows: readonly PhysicalFlow[]): readonly Message[] {
    this.counts.leaves(serial, flows.length);
    return flows.toReversed().map(deleteFlow);
  }

  /** Moves the rules whose level is another now that the priorities in use are others. */
  #relevel(): Message[] {
    const { levelOf } = this.#levels;
    const moved = this.#levels.shift();
    if (moved.length > 0) this.bytes.settle(levelOf);
    return moved.flatMap(([priority]) => this.#moveTo(priority));
  }

  #moveTo(priority: number): readonly Message[] {
    const { speaks } = this.#context.site();
    const messages: Message[] = [];
    const all = this.#installed.all().filter(({ rule }) => rule.priority === priority);
    for (const { rule, flows } of all.sort((a, b) => a.rule.serial - b.rule.serial)) {
      const moved = entriesOf(rule, this.#vswitch, this.#context, this.#levels.of(rule.priority));
      this.#installed.set(moved);
      const [come, gone] = [notIn(moved.flows, flows), notIn(flows, moved.flows)];
      messages.push(...come.map((flow) => putFlow(flow, speaks, true)));
      messages.push(...this.#delete(rule.serial, gone));
    }
    return messages;
  }
}
