/**
 * A vswitch's modifies and deletes that name no rule exactly ("loose", OF1.3.5 section 6.4),
 * handled as bytes: each becomes a frame for every rule that it matches, as if so many strict ones
 * had come, for the rulebook, the store and the bodies (changed-rules.ts).
 *
 * Values decide, for the whole request, where one of its rules owes a flow-removed (who is told,
 * and when, needs the rule as an object), or was counted by several bodies; where counters are
 * reset, or a modify might find no room (it is done as a whole, or not at all); where OpenFlow 1.0
 * modifies what is not there (it adds); where a removal that nobody has acknowledged may be about
 * the same rule; where the match has an experimenter's fields; and on flat datapaths where a rule
 * does not stand as bytes (translation/flat/rule-changes.ts). Requests about very many rules are
 * values' to divide into turns, and each part is tried here (`part`).
 */
import { copyWords, Writer } from '../../openflow/layout/writer.ts';
import { isWithin } from '../../openflow/match/match-bytes.ts';
import { matchHeader } from '../../openflow/match/match-layouts.ts';
import { Signature } from '../../openflow/match/match-signature.ts';
import { flowMod, header } from '../../openflow/messages/messages.ts';
import {
  flowCommand,
  flowFlag,
  group as ofpg,
  port as ofpp,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { ruleBytes } from '../../slices/bytes-below.ts';
import { limits } from '../../slices/limits.ts';
import type { Cursor } from '../../slices/rules/cursor.ts';
import { is10 } from '../../slices/rules/flow-mod10.ts';
import { LooseRules } from '../../slices/rules/loose-rules.ts';
import { deletedBy, selectedBy } from '../../slices/rules/rule-filter.ts';
import { belowOf, contentOf, record } from '../../slices/rules/rule-record.ts';
import { RuleRun } from '../../slices/rules/rule-run.ts';
import { whyFull } from '../../slices/rules/rule-values.ts';
import { isDeletion, isOf10 } from '../../slices/rules/strict-changes.ts';
import type { Origin } from '../../translation/controllers/verdict.ts';
import { type FlowModForms, frameOf } from '../../translation/requests/flow-mod-forms.ts';
import type { Channel } from '../channel/channel.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { type ChangedRules, ChangedRun, type RulesBelow } from './changed-rules.ts';
import type { FlowModsOwner } from './flow-mods-user.ts';

const { get } = record;
const HEAD_BYTES = flowMod.size;

/** Where they go, and what frames for single rules become there. */
interface Below {
  readonly targets: readonly Datapath[];
  readonly rules: RulesBelow;
}

export class LooseFlowMods {
  readonly #owner: FlowModsOwner;
  readonly #sent: ChangedRules;

  constructor(owner: FlowModsOwner, sent: ChangedRules) {
    this.#owner = owner;
    this.#sent = sent;
  }

  /** As `FlowMods.relay`, to these datapaths. Hot. */
  relay(
    from: Channel,
    dv: DataView,
    at: number,
    end: number,
    { targets, rules, forms }: Below & { readonly forms: FlowModForms },
  ): number {
    const { traffic } = this.#owner;
    forms.read(asked, dv, at, end, false);
    if (asked.count === 0) return 0;
    asked.cut(traffic.mostChanges(asked.count, from.takenMs));
    begin(dv, rules);
    let taken = 0;
    const looksMax = found.looks + limits.looseLooksMax;
    while (taken < asked.count && found.looks < looksMax) {
      if (!this.#take(taken, from.takenMs, rules)) break;
      taken += 1;
    }
    if (taken === 0) return 0;
    asked.cut(taken);
    traffic.heard('changes', taken, from.takenMs);
    from.inbox.wasCostly();
    if (run.count > 0) this.#sent.send({ from }, changed, targets, rules);
    return asked.fromSize;
  }

  /**
   * A part of a request that takes several: changes the next rules that it is about. False where
   * values are to decide the part, and the cursor is where it was.
   */
  part(
    mod: FlowMod,
    cursor: Cursor,
    origin: Origin,
    nowMs: number,
    { targets, rules }: Below,
  ): boolean {
    const { rulebook } = this.#owner;
    const isDelete = mod.command === flowCommand.delete;
    if (rulebook.isUnused || (!isDelete && this.#isOdd(mod, cursor))) return false;
    const frame = frameOf(mod);
    flowMod.set.cookie(frame, 0, mod.cookie);
    const { slot, found: before, putBack } = cursor;
    const slots = isDelete
      ? deletedBy(rulebook, mod, cursor)
      : selectedBy(rulebook.arena, mod, cursor);
    begin(is10(mod) ? heads.of10 : heads.of13, rules);
    const isAdd = !isDelete && is10(mod) && cursor.isOver && cursor.found === 0;
    const what = { fromAt: 0, isDelete, nowMs };
    const isTaken = !isAdd && this.#change(slots, frame, 0, what, rules);
    if (!isTaken) Object.assign(cursor, { slot, found: before, putBack, isOver: false });
    if (run.count > 0) this.#sent.send({ from: undefined, origin }, changed, targets, rules);
    return isTaken;
  }

  /** Whether values have to say what a modify does, or before its first part that it has room. */
  #isOdd(mod: FlowMod, { slot }: Cursor): boolean {
    if (mod.newCookie !== undefined || (mod.flags & flowFlag.resetCounts) !== 0) return true;
    const { arena } = this.#owner.rulebook;
    return (
      slot === 1 &&
      whyFull(arena, 0, arena.size * belowOf(contentOf([], mod.instructions))) !== undefined
    );
  }

  /** The next of those that were asked for. Hot. */
  #take(i: number, nowMs: number, rules: RulesBelow): boolean {
    const { rulebook, unanswered } = this.#owner;
    const { dv } = asked;
    const at = asked.at[i] as number;
    const matchAt = at + HEAD_BYTES;
    const isDelete = flowMod.get.command(dv, at) === flowCommand.delete;
    // What a datapath does not let go is there for the request behind it.
    if (unanswered.returning.mayBeWithin(dv, matchAt) || hasGone(dv, matchAt)) return false;
    if (!found.find(rulebook.arena, dv, at, limits.flowModsAtOnce - run.count)) return false;
    if (found.slots.length === 0) return isDelete || !isOf10(asked, i);
    const fromAt = asked.fromAt[i] as number;
    return this.#change(found.slots, dv, at, { fromAt, isDelete, nowMs }, rules);
  }

  /** Makes of rules what the frame at `at` says, all or none. Hot. */
  #change(slots: readonly number[], dv: DataView, at: number, what: What, rules: RulesBelow) {
    const first = run.count;
    const framesEnd = frames.at;
    if (!this.#mayChange(slots, what) || !this.#fit(slots, dv, at, what, rules)) {
      run.cut(first);
      frames.at = framesEnd;
      return false;
    }
    const { strict } = this.#owner.rulebook;
    for (let k = 0; k < slots.length; k++) {
      const i = first + k;
      if (what.isDelete) {
        changed.name(i);
        changed.goes(i);
      }
      changed.wasAt[i] = changed.was.at;
      const outcome = strict.change(run, i, slots[k] as number, what.nowMs, changed.was);
      if (outcome !== 'changed') throw new Error('a rule that should have changed did not');
      rules.make?.(run, i);
    }
    return true;
  }

  #mayChange(slots: readonly number[], { isDelete }: What): boolean {
    if (!isDelete) return true;
    const { strict } = this.#owner.rulebook;
    for (let k = 0; k < slots.length; k++) if (!strict.mayRemove(slots[k] as number)) return false;
    return true;
  }

  /** Appends a frame for each rule to the run; whether all have forms, and room. */
  #fit(slots: readonly number[], dv: DataView, at: number, what: What, rules: RulesBelow): boolean {
    const { arena } = this.#owner.rulebook;
    const first = run.count;
    let below = 0;
    for (let k = 0; k < slots.length; k++) {
      const slot = slots[k] as number;
      const [own, ownAt] = [arena.dv(slot), arena.at(slot)];
      const matchSize = get.matchSize(own, ownAt);
      const start = putHead(dv, at, own, ownAt, what.isDelete);
      const content = get.content(own, ownAt);
      frames.putFrom(arena.contents.dv(content), arena.contents.at(content), matchSize);
      if (!what.isDelete) putInstructions(dv, at);
      const length = frames.at - start;
      if (!frames.endFrame(start)) return false;
      run.dv = frames.dv;
      run.add(start, length, matchSize, false);
      run.fromAt[first + k] = what.fromAt;
      run.serial[first + k] = arena.serialOf(slot);
      if (what.isDelete) continue;
      const size = ruleBytes(
        frames.dv,
        start + HEAD_BYTES,
        matchSize,
        length - HEAD_BYTES - matchSize,
      );
      run.below[first + k] = size;
      below += size;
    }
    if (!what.isDelete && whyFull(arena, 0, below) !== undefined) return false;
    return rules.know(run, first, run.count);
  }
}

