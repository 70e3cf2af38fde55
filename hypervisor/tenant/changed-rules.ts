/**
 * Rules that modifies and deletes have changed, as bytes for the store and the bodies: a run with a
 * frame for each rule, from strict-flow-mods.ts or loose-flow-mods.ts.
 */
import { Writer } from '../../openflow/layout/writer.ts';
import { Signature } from '../../openflow/match/match-signature.ts';
import { flowMod } from '../../openflow/messages/messages.ts';
import { limits } from '../../slices/limits.ts';
import { RuleRun } from '../../slices/rules/rule-run.ts';
import { isDeletion } from '../../slices/rules/strict-changes.ts';
import { nameOf } from '../../translation/changes/returning-rules.ts';
import type { Origin } from '../../translation/controllers/verdict.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { RunWriter, Told } from '../datapath/writer.ts';
import type { Entry } from '../store/journal-entries.ts';
import { kept, perform } from '../store/ready.ts';
import type { FlowModsContext, FlowModsOwner } from './flow-mods-user.ts';
import { type Asker, UnansweredStrictMods } from './unanswered-strict-mods.ts';

const signature = new Signature();

/** A run that is being carried out, and what was kept of each: nothing is needed afterwards. */
export class ChangedRun {
  readonly run = new RuleRun(limits.flowModsAtOnce);
  readonly was = new Writer(limits.outboxBytesAtFirst);
  readonly wasAt: number[] = [];
  /** What rules are called that may be there again (returning-rules.ts). */
  readonly names: number[] = [];
  /** Of those that go, the signatures of their matches. */
  readonly low: number[] = [];
  readonly high: number[] = [];

  name(i: number): number {
    const name = nameOf(
      flowMod.get.priority(this.run.dv, this.run.at[i] as number),
      this.#match(i),
    );
    this.names[i] = name;
    return name;
  }

  /** Takes the signature of a rule that goes. Hot. */
  goes(i: number): void {
    signature.of(this.run.dv, (this.run.at[i] as number) + flowMod.size);
    this.low[i] = signature.low;
    this.high[i] = signature.high;
  }

  #match(i: number) {
    const { dv, at, matchSize } = this.run;
    return { dv, at: (at[i] as number) + flowMod.size, matchSize: matchSize[i] as number };
  }
}

/** What a run of changes becomes below. Where a change may be several messages, they are kept. */
interface ChangesWriter extends RunWriter {
  readonly frames?: Writer;
}

/** The same of rules that a run names one by one: rule-forms.ts; of one table rule-changes.ts. */
export interface RulesBelow extends ChangesWriter {
  begin?(): void;
  /** Whether those of a run from `from` to before `end` can be carried out as bytes. */
  know(run: RuleRun, from: number, end: number): boolean;
  /** One of them has changed in the rulebook. */
  make?(run: RuleRun, i: number): void;
}

/** Who asked for a run: the connection whose frames it is of, or the one request that it is of. */
export type AskedBy = { readonly from: Asker; readonly origin?: Origin };

export class ChangedRules {
  readonly #context: FlowModsContext;
  readonly #owner: FlowModsOwner;
  /** What was sent last: more may join it. */
  #sent: UnansweredStrictMods | undefined;
  readonly #firstXids: number[] = [];

  constructor(context: FlowModsContext, owner: FlowModsOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** Keeps what is in the rulebook already, and sends it down. */
  send(
    by: AskedBy,
    changed: ChangedRun,
    targets: readonly Datapath[],
    writes: ChangesWriter,
  ): void {
    const { vswitch, counters, singleBody } = this.#owner;
    const { run } = changed;
    const { messageCount } = run;
    const firstXids = this.#firstXids;
    firstXids.length = targets.length;
    for (const [to, { writer }] of targets.entries()) firstXids[to] = writer.reserve(messageCount);
    const sent = this.#batch(by.from, targets);
    const first = sent.size;
    if (writes.frames !== undefined) sent.keepBelow(writes.frames);
    perform(this.#context.journal, kept(this.#keep(by, changed, sent)));
    counters.start();
    if (singleBody.isWatching) {
      const all = Array.from({ length: sent.size - first }, (_, i) => sent.change(first + i));
      singleBody.note(all);
    }
    for (const [to, { writer }] of targets.entries()) {
      writer.flowMods(run, vswitch, writes, firstXids[to] as number, sent.told[to] as Told);
    }
  }

  /** What the store is to have of the run. */
  #keep(by: AskedBy, changed: ChangedRun, sent: UnansweredStrictMods): readonly Entry[] {
    const { rulebook, vswitch } = this.#owner;
    const { run } = changed;
    const storedRules = this.#context.journal.storedRulesOf(vswitch.name);
    const entries: Entry[] = [];
    const first = sent.size;
    let begun = -1;
    for (let i = 0; i < run.count; i++) {
      const serial = run.serial[i] as number;
      if (serial === 0) continue;
      // Those of one request stand behind each other.
      const fromAt = run.fromAt[i] as number;
      if (fromAt !== begun) begin(sent, by, run.from, fromAt);
      begun = fromAt;
      sent.add(changed.was, changed.wasAt[i] as number, run.messages[i] as number);
      if (isDeletion(run, i)) {
        const [low, high] = [changed.low[i] as number, changed.high[i] as number];
        sent.removes(changed.names[i] as number, low, high);
        entries.push({ type: 'noRule', vswitch: vswitch.name, serial });
        continue;
      }
      // One that a later one of the run takes out is not there.
      const slot = rulebook.arena.bySerial(serial);
      if (slot !== 0) entries.push({ type: 'ruleAt', storedRules, rules: rulebook, slot });
    }
    const list = sent.list(first);
    if (list !== undefined) entries.push(list);
    return entries;
  }

  #batch(from: Asker, targets: readonly Datapath[]): UnansweredStrictMods {
    if (this.#sent?.isJoinedBy(from, targets, this.#firstXids)) return this.#sent;
    const [context, owner] = [this.#context, this.#owner];
    this.#sent = new UnansweredStrictMods(context, owner, from, targets, this.#firstXids);
    return this.#sent;
  }
}

function begin(sent: UnansweredStrictMods, { origin }: AskedBy, dv: DataView, at: number): void {
  if (origin === undefined) sent.begin(dv, at);
  else sent.beginOf(origin);
}
