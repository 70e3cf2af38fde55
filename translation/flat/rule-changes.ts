/**
 * Changes of rules that stand as bytes on a flat datapath (rule-bytes.ts): rules that do something
 * else, and rules that go, from runs that name each exactly. What is sent is found out by value
 * code once for each form, which here is a rule as it was with what it is to do behind it.
 *
 *   know (nothing has changed yet)  -->  the rulebook is changed  -->  make: of each  -->  write
 */
import { FramePattern, PatternMemory } from '../../openflow/layout/repeated-frames.ts';
import { Writer } from '../../openflow/layout/writer.ts';
import { freeFields } from '../../openflow/match/byte-fields.ts';
import { flowMod, header } from '../../openflow/messages/messages.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { record } from '../../slices/rules/rule-record.ts';
import { contentOfRun, type RuleRun } from '../../slices/rules/rule-run.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { isDeletion } from '../../slices/rules/strict-changes.ts';
import { deleteFlow, sameFlow } from '../entries/physical-tables.ts';
import { entriesOf, type InstalledRule } from './context.ts';
import { type Below, belowOf, keyOf, ownRuns, writeForm } from './flow-mod-bytes.ts';
import type { Kept, KeptRules } from './kept-rules.ts';
import type { Use } from './priority-map.ts';
import { contentIn, type FormsOwner, ownEntries, sampleRule } from './rule-entries.ts';
import { putFlow } from './wiring.ts';

/** Forms that one request may have made: each takes as long as a rule by values. */
const NEW_FORMS_MAX = 8;

interface Form {
  readonly pattern: FramePattern;
  readonly level: number;
  /** What is sent for each rule; undefined where values have to say it. */
  readonly all: readonly Below[] | undefined;
}

/** What was made for the run of now: nothing of it is needed afterwards. */
const sent = new Writer(limits.outboxBytesAtFirst);
/** A rule as it was, and what it is to do. */
const scratch = new Writer(limits.outboxBytesAtFirst);

export class RuleChanges {
  readonly #owner: FormsOwner;
  readonly #kept: KeptRules;
  readonly #gone = new PatternMemory<Form>(limits.flowModFormsMax);
  readonly #modified = new PatternMemory<Form>(limits.flowModFormsMax);
  /** By place in the run. */
  readonly #run: Form[] = [];
  #book: Rulebook | undefined;
  #snapshot: Snapshot | undefined;

  constructor(owner: FormsOwner, kept: KeptRules) {
    this.#owner = owner;
    this.#kept = kept;
  }

  of(book: Rulebook, snapshot: Snapshot): void {
    this.#book = book;
    this.#snapshot = snapshot;
  }

  forget(): void {
    this.#gone.clear();
    this.#modified.clear();
  }

  /** Another run. */
  begin(): void {
    sent.reset();
  }

  /** The messages of the run, one behind the other, without ids; until another run begins. */
  get frames(): Writer {
    return sent;
  }

  /**
   * Whether those of a run from its `from`-th to before its `end`-th, whose rules' serials it has,
   * can be carried out here: each in the rulebook first, and then by `make`. Hot.
   */
  know(run: RuleRun, from: number, end: number): boolean {
    const isAmongOthers = end > from + 1;
    let [isKnown, left] = [true, NEW_FORMS_MAX];
    const uses: Use[] = [];
    for (let i = from; i < end; i++) {
      const kept = this.#kept.get(run.serial[i] as number);
      if (kept === undefined) return false;
      const priority = flowMod.get.priority(run.dv, run.at[i] as number);
      let form = this.#find(run, i, kept);
      if (form === undefined && left > 0) {
        form = this.#makeAgain(run, i, kept, isAmongOthers);
        left -= 1;
      }
      if (form?.all === undefined || !this.#isAsBefore(form, priority, kept)) isKnown = false;
      else this.#run[i] = form;
      if (isDeletion(run, i)) uses.push({ priority, by: -1, width: kept.width });
    }
    return isKnown && (uses.length === 0 || !this.#owner.levels().wouldMove(uses));
  }

  /** Whether a rule is at the level that its form is of, and takes as many. */
  #isAsBefore({ level }: Form, priority: number, { width }: Kept): boolean {
    const levels = this.#owner.levels();
    const isMoved = level !== levels.of(priority);
    if (isMoved) this.forget();
    return !isMoved && levels.holds(priority, width);
  }

  #memory(run: RuleRun, i: number): PatternMemory<Form> {
    return isDeletion(run, i) ? this.#gone : this.#modified;
  }

