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
import type { Version } from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { record } from '../../slices/rules/rule-record.ts';
import { contentOfRun, type RuleRun } from '../../slices/rules/rule-run.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { isDeletion } from '../../slices/rules/strict-changes.ts';
import { deleteFlow, type PhysicalFlow, sameFlow } from '../entries/physical-tables.ts';
import { entriesOf, type InstalledRule } from './context.ts';
import { type Below, belowOf, keyOf, ownRuns, writeForm } from './flow-mod-bytes.ts';
import { notIn } from './installed-rules.ts';
import type { Kept, KeptRules } from './kept-rules.ts';
import type { LevelTable, Use, Width } from './priority-map.ts';
import { contentIn, type FormsOwner, ownEntries, sampleRule } from './rule-entries.ts';
import { putFlow } from './wiring.ts';

/** Forms that one request may have made: each takes as long as a rule by values. */
const NEW_FORMS_MAX = 8;

interface Form {
  readonly pattern: FramePattern;
  readonly level: number;
  /** Undefined where values have to say it. */
  readonly made: Made | undefined;
}

/** What becomes of each rule of a form. */
interface Made {
  /** What is sent. */
  readonly all: readonly Below[];
  /** Entries that go, and those that the rule has then, and the levels that it takes. */
  readonly gone: number;
  readonly entries: number;
  readonly width: Width;
}

/** The same in messages. */
interface Sent extends Omit<Made, 'all'> {
  readonly mods: readonly FlowMod[];
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
  readonly #run: Made[] = [];
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
      if (form?.made === undefined || !this.#isAt(form.level, priority)) isKnown = false;
      else {
        this.#run[i] = form.made;
        isKnown &&= this.#use(isDeletion(run, i), priority, kept.width, form.made.width, uses);
      }
    }
    return isKnown && (uses.length === 0 || !this.#owner.levels().wouldMove(uses));
  }

  /** Whether rules of a priority are at the level that a form is of. */
  #isAt(level: number, priority: number): boolean {
    const isSame = level === this.#owner.levels().of(priority);
    if (!isSame) this.forget();
    return isSame;
  }

  /** Notes how a rule's levels become others; false where there may be none for it. */
  #use(isGone: boolean, priority: number, before: Width, now: Width, uses: Use[]): boolean {
    if (!isGone && !this.#owner.levels().holds(priority, now)) return false;
    if (!isGone && now !== before) uses.push({ priority, by: 1, width: now });
    if (isGone || now !== before) uses.push({ priority, by: -1, width: before });
    return true;
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
    const level = this.#owner.levels().of(flowMod.get.priority(run.dv, run.at[i] as number));
    const found = this.#sentBy(run, i, kept);
    const made = found && { ...found, all: found.mods.map((mod) => belowOf(mod, speaks, own)) };
    return memory.put(key, { pattern, level, made });
  }

  /** By values; undefined when that is more than the rule's own entries. */
  #sentBy(run: RuleRun, i: number, kept: Kept): Sent | undefined {
    const [book, snapshot] = [this.#book, this.#snapshot];
    if (book === undefined || snapshot === undefined) return undefined;
    const { context, levels } = this.#owner;
    const { dv } = kept.chunk;
    const before = sampleRule(book, dv, kept.at, contentIn(kept));
    const level = levels().of(before.priority);
    const had = entriesOf(before, this.#owner.vswitch(), context, level).flows;
    if (had.size !== kept.entries) return undefined;
    if (isDeletion(run, i)) {
      const mods = deletes([...had.values()]);
      return { mods, gone: had.size, entries: 0, width: kept.width };
    }
    const rule = sampleRule(book, dv, kept.at, contentOfRun(run, i));
    const modify = { type: 'modify', rule, before, resets: false } as const;
    const made = ownEntries(this.#owner, modify, snapshot);
    if (made === undefined) return undefined;
    const { flows, width } = made;
    const gone = notIn(had, flows);
    const mods = [...puts(had, flows, context.site().speaks), ...deletes(gone)];
    return { mods, gone: gone.length, entries: flows.size, width };
  }

  /** One of a run that is `known` has changed in the rulebook: so it does here. Hot. */
  make(run: RuleRun, i: number): void {
    const levels = this.#owner.levels();
    const made = this.#run[i] as Made;
    const serial = run.serial[i] as number;
    const kept = this.#kept.get(serial);
    if (kept === undefined) throw new Error('a rule that does not stand as bytes');
    run.messages[i] = made.all.length;
    writeForm(sent, made, kept.chunk.dv, kept.at, serial, 0);
    const priority = flowMod.get.priority(run.dv, run.at[i] as number);
    // As values do, what comes is there before what it replaces has gone.
    if (!isDeletion(run, i)) {
      if (made.width !== kept.width) levels.use(priority, 1, made.width);
      stay(levels);
      if (made.width !== kept.width) levels.use(priority, -1, kept.width);
      this.#keepModified(run, i, kept, made);
    } else {
      this.#kept.delete(serial);
      this.#kept.trim();
      levels.use(priority, -1, kept.width);
      stay(levels);
    }
    this.#leave(serial, made.gone);
  }

  /** Entries go, and will say what they have counted, which was nothing when they came. */
  #leave(serial: number, entries: number): void {
    if (entries === 0) return;
    const { counts } = this.#owner;
    counts.isNew(serial);
    counts.leaves(serial, entries);
  }

  /** As a run that was added: the rule's own frame, with what it does now. */
  #keepModified(run: RuleRun, i: number, { chunk, at, matchSize }: Kept, made: Made): void {
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
    const { entries, width } = made;
    this.#kept.replace(serial, scratch, {
      revision: record.get.revision(own, ownAt),
      entries,
      width,
    });
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

/** It was known that no rule moves. */
function stay(levels: LevelTable): void {
  if (levels.shift().length > 0) throw new Error('a change of a rule moves others');
}

/** What makes of the entries that a rule had those that it has. */
function puts(
  had: InstalledRule['flows'],
  flows: InstalledRule['flows'],
  speaks: Version,
): readonly FlowMod[] {
  return [...flows].flatMap(([key, flow]) => {
    const old = had.get(key);
    const isSame = old !== undefined && old.cookie === flow.cookie && sameFlow(old, flow);
    return isSame ? [] : [putFlow(flow, speaks, old === undefined)];
  });
}

/** Those above others last, as body.ts has it. */
function deletes(flows: readonly PhysicalFlow[]): readonly FlowMod[] {
  return flows.toReversed().map(deleteFlow);
}
