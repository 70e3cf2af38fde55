/**
 * A vswitch's flow-mods that stay bytes on their way into the rulebook, the store, and down
 * (translation/pipeline/flow-mod-bytes.ts says which). All others are decoded, and handled by
 * changes.ts.
 */

import { type Version, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { FlowMod, Instruction } from '../../openflow/values/values.ts';
import { LazyMap } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';
import type { Cursor } from '../../slices/rules/cursor.ts';
import { RuleRun } from '../../slices/rules/rule-run.ts';
import type { Origin } from '../../translation/controllers/verdict.ts';
import { tagWays } from '../../translation/datapath/tag-ways.ts';
import { bind } from '../../translation/entries/tenant-tables.ts';
import type { RuleChanges } from '../../translation/flat/rule-changes.ts';
import { readFlowMods } from '../../translation/pipeline/flow-mod-bytes.ts';
import { FlowModForms } from '../../translation/requests/flow-mod-forms.ts';
import type { FormCommands } from '../../translation/requests/form-commands.ts';
import { RuleForms } from '../../translation/requests/rule-forms.ts';
import type { Channel } from '../channel/channel.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { RunWriter, Told } from '../datapath/writer.ts';
import { keepFlowMods, kept, perform } from '../store/ready.ts';
import type { RuleValues } from '../store/rule-source.ts';
import { ChangedRules } from './changed-rules.ts';
import type { FlowModsContext, FlowModsOwner } from './flow-mods-user.ts';
import { LooseFlowMods } from './loose-flow-mods.ts';
import { StrictFlowMods } from './strict-flow-mods.ts';
import { UnansweredFlowMods } from './unanswered-flow-mods.ts';

/** What changes rules that are there. */
interface Changing {
  readonly strict: StrictFlowMods;
  readonly loose: LooseFlowMods;
}

export class FlowMods {
  readonly #context: FlowModsContext;
  readonly #owner: FlowModsOwner;
  /** Looked up with the first rule. */
  #storedRules: RuleValues | undefined;
  /** What was sent last: more may join it. */
  #sent: UnansweredFlowMods | undefined;
  /** Where they go now, and the first id there. */
  readonly #targets: Datapath[] = [];
  readonly #firstXids: number[] = [];
  /** What flow-mods become that are not plain, when there was one; by version. */
  readonly #forms = new LazyMap<Version, FlowModForms>();
  readonly #strictForms = new LazyMap<Version, FlowModForms>();
  readonly #looseForms = new LazyMap<Version, FlowModForms>();
  /** What becomes of rules below that one of the last is about. */
  #ruleForms: RuleForms | undefined;
  #changing: Changing | undefined;
  /** By which meter packets go up there (translation/entries/punt.ts). */
  #punt: number | undefined;

  /** Whether nothing waits that came before, and no copy is to be told of changes. */
  readonly #mayRelay: () => boolean;

  constructor(context: FlowModsContext, owner: FlowModsOwner, mayRelay: () => boolean) {
    this.#context = context;
    this.#owner = owner;
    this.#mayRelay = mayRelay;
  }

  /**
   * Takes a flow-mod and those behind it, as far as they may stay bytes. Answers how many bytes
   * were taken. Hot.
   */
  relay(from: Channel, dv: DataView, at: number, end: number): number {
    if (this.#owner.flowUpdates.areWanted) return 0;
    const flat = this.#findTargets();
    if (this.#targets.length === 0) return 0;
    run.count = 0;
    if (from.version === version.of13) readFlowMods(run, dv, at, end);
    const forms = run.count > 0 ? undefined : this.#formsOf(from.version, 'add');
    forms?.read(run, dv, at, end, flat === undefined);
    if (run.count === 0) return this.#relayChange(from, dv, at, end, flat);
    const { rulebook, traffic, vswitch } = this.#owner;
    const body = flat?.bodyOf(vswitch);
    if (body !== undefined) run.cut(body.bytes.fit(run, rulebook, this.#context.snapshot()));
    run.cut(traffic.mostChanges(run.count, from.takenMs));
    const placed = rulebook.place(run, from.takenMs);
    // What does not fit is refused where values are (changes.ts).
    run.cut(placed);
    if (placed === 0) return 0;
    traffic.heard('changes', placed, from.takenMs);
    this.#sendRun(from, body?.bytes ?? forms);
    return run.fromSize;
  }

  /** The same of those that change or delete. */
  #relayChange(
    from: Channel,
    dv: DataView,
    at: number,
    end: number,
    datapath: Datapath['flat'],
  ): number {
    if (this.#owner.rulebook.isUnused) return 0;
    const flat = this.#flatChanges(datapath);
    if (datapath !== undefined && flat === undefined) return 0;
    const { strict, loose } = this.#changes();
    const targets = this.#targets;
    const forms = this.#formsOf(from.version, 'strict');
    const taken = strict.relay(from, dv, at, end, { targets, forms, flat });
    if (taken > 0) return taken;
    const looseForms = this.#formsOf(from.version, 'loose');
    const rules = flat ?? this.#formsOfRules();
    return loose.relay(from, dv, at, end, { targets, rules, forms: looseForms });
  }

  /** What carries changes out on a datapath with one table, if that may be bytes now. */
  #flatChanges(datapath: Datapath['flat']): RuleChanges | undefined {
    const { rulebook, vswitch } = this.#owner;
    return datapath?.bodyOf(vswitch).bytes.changes(rulebook, this.#context.snapshot());
  }

  /** As `LooseFlowMods.part`, where rules of this vswitch may change as bytes now. */
  part(mod: FlowMod, cursor: Cursor, origin: Origin, nowMs: number): boolean {
    if (this.#owner.flowUpdates.areWanted || !this.#mayRelay()) return false;
    const flat = this.#findTargets();
    if (this.#targets.length === 0) return false;
    const rules = flat === undefined ? this.#formsOfRules() : this.#flatChanges(flat);
    if (rules === undefined) return false;
    const below = { targets: this.#targets, rules };
    return this.#changes().loose.part(mod, cursor, origin, nowMs, below);
  }

  #changes(): Changing {
    if (this.#changing !== undefined) return this.#changing;
    const [owner, sent] = [this.#owner, new ChangedRules(this.#context, this.#owner)];
    const made = { strict: new StrictFlowMods(owner, sent), loose: new LooseFlowMods(owner, sent) };
    this.#changing = made;
    return made;
  }

  #formsOfRules(): RuleForms {
    this.#forgetOld();
    this.#ruleForms ??= new RuleForms(this.#owner.vswitch);
    return this.#ruleForms;
  }

  /** Forms of another way up are not what they were. */
  #forgetOld(): void {
    const punt = this.#owner.vswitch.puntMeter?.id;
    if (punt === this.#punt) return;
    this.#punt = punt;
    for (const one of [this.#forms, this.#strictForms, this.#looseForms]) one.clear();
    this.#ruleForms = undefined;
  }

  #formsOf(speaks: Version, commands: FormCommands): FlowModForms {
    this.#forgetOld();
    const ofChanges = commands === 'strict' ? this.#strictForms : this.#looseForms;
    const all = commands === 'add' ? this.#forms : ofChanges;
    const known = all.get(speaks);
    if (known !== undefined) return known;
    const { vswitch } = this.#owner;
    const made = new FlowModForms(speaks, vswitch, (named) => this.#bind(named), commands);
    all.set(speaks, made);
    return made;
  }

  /** What is named has to be there, whatever bodies still answer. */
  #bind(named: readonly Instruction[]): readonly Instruction[] | undefined {
    const { groups, meters, unanswered } = this.#owner;
    if (unanswered.isOfUsed) return undefined;
    const bound = bind({ groups: groups.table, meters: meters.table }, named);
    return isError(bound) ? undefined : bound;
  }

  /**
   * The datapaths of all bodies that hold rules, if none of their ways knows one tag: what goes
   * down is the same on each. Or the one that there is, with one table, which it answers. None when
   * one of them takes no changes, or bodies are of both kinds: that is for values.
   */
  #findTargets(): Datapath['flat'] {
    const targets = this.#targets;
    targets.length = 0;
    const { placement, vswitch, excluded, bodyRules } = this.#owner;
    const { bodies } = placement;
    if (bodies.length > 1 && !bodyRules.areAll) return undefined;
    for (const on of bodies) {
      const datapath = this.#context.datapath(on);
      const { flat, writer } = datapath;
      if (flat !== undefined && bodies.length === 1) {
        if (writer.takesChanges) targets.push(datapath);
        return flat;
      }
      const isOdd = flat !== undefined || tagWays(this.#context.snapshot(), vswitch, on).size > 0;
      const isLeftOut = bodies.length > 1 && excluded.leavesOut(on);
      if (isOdd || (!isLeftOut && !writer.takesChanges)) {
        targets.length = 0;
        return undefined;
      }
      if (!isLeftOut) targets.push(datapath);
    }
    return undefined;
  }

  /**
   * What was placed is kept and sent down: a Ready (store/ready.ts) without a value for it, since
   * nothing is allocated here.
   */
  #sendRun(from: Channel, writes: RunWriter | undefined): void {
    const { count, messageCount } = run;
    const { journal } = this.#context;
    const [targets, firstXids] = [this.#targets, this.#firstXids];
    for (let to = 0; to < targets.length; to++) {
      firstXids[to] = (targets[to] as Datapath).writer.reserve(messageCount);
    }
    const sent = this.#batch(from);
    const kept = sent.add(run, journal.dateOf(from.takenMs));
    keepFlowMods(journal, this.#stored(), kept, run.serial[count - 1] as number);
    for (let i = 0; i < count; i++) {
      if (run.replaced[i] !== 0) {
        this.#onReplaced(i);
        sent.holds = true;
      }
      if (run.hasTimeout(i)) this.#owner.counters.start();
    }
    this.#owner.singleBody.noteRun(run);
    for (let to = 0; to < targets.length; to++) {
      const { writer } = targets[to] as Datapath;
      const told = sent.told[to] as Told;
      writer.flowMods(run, this.#owner.vswitch, writes, firstXids[to] as number, told);
    }
  }

  #stored(): RuleValues {
    this.#storedRules ??= this.#context.journal.storedRulesOf(this.#owner.vswitch.name);
    return this.#storedRules;
  }

  /** What was replaced is remembered until nobody can refuse what replaced it. */
  #onReplaced(i: number): void {
    const { rulebook } = this.#owner;
    const { arena } = rulebook;
    arena.hold(arena.goneBySerial(run.replaced[i] as number));
    const slot = run.resets[i] === 0 ? arena.bySerial(run.serial[i] as number) : 0;
    // What it has taken over is nowhere else, if the store is being made anew (compaction.ts).
    if (slot !== 0 && arena.counters.hasBase(slot)) {
      const entry = { type: 'ruleAt', storedRules: this.#stored(), rules: rulebook, slot } as const;
      perform(this.#context.journal, kept([entry]));
    }
  }

  #batch(from: Channel): UnansweredFlowMods {
    const [targets, firstXids] = [this.#targets, this.#firstXids];
    if (this.#sent?.isJoinedBy(from, targets, firstXids)) return this.#sent;
    this.#sent = new UnansweredFlowMods(this.#context, this.#owner, from, targets, firstXids);
    return this.#sent;
  }
}

/** What is being carried out now: nothing of it is needed afterwards. */
const run = new RuleRun(limits.flowModsAtOnce);