  #find(run: RuleRun, i: number, kept: Kept): Form | undefined {
    const size = asked(run, i, kept);
    return this.#memory(run, i).find(keyOf(scratch.dv, 0, size), scratch.dv, 0, size);
  }

  #makeAgain(run: RuleRun, i: number, kept: Kept, isAmongOthers: boolean): Form | undefined {
    const size = scratch.at;
    const memory = this.#memory(run, i);
    const key = keyOf(scratch.dv, 0, size);
    if (!memory.isAgain(key) && !isAmongOthers) return undefined;
    const own = freeFields(scratch.dv, flowMod.size);
    const free = own.map((one) => [flowMod.size + one.at, one.size] as const);
    const pattern = new FramePattern(scratch.dv, 0, size, [...ownRuns, ...free]);
    const { speaks } = this.#owner.context.site();
    const mods = this.#modsOf(run, i, kept);
    const level = this.#owner.levels().of(flowMod.get.priority(run.dv, run.at[i] as number));
    return memory.put(key, { pattern, level, all: mods?.map((mod) => belowOf(mod, speaks, own)) });
  }

  /** What values would send; undefined when that is more than its entries are. */
  #modsOf(run: RuleRun, i: number, kept: Kept): readonly FlowMod[] | undefined {
    const [book, snapshot] = [this.#book, this.#snapshot];
    if (book === undefined || snapshot === undefined) return undefined;
    const { context, levels } = this.#owner;
    const { dv } = kept.chunk;
    const before = sampleRule(book, dv, kept.at, contentIn(kept));
    const level = levels().of(before.priority);
    const had = entriesOf(before, this.#owner.vswitch(), context, level).flows;
    if (had.size !== kept.entries) return undefined;
    if (isDeletion(run, i)) return [...had.values()].toReversed().map(deleteFlow);
    const rule = sampleRule(book, dv, kept.at, contentOfRun(run, i));
    const made = ownEntries(
      this.#owner,
      { type: 'modify', rule, before, resets: false },
      snapshot,
    );
    if (made === undefined || made.width !== kept.width) return undefined;
    return changedIn(made.flows, had)?.map((flow) => putFlow(flow, context.site().speaks, false));
  }

  /** One of a run that is `known` has changed in the rulebook: so it does here. Hot. */
  make(run: RuleRun, i: number): void {
    const { counts, levels } = this.#owner;
    const { all } = this.#run[i] as Form;
    const serial = run.serial[i] as number;
    const kept = this.#kept.get(serial);
    if (all === undefined || kept === undefined) throw new Error('a change without a form');
    run.messages[i] = all.length;
    writeForm(sent, { all }, kept.chunk.dv, kept.at, serial, 0);
    if (!isDeletion(run, i)) {
      this.#keepModified(run, i, kept);
      return;
    }
    const { entries, width } = kept;
    this.#kept.delete(serial);
    this.#kept.trim();
    counts.isNew(serial);
    counts.leaves(serial, entries);
    levels().use(flowMod.get.priority(run.dv, run.at[i] as number), -1, width);
    if (levels().shift().length > 0) throw new Error('a rule that goes moves others');
  }

  /** As a run that was added: the rule's own frame, with what it does now. */
  #keepModified(run: RuleRun, i: number, { chunk, at, matchSize }: Kept): void {
    const serial = run.serial[i] as number;
    const arena = this.#book?.arena;
    if (arena === undefined) throw new Error('no rulebook');
    const slot = arena.bySerial(serial);
    const [own, ownAt] = [arena.dv(slot), arena.at(slot)];
    scratch.reset();
    scratch.putFrom(chunk.dv, at, flowMod.size + matchSize);
    putInstructions(run, i);
    flowMod.set.cookie(scratch.dv, 0, record.get.cookie(own, ownAt));
    if (!scratch.endFrame(0)) throw new Error('a rule that is kept fits a frame');
    this.#kept.replace(serial, scratch, record.get.revision(own, ownAt));
  }

  /** As `FlowModForms.write`. Hot. */
  write(out: Writer, _run: RuleRun, xid: number): void {
    const start = out.at;
    out.put(sent.bytes.subarray(0, sent.at));
    let next = xid;
    for (let at = start; at < out.at; at += header.get.length(out.dv, at)) {
      header.set.xid(out.dv, at, next++);
    }
  }
}

/** Puts what is asked of a rule into `scratch`; its size. */
function asked(run: RuleRun, i: number, { chunk, at, size }: Kept): number {
  scratch.reset();
  scratch.putFrom(chunk.dv, at, size);
  if (!isDeletion(run, i)) putInstructions(run, i);
  return scratch.at;
}

function putInstructions(run: RuleRun, i: number): void {
  const at = (run.at[i] as number) + flowMod.size + (run.matchSize[i] as number);
  scratch.putFrom(run.dv, at, run.instructionsSize[i] as number);
}

/** Those that do something else; undefined when not the same entries are there. */
function changedIn(flows: InstalledRule['flows'], had: InstalledRule['flows']) {
  if (flows.size !== had.size) return undefined;
  const changed = [];
  for (const [key, flow] of flows) {
    const old = had.get(key);
    if (old === undefined) return undefined;
    if (old.cookie !== flow.cookie || !sameFlow(old, flow)) changed.push(flow);
  }
  return changed;
}
