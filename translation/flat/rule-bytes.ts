/**
 * Rules of a flat body that are sent as bytes, and kept as such: a rule's entries are computed as
 * values when somebody asks for them, and until then only its own frame is kept. An operation on
 * all of them decodes all, in steps where they are many (unsettled-rules.ts).
 */
import type { Writer } from '../../openflow/layout/writer.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { contentOfRun, type RuleRun, saidIn } from '../../slices/rules/rule-run.ts';
import type { Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { readCookie } from '../entries/pipeline.ts';
import { entriesOf } from './context.ts';
import { type FlatForm, FlatForms, type Made, writeForm } from './flow-mod-bytes.ts';
import { type InstalledRules, listOf } from './installed-rules.ts';
import { KeptRules } from './kept-rules.ts';
import type { LevelOf } from './priority-map.ts';
import { RuleChanges } from './rule-changes.ts';
import type { Row } from './rule-counters.ts';
import { contentIn, type FormsOwner, ownEntries, sampleRule } from './rule-entries.ts';
import type { Settles } from './unsettled-rules.ts';
import { putFlow } from './wiring.ts';

/** The body that they are of. */
interface RuleBytesOwner extends FormsOwner {
  /** Rules that are values. */
  readonly installed: InstalledRules;
  use(rule: Rule, by: 1 | -1): void;
  forget(rule: Rule): void;
}

export class RuleBytes implements Settles {
  readonly #owner: RuleBytesOwner;
  readonly #kept = new KeptRules();
  readonly #forms = new FlatForms();
  readonly #changes: RuleChanges;
  /** What the forms are of, and the book that the rules are in. */
  #formsOf: Snapshot | undefined;
  #book: Rulebook | undefined;
  /** By place in the run that is being carried out. */
  readonly #run: FlatForm[] = [];
  /** Who waits until they are settled. */
  #waits = 0;

  constructor(owner: RuleBytesOwner) {
    this.#owner = owner;
    this.#changes = new RuleChanges(owner, this.#kept);
  }

  /**
   * What makes others of rules that stand as bytes, or takes them out; undefined while new ones are
   * values, which one that is changed would be, too.
   */
  changes(book: Rulebook, snapshot: Snapshot): RuleChanges | undefined {
    if (this.#isAwaited) return undefined;
    this.#follow(book, snapshot);
    this.#changes.of(book, snapshot);
    return this.#changes;
  }

  get #isAwaited(): boolean {
    return this.#waits > 0 || this.#owner.context.unsettled.isAwaited;
  }

  #follow(book: Rulebook, snapshot: Snapshot): void {
    if (this.#formsOf !== snapshot) this.#forget();
    this.#formsOf = snapshot;
    this.#book = book;
  }

  /** What is made of rules has become another thing. */
  #forget(): void {
    this.#forms.clear();
    this.#changes.forget();
  }

  /**
   * How many of a run can go down as bytes: those before the first that value code has to look at.
   * What that would refuse, it is to refuse. Hot.
   */
  fit(run: RuleRun, book: Rulebook, snapshot: Snapshot): number {
    if (this.#isAwaited) return 0;
    this.#follow(book, snapshot);
    book.arena.hashAll(run);
    run.isHashed = true;
    run.hasLevels = true;
    const { speaks } = this.#owner.context.site();
    let before: FlatForm | undefined;
    for (let i = 0; i < run.count; i++) {
      const form = this.#forms.of(run, i, speaks, before, () => this.#make(run, i, book, snapshot));
      if (form === undefined || !this.#isFit(form, run, i, before, book)) return i;
      run.messages[i] = form.all.length;
      run.level[i] = form.level;
      this.#run[i] = form;
      before = form;
    }
    return run.count;
  }

  #isFit(
    form: FlatForm,
    run: RuleRun,
    i: number,
    before: FlatForm | undefined,
    { arena }: Rulebook,
  ): boolean {
    const { priority, level, width, all } = form;
    const levels = this.#owner.levels();
    const isMoved = level !== levels.of(priority);
    if (isMoved) this.#forget();
    if (isMoved || !levels.holds(priority, width)) return false;
    // One that is replaced within the run has as many entries.
    if (before !== undefined && before.all.length !== all.length) return false;
    // What takes over counters is changed, and not added: one of the run, too, may be replaced.
    if (run.resets[i] === 0 && run.hasLike(i)) return false;
    const slot = arena.existing(run, i);
    if (slot === 0) return true;
    const serial = arena.serialOf(slot);
    const entries =
      this.#kept.get(serial)?.entries ?? this.#owner.installed.get(serial)?.flows.size;
    return run.resets[i] !== 0 && entries === all.length;
  }

  /** What a rule becomes here, if it changes nothing but its own entries. */
  #make(run: RuleRun, i: number, book: Rulebook, snapshot: Snapshot): Made | undefined {
    const rule = sampleRule(book, run.dv, run.at[i] as number, contentOfRun(run, i));
    const added = { type: 'add', rule, replaced: undefined, resets: true } as const;
    const made = ownEntries(this.#owner, added, snapshot);
    if (made === undefined || !this.#owner.levels().holds(made.priority, made.width))
      return undefined;
    const { speaks } = this.#owner.context.site();
    const { flows, ...rest } = made;
    return { mods: [...flows.values()].map((flow) => putFlow(flow, speaks, true)), ...rest };
  }

  /** Appends what goes down for a run that `fit` and was placed. Hot. */
  write(out: Writer, run: RuleRun, xid: number): void {
    this.#kept.begin(run);
    let next = xid;
    for (let i = 0; i < run.count; i++) {
      const form = this.#run[i] as FlatForm;
      const serial = run.serial[i] as number;
      writeForm(out, form, run.dv, run.at[i] as number, serial, next);
      next += form.all.length;
      this.#replaced(run.replaced[i] as number, form);
      this.#kept.put(run, i, form.all.length, form.width);
    }
  }

  /** It stands in the place of another; the levels that a priority takes stay. */
  #replaced(serial: number, { priority, width }: FlatForm): void {
    const kept = this.#kept.get(serial);
    const installed = kept === undefined ? this.#owner.installed.get(serial) : undefined;
    if (kept !== undefined) this.#kept.delete(serial);
    if (kept?.width === width) return;
    const levels = this.#owner.levels();
    levels.use(priority, 1, width);
    if (kept !== undefined) levels.use(priority, -1, kept.width);
    if (installed === undefined) return;
    this.#owner.use(installed.rule, -1);
    this.#owner.forget(installed.rule);
  }

  /** How many there are. */
  get size(): number {
    return this.#kept.size;
  }

  /** Rules are values from now on, before what they become is another thing. */
  settle(levelOf: LevelOf = this.#owner.levels().levelOf): void {
    for (const serial of [...this.#kept.serials()]) this.hold(serial, levelOf);
    this.#kept.trim();
    this.#forget();
  }

  settleSome(): void {
    const some: number[] = [];
    for (const serial of this.#kept.serials()) if (some.push(serial) >= limits.slotsPerStep) break;
    for (const serial of some) this.hold(serial);
    this.#kept.trim();
  }

  get isUnsettled(): boolean {
    return this.size > limits.rulesSettledMax;
  }

  await(): void {
    this.#waits += 1;
  }

  endAwait(): void {
    this.#waits -= 1;
  }

  /** The same of one rule. */
  hold(serial: number, levelOf: LevelOf = this.#owner.levels().levelOf): void {
    const rule = this.#rule(serial);
    if (rule === undefined) return;
    const { installed, counts, use, forget } = this.#owner;
    this.#kept.delete(serial);
    const before = installed.inSlotOf(rule);
    if (before !== undefined) {
      use(before.rule, -1);
      forget(before.rule);
    }
    const made = entriesOf(
      rule,
      this.#owner.vswitch(),
      this.#owner.context,
      levelOf(rule.priority),
    );
    installed.set(made);
    for (const key of made.flows.keys()) counts.begins(serial, key);
  }

  /** The same of the one whose entry says what it has counted. */
  holdOf({ cookie }: Pick<Row, 'cookie'>): void {
    if (this.size > 0) this.hold(readCookie(cookie)?.serial ?? 0);
  }

  /** What they have on the datapath, one rule after the other. */
  *flows(): Iterable<readonly PhysicalFlow[]> {
    for (const serial of [...this.#kept.serials()]) {
      const rule = this.#rule(serial);
      if (rule === undefined) continue;
      const level = this.#owner.levels().levelOf(rule.priority);
      yield listOf(entriesOf(rule, this.#owner.vswitch(), this.#owner.context, level));
    }
  }

  /** How many that are. */
  get entryCount(): number {
    return this.#kept.entryCount;
  }

  /** The rule as a value, with the counters that it has in its book. */
  #rule(serial: number): Rule | undefined {
    const kept = this.#kept.get(serial);
    if (kept === undefined || this.#book === undefined) return undefined;
    const placed = { serial, revision: kept.revision, replaced: 0, resets: true };
    const { dv } = kept.chunk;
    return this.#book.placed(placed, saidIn(dv, kept.at), { content: contentIn(kept) }, 0).rule;
  }
}