/** What is to become of rules, and where the request is in what came. */
interface What {
  readonly fromAt: number;
  readonly isDelete: boolean;
  readonly nowMs: number;
}

/** As they came, in frames of 1.3, each with a match that may cover many rules. */
const asked = new RuleRun(limits.flowModsAtOnce);
const found = new LooseRules();
/** A frame for each rule. */
const frames = new Writer(limits.outboxBytesAtFirst);
const changed = new ChangedRun();
const { run } = changed;
const signature = new Signature();

/** What frames begin with, for requests that are values. */
const heads = { of10: headOf(version.of10), of13: headOf(version.of13) } as const;

function headOf(speaks: Version): DataView {
  const dv = new DataView(new ArrayBuffer(header.size));
  header.set.version(dv, 0, speaks);
  return dv;
}

/** Another run, of what came there. */
function begin(from: DataView, rules: RulesBelow): void {
  rules.begin?.();
  frames.reset();
  changed.was.reset();
  run.begin(frames.dv);
  run.from = from;
}

/** Whether one of the run takes out a rule that lies within a match. */
function hasGone(wide: DataView, matchAt: number): boolean {
  if (run.count > 0) signature.of(wide, matchAt);
  for (let i = 0; i < run.count; i++) {
    if (!isDeletion(run, i)) continue;
    if (!signature.mayHold(changed.low[i] as number, changed.high[i] as number)) continue;
    if (isWithin(run.dv, (run.at[i] as number) + HEAD_BYTES, wide, matchAt)) return true;
  }
  return false;
}

/** The head of a frame that names the rule of a record, and nothing else. */
function putHead(
  dv: DataView,
  at: number,
  own: DataView,
  ownAt: number,
  isDelete: boolean,
): number {
  const start = frames.claim(HEAD_BYTES);
  copyWords(dv, at, frames.dv, start, HEAD_BYTES);
  const { set } = flowMod;
  set.command(frames.dv, start, isDelete ? flowCommand.deleteStrict : flowCommand.modifyStrict);
  set.tableId(frames.dv, start, get.tableId(own, ownAt));
  set.priority(frames.dv, start, get.priority(own, ownAt));
  set.outPort(frames.dv, start, ofpp.any);
  set.outGroup(frames.dv, start, ofpg.any);
  set.flags(frames.dv, start, 0);
  return start;
}

/** What the frame of a modify has behind its match. */
function putInstructions(dv: DataView, at: number): void {
  const behind = HEAD_BYTES + ((matchHeader.get.length(dv, at + HEAD_BYTES) + 7) & ~7);
  frames.putFrom(dv, at + behind, header.get.length(dv, at) - behind);
}
