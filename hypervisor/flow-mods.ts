/**
 * A vswitch's flow-mods that stay bytes on their way: into the rulebook, the store, and down
 * (translation/flow-mod-bytes.ts says which). All others are values, and changes.ts's.
 */
import { limits } from '../slices/limits.ts';
import { copyOf } from '../slices/rule-record.ts';
import { RuleRun, saidIn } from '../slices/rule-run.ts';
import { bodyIn, readFlowMods, writeFlowMods } from '../translation/flow-mod-bytes.ts';
import type { Outcome, Refusal } from './acks.ts';
import type { Channel } from './channel.ts';
import type { Datapath } from './datapath.ts';
import {
  countOf,
  endOf,
  flowModsIn,
  type KeptFlowMod,
  putFlowMods,
  replacedBy,
} from './kept-flow-mods.ts';
import { borrowOutbox, returnOutbox } from './outbox.ts';
import { originOf } from './refusals.ts';
import { settleRefusal } from './rounds.ts';
import type { RuleShelf } from './rule-shelf.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

export class FlowMods {
  readonly #hub: Hub;
  readonly #owner: VswitchRuntime;
  readonly #shelf: RuleShelf;
  /** What was sent last: more may join it. */
  #sent: Sent | undefined;

  constructor(hub: Hub, owner: VswitchRuntime) {
    this.#hub = hub;
    this.#owner = owner;
    this.#shelf = hub.ledger.shelfOf(owner.vswitch.name);
  }

  /**
   * Takes a flow-mod and those behind it, as far as they are of the plain kind, when the vswitch
   * has one body, a pipeline. Answers how many bytes were taken. Hot.
   */
  relay(from: Channel, dv: DataView, at: number, end: number): number {
    const datapath = this.#pipeline();
    if (datapath?.channel === undefined || !datapath.takesChanges) return 0;
    readFlowMods(run, dv, at, end);
    const { rulebook } = this.#owner;
    const placed = rulebook.place(run, from.takenMs);
    // What does not fit is refused where values are (changes.ts).
    run.cut(placed);
    if (placed === 0) return 0;
    this.#carryOut(from, datapath, datapath.channel);
    return run.size;
  }

  /** The datapath of the one body, if it has several tables. */
  #pipeline(): Datapath | undefined {
    const { bodies } = this.#owner.placement;
    const [on] = bodies;
    if (on === undefined || bodies.length > 1) return undefined;
    const datapath = this.#hub.datapath(on);
    return datapath.flat === undefined ? datapath : undefined;
  }

  /** What was placed is sent down and kept. */
  #carryOut(from: Channel, datapath: Datapath, channel: Channel): void {
    const { count } = run;
    const { ledger } = this.#hub;
    const firstXid = channel.reserveXids(count);
    writeFlowMods(channel.writer(), run, this.#owner.vswitch, firstXid);
    const sent = this.#batch(from, datapath, firstXid);
    const kept = sent.add(run, ledger.dateOf(from.takenMs));
    ledger.putFlowMods(this.#shelf, kept, run.serial[count - 1] as number);
    for (let i = 0; i < count; i++) {
      if (run.replaced[i] !== 0) {
        this.#onReplaced(i);
        sent.holds = true;
      }
      if (run.hasTimeout(i)) this.#owner.counters.start();
    }
    datapath.pushed(firstXid, count, sent.done);
  }

  /** What was replaced is remembered until nobody can refuse what replaced it. */
  #onReplaced(i: number): void {
    const { rulebook } = this.#owner;
    const { arena } = rulebook;
    arena.hold(arena.goneBySerial(run.replaced[i] as number));
    const slot = run.resets[i] === 0 ? arena.bySerial(run.serial[i] as number) : 0;
    // What it has taken over is nowhere else, if the store is being made anew (renewal.ts).
    if (slot !== 0 && arena.tallies.hasBase(slot)) {
      this.#hub.ledger.putRuleAt(this.#shelf, rulebook, slot);
    }
  }

  #batch(from: Channel, datapath: Datapath, xid: number): Sent {
    if (this.#sent?.isJoinedBy(from, datapath, xid)) return this.#sent;
    this.#sent = new Sent(this.#hub, this.#owner, from, datapath, xid);
    return this.#sent;
  }
}

/** What is being carried out now: nothing of it is needed afterwards. */
const run = new RuleRun(limits.flowModsAtOnce);

/** Flow-mods of one controller to one datapath, ids in a row, until they are acknowledged. */
class Sent {
  readonly #owner: VswitchRuntime;
  readonly #hub: Hub;
  readonly #from: Channel;
  readonly #datapath: Datapath;
  readonly #firstXid: number;
  #count = 0;
  /** Whether any of them took another rule's place, which is remembered until then. */
  holds = false;
  /** The flow-mods, for errors (kept-flow-mods.ts). */
  readonly #kept = borrowOutbox();
  #isOver = false;

  constructor(
    hub: Hub,
    owner: VswitchRuntime,
    from: Channel,
    datapath: Datapath,
    firstXid: number,
  ) {
    this.#hub = hub;
    this.#owner = owner;
    this.#from = from;
    this.#datapath = datapath;
    this.#firstXid = firstXid;
    this.done = hub.boundary.bind((outcome: Outcome) => this.#over(outcome));
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
    this.#count += run.count;
    return this.#kept.bytes.subarray(start, this.#kept.at);
  }

  /** The datapath has acknowledged them: what it refused never was, and the tenant is told. */
  readonly done: (outcome: Outcome) => void;

  #over(outcome: Outcome): void {
    this.#isOver = true;
    const refusals = outcome.type === 'lost' ? [] : outcome.refusals;
    if (refusals.length > 0) this.#takeBackAll(refusals);
    if (this.holds) this.#release();
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

  #takeBackAll(refusals: readonly Refusal[]): void {
    const refused = new Map(refusals.map((one) => [one.xid - this.#firstXid, one]));
    const { dv, at: end } = this.#kept;
    let i = 0;
    for (let at = 0; at < end; at = endOf(dv, at)) {
      for (const one of flowModsIn(dv, at)) {
        const refusal = refused.get(i);
        if (refusal !== undefined) this.#takeBack(one, refusal);
        i += 1;
      }
    }
  }

  #takeBack(placed: KeptFlowMod, refusal: Refusal): void {
    const { dv } = this.#kept;
    const { at, length } = placed;
    const body = copyOf(bodyIn(dv, at, length));
    const nowMs = this.#hub.world.nowMs();
    const change = this.#owner.rulebook.placed(placed, saidIn(dv, at), { body }, nowMs);
    const origin = originOf(this.#from, dv, at, length);
    settleRefusal(this.#hub, this.#owner, this.#datapath.name, { change, origin }, refusal);
  }
}
