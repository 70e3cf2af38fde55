/**
 * A vswitch's flow-mods that stay bytes on their way: into the rulebook, the store, and down
 * (translation/pipeline/flow-mod-bytes.ts says which). All others are values, and changes.ts's.
 */

import type { ControlTraffic } from '../../slices/control-traffic.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { copyOf } from '../../slices/rules/rule-record.ts';
import { RuleRun, saidIn } from '../../slices/rules/rule-run.ts';
import type { RuleChange } from '../../slices/rules/rulebook.ts';
import type { LaterChange } from '../../slices/rules/rulebook-revert.ts';
import { type Link, type Lot, RoundChange } from '../../translation/changes/round-change.ts';
import { tagWays } from '../../translation/datapath/tag-ways.ts';
import { bodyIn, readFlowMods } from '../../translation/pipeline/flow-mod-bytes.ts';
import type { Channel } from '../channel/channel.ts';
import { originOf } from '../channel/error-replies.ts';
import { borrowOutbox, returnOutbox } from '../channel/outbox.ts';
import type { Outcome, Refusal } from '../datapath/acknowledgements.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { keepFlowMods, kept, perform } from '../store/ready.ts';
import type { RuleValues } from '../store/rule-source.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { World } from '../world/world.ts';
import { noteAnswered } from './acknowledged.ts';
import {
  countOf,
  endOf,
  flowModsIn,
  type KeptFlowMod,
  putFlowMods,
  replacedBy,
} from './kept-flow-mods.ts';
import { type RefusedOfLot, revertSent } from './refused-changes.ts';
import type { RoundsContext, RoundsOwner } from './rounds.ts';
import type { Counters } from './rule-counters.ts';
/** The snapshot, the store, and where flow-mods of a body go. */
export interface FlowModsContext extends RoundsContext {
  readonly world: World;
  readonly boundary: Boundary;
  snapshot(): Snapshot;
}
/** Whose flow-mods they are; those with a time-out are watched. */
export type FlowModsOwner = RoundsOwner & {
  readonly counters: Pick<Counters, 'start'>;
  readonly traffic: ControlTraffic;
};

export class FlowMods {
  readonly #context: FlowModsContext;
  readonly #owner: FlowModsOwner;
  /** Looked up with the first rule. */
  #shelf: RuleValues | undefined;
  /** What was sent last: more may join it. */
  #sent: Sent | undefined;

