/**
 * A vswitch's modifies and deletes that name one rule exactly, on their way as bytes: the rulebook
 * finds and changes that, the store and the bodies get what has changed. What they become below is
 * found out once for each form (translation/requests/flow-mod-forms.ts). All others are values.
 */

import { Writer } from '../../openflow/layout/writer.ts';
import { flowMod } from '../../openflow/messages/messages.ts';
import { limits } from '../../slices/limits.ts';
import { RuleRun } from '../../slices/rules/rule-run.ts';
import { isDeletion } from '../../slices/rules/strict-changes.ts';
import { nameOf } from '../../translation/changes/returning-rules.ts';
import type { FlowModForms } from '../../translation/requests/flow-mod-forms.ts';
import type { Channel } from '../channel/channel.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Told } from '../datapath/writer.ts';
import type { Entry } from '../store/journal-entries.ts';
import { kept, perform } from '../store/ready.ts';
import type { FlowModsContext, FlowModsOwner } from './flow-mods.ts';
import { UnansweredStrictMods } from './unanswered-strict-mods.ts';

export class StrictFlowMods {
  readonly #context: FlowModsContext;
  readonly #owner: FlowModsOwner;
  /** What was sent last: more may join it. */
  #sent: UnansweredStrictMods | undefined;
  readonly #firstXids: number[] = [];

  constructor(context: FlowModsContext, owner: FlowModsOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** As `FlowMods.relay`, to these datapaths, all with several tables. Hot. */
  relay(
    from: Channel,
    dv: DataView,
    at: number,
    end: number,
    { targets, forms }: { targets: readonly Datapath[]; forms: FlowModForms },
  ): number {
    const { rulebook, traffic } = this.#owner;
    if (rulebook.isUnused) return 0;
    forms.read(run, dv, at, end, true);
    if (run.count === 0) return 0;
    run.cut(traffic.mostChanges(run.count, from.takenMs));
    rulebook.arena.hashAll(run);
    run.cut(this.#change(from.takenMs));
    if (run.count === 0) return 0;
    traffic.heard('changes', run.count, from.takenMs);
    const { messageCount } = run;
    if (messageCount > 0) this.#send(from, targets, forms, messageCount);
    return run.fromSize;
  }

  /** How many of the run are in the rulebook; values decide what is behind them. */
  #change(nowMs: number): number {
    const { rulebook, unanswered } = this.#owner;
    changed.reset();
    for (let i = 0; i < run.count; i++) {
      const name = nameIn(i);
      // What a datapath does not let go is there for the request behind it.
      if (unanswered.returning.mayBeNamed(name) || isAgain(i, name)) return i;
      names[i] = name;
      changedAt[i] = changed.at;
      if (rulebook.strict.make(run, i, nowMs, changed) === 'values') return i;
    }
    return run.count;
  }

  #send(
    from: Channel,
    targets: readonly Datapath[],
    forms: FlowModForms,
    messageCount: number,
  ): void {
    const { vswitch, counters, singleBody } = this.#owner;
    const firstXids = this.#firstXids;
    firstXids.length = targets.length;
    for (const [to, { writer }] of targets.entries()) firstXids[to] = writer.reserve(messageCount);
    const sent = this.#batch(from, targets);
    const first = sent.size;
    perform(this.#context.journal, kept(this.#keep(sent)));
    counters.start();
    if (singleBody.isWatching) {
      const all = Array.from({ length: sent.size - first }, (_, i) => sent.change(first + i));
      singleBody.note(all);
    }
    for (const [to, { writer }] of targets.entries()) {
      writer.flowMods(run, vswitch, forms, firstXids[to] as number, sent.told[to] as Told);
    }
  }

  /** What the store is to have of the run. */
  #keep(sent: UnansweredStrictMods): readonly Entry[] {
    const { rulebook, vswitch } = this.#owner;
    const shelf = this.#context.journal.storedRulesOf(vswitch.name);
    const entries: Entry[] = [];
    const first = sent.size;
    for (let i = 0; i < run.count; i++) {
      const serial = run.serial[i] as number;
      if (serial === 0) continue;
      sent.add(changed, changedAt[i] as number, run.from, run.fromAt[i] as number);
      if (isDeletion(run, i)) {
        sent.removes(names[i] as number);
        entries.push({ type: 'noRule', vswitch: vswitch.name, serial });
        continue;
      }
      // One that a later one of the run takes out is not there.
      const slot = rulebook.arena.bySerial(serial);
      if (slot !== 0) entries.push({ type: 'ruleAt', shelf, rules: rulebook, slot });
    }
    const list = sent.list(first);
    if (list !== undefined) entries.push(list);
    return entries;
  }

  #batch(from: Channel, targets: readonly Datapath[]): UnansweredStrictMods {
    if (this.#sent?.isJoinedBy(from, targets, this.#firstXids)) return this.#sent;
    const [context, owner] = [this.#context, this.#owner];
    this.#sent = new UnansweredStrictMods(context, owner, from, targets, this.#firstXids);
    return this.#sent;
  }
}

/** What is being carried out now, and what was kept of each: nothing is needed afterwards. */
const run = new RuleRun(limits.flowModsAtOnce);
const changed = new Writer(limits.outboxBytesAtFirst);
const changedAt: number[] = [];
/** What rules are called that may be there again. */
const names: number[] = [];

function nameIn(i: number): number {
  const { dv, at, matchSize } = run;
  const start = at[i] as number;
  const match = { dv, at: start + flowMod.size, matchSize: matchSize[i] as number };
  return nameOf(flowMod.get.priority(dv, start), match);
}

/** Whether one before it in the run takes out what has its name. */
function isAgain(i: number, name: number): boolean {
  for (let before = 0; before < i; before++) {
    const goes = run.serial[before] !== 0 && isDeletion(run, before);
    if (names[before] === name && goes) return true;
  }
  return false;
}