  constructor(context: FlowModsContext, owner: FlowModsOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /**
   * Takes a flow-mod and those behind it, as far as they are of the plain kind, when the vswitch
   * has one body, a pipeline. Answers how many bytes were taken. Hot.
   */
  relay(from: Channel, dv: DataView, at: number, end: number): number {
    const datapath = this.#pipeline();
    if (datapath?.writer.takesChanges !== true) return 0;
    readFlowMods(run, dv, at, end);
    const { rulebook, traffic } = this.#owner;
    run.cut(traffic.mostChanges(run.count, from.takenMs));
    const placed = rulebook.place(run, from.takenMs);
    // What does not fit is refused where values are (changes.ts).
    run.cut(placed);
    if (placed === 0) return 0;
    traffic.heard('changes', placed, from.takenMs);
    this.#sendRun(from, datapath);
    return run.size;
  }

  /** The datapath of the one body, if it has several tables, and no way that knows one tag. */
  #pipeline(): Datapath | undefined {
    const { placement, vswitch } = this.#owner;
    const { bodies } = placement;
    const [on] = bodies;
    if (on === undefined || bodies.length > 1) return undefined;
    const datapath = this.#context.datapath(on);
    if (datapath.flat !== undefined) return undefined;
    return tagWays(this.#context.snapshot(), vswitch, on).size === 0 ? datapath : undefined;
  }

  /**
   * What was placed is kept and sent down: a Ready (store/ready.ts) without a value for it, since
   * nothing is allocated here.
   */
  #sendRun(from: Channel, datapath: Datapath): void {
    const { count } = run;
    const { journal } = this.#context;
    const firstXid = datapath.writer.reserve(count);
    const sent = this.#batch(from, datapath, firstXid);
    const kept = sent.add(run, journal.dateOf(from.takenMs));
    keepFlowMods(journal, this.#stored(), kept, run.serial[count - 1] as number);
    for (let i = 0; i < count; i++) {
      if (run.replaced[i] !== 0) {
        this.#onReplaced(i);
        sent.holds = true;
      }
      if (run.hasTimeout(i)) this.#owner.counters.start();
    }
    datapath.writer.flowMods(run, this.#owner.vswitch, firstXid, sent.done);
  }

  #stored(): RuleValues {
    this.#shelf ??= this.#context.journal.storedRulesOf(this.#owner.vswitch.name);
    return this.#shelf;
  }

  /** What was replaced is remembered until nobody can refuse what replaced it. */
  #onReplaced(i: number): void {
    const { rulebook } = this.#owner;
    const { arena } = rulebook;
    arena.hold(arena.goneBySerial(run.replaced[i] as number));
    const slot = run.resets[i] === 0 ? arena.bySerial(run.serial[i] as number) : 0;
    // What it has taken over is nowhere else, if the store is being made anew (compaction.ts).
    if (slot !== 0 && arena.counters.hasBase(slot)) {
      const entry = { type: 'ruleAt', shelf: this.#stored(), rules: rulebook, slot } as const;
      perform(this.#context.journal, kept([entry]));
    }
  }

  #batch(from: Channel, datapath: Datapath, xid: number): Sent {
    if (this.#sent?.isJoinedBy(from, datapath, xid)) return this.#sent;
    this.#sent = new Sent(this.#context, this.#owner, from, datapath, xid);
    return this.#sent;
  }
}

/** What is being carried out now: nothing of it is needed afterwards. */
const run = new RuleRun(limits.flowModsAtOnce);

/** Flow-mods of one controller to one datapath, ids in a row, until they are acknowledged. */
class Sent implements Lot {
  readonly #owner: FlowModsOwner;
  readonly #context: FlowModsContext;
  readonly #from: Channel;
  readonly #datapath: Datapath;
  readonly #firstXid: number;
  #count = 0;
  /** Whether any of them took another rule's place, which is remembered until then. */
  holds = false;
  /** The flow-mods, for errors (kept-flow-mods.ts). */
  readonly #kept = borrowOutbox();
  #isOver = false;
  /** Of each, where its head and its frame are; made when one is refused. */
  #all: readonly KeptFlowMod[] | undefined;
  /** Those that were made values, by their place: counters are taken along, once. */
  readonly #changes = new Map<number, RoundChange>();
  #refused: ReadonlyMap<number, Refusal> = new Map();

  constructor(
    context: FlowModsContext,
    owner: FlowModsOwner,
    from: Channel,
    datapath: Datapath,
    firstXid: number,
  ) {
    this.#context = context;
    this.#owner = owner;
    this.#from = from;
    this.#datapath = datapath;
    this.#firstXid = firstXid;
    this.done = context.boundary.bind((outcome: Outcome) => this.#over(outcome));
  }

  isJoinedBy(from: Channel, datapath: Datapath, xid: number): boolean {
    if (this.#isOver || this.#count >= limits.batchMax) return false;
    return (
      this.#from === from && this.#datapath === datapath && this.#firstXid + this.#count === xid
    );
  }

  /** Keeps a run; the bytes stand until the next one is added. */
  add(run: RuleRun, addedAt: number): Uint8Array {
    const start = putFlowMods(this.#kept, run, addedAt);
    if (this.#count === 0) this.#owner.unanswered.add(this);
    else this.#owner.unanswered.grew();
    this.#all = undefined;
    this.#count += run.count;
    return this.#kept.bytes.subarray(start, this.#kept.at);
  }

  get size(): number {
    return this.#count;
  }

  link(i: number): Link {
    return this.#keptAt(i);
  }

  later(i: number): LaterChange {
    const { change } = this.#change(i);
    return { change: change as RuleChange, isRefused: this.#refused.has(i), isSent: true };
  }

  get firstAdded(): number {
    return this.link(0).serial;
  }

  /** The datapath has acknowledged them: what it refused never was, and the tenant is told. */
  readonly done: (outcome: Outcome) => void;

  #over(outcome: Outcome): void {
    this.#isOver = true;
    if (outcome.type === 'lost') this.#owner.unanswered.leaveOpen(this);
    else if (outcome.refusals.length > 0) this.#revertAll(outcome.refusals);
    if (this.holds) this.#release();
    this.#owner.unanswered.remove(this);
    noteAnswered(this.#context, this.#owner);
    returnOutbox(this.#kept);
  }

  #release(): void {
    const { arena } = this.#owner.rulebook;
    const { dv, at: end } = this.#kept;
    for (let at = 0; at < end; at = endOf(dv, at)) {
      const count = countOf(dv, at);
      for (let i = 0; i < count; i++) {
        const replaced = replacedBy(dv, at, i);
        if (replaced !== 0) arena.release(replaced);
      }
    }
  }

  #revertAll(refusals: readonly Refusal[]): void {
    this.#refused = new Map(refusals.map((one) => [one.xid - this.#firstXid, one]));
    revertSent(this.#context, this.#owner, this, this.#refusedOnes());
  }

  *#refusedOnes(): Iterable<RefusedOfLot> {
    for (const [i, refusal] of this.#refused) yield { i, one: this.#change(i), refusal };
  }

  #keptAt(i: number): KeptFlowMod {
    this.#all ??= this.#list();
    const kept = this.#all[i];
    if (kept === undefined) throw new Error(`flow-mod ${i} of ${this.#count}`);
    return kept;
  }

  #list(): readonly KeptFlowMod[] {
    const { dv, at: end } = this.#kept;
    const all: KeptFlowMod[] = [];
    for (let at = 0; at < end; at = endOf(dv, at)) all.push(...flowModsIn(dv, at));
    return all;
  }

  #change(i: number): RoundChange {
    const known = this.#changes.get(i);
    if (known !== undefined) return known;
    const { dv } = this.#kept;
    const placed = this.#keptAt(i);
    const { at, length } = placed;
    const body = copyOf(bodyIn(dv, at, length));
    const nowMs = this.#context.world.nowMs();
    const change = this.#owner.rulebook.placed(placed, saidIn(dv, at), { body }, nowMs);
    const made = new RoundChange(change, originOf(this.#from, dv, at, length));
    this.#changes.set(i, made);
    return made;
  }
}
