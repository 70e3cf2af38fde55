/**
 * Flow-mods that went down as bytes (flow-mods.ts) and are not acknowledged yet: what an error
 * about one of them needs.
 */

import { bytesOf } from '../../openflow/layout/layout.ts';
import type { Writer } from '../../openflow/layout/writer.ts';
import { header } from '../../openflow/messages/messages.ts';
import { limits } from '../../slices/limits.ts';
import { copyOf } from '../../slices/rules/rule-record.ts';
import { type RuleRun, saidIn } from '../../slices/rules/rule-run.ts';
import type { RuleChange } from '../../slices/rules/rulebook.ts';
import type { LaterChange } from '../../slices/rules/rulebook-revert.ts';
import { type Link, type Lot, RoundChange } from '../../translation/changes/round-change.ts';
import type { Origin } from '../../translation/controllers/verdict.ts';
import { bodyIn } from '../../translation/pipeline/flow-mod-bytes.ts';
import type { Channel } from '../channel/channel.ts';
import { originOf } from '../channel/error-replies.ts';
import { borrowOutbox, returnOutbox } from '../channel/outbox.ts';
import type { Outcome, Refusal } from '../datapath/acknowledgements.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Told } from '../datapath/writer.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';
import { noteAnswered } from './acknowledged.ts';
import {
  countOf,
  endOf,
  firstSerial,
  flowModsIn,
  type KeptFlowMod,
  putFlowMods,
  replacedBy,
} from './kept-flow-mods.ts';
import { decidersOf, type RefusedOfLot, revertSent, setAside } from './refused-changes.ts';
import type { RoundsContext, RoundsOwner } from './rounds.ts';

/** For whom an outcome runs, and when that is. */
export interface UnansweredContext extends RoundsContext {
  readonly world: World;
  readonly boundary: Boundary;
}

/** Whose flow-mods they are. */
export type UnansweredOwner = RoundsOwner;

/** A body that they go to, under ids in a row, and what it has answered. */
interface Sent {
  readonly datapath: Datapath;
  readonly firstXid: number;
  outcome: Outcome;
}

/** What a body says of one of them. */
interface RefusedBy {
  readonly by: Datapath;
  readonly refusal: Refusal;
}

/** Flow-mods of one controller, to all bodies alike, until each has acknowledged them. */
export class UnansweredFlowMods implements Lot {
  readonly #owner: UnansweredOwner;
  readonly #context: UnansweredContext;
  readonly #from: Channel;
  readonly #sent: readonly Sent[];
  #count = 0;
  /** Messages of each, where that is not one; and of all of them. */
  #messages: number[] | undefined;
  #messageCount = 0;
  /** As they came, one behind the other, where that is not what is kept. */
  #came: Writer | undefined;
  /** Whether any of them took another rule's place, which is remembered until then. */
  holds = false;
  /** The flow-mods, for errors (kept-flow-mods.ts). */
  readonly #kept = borrowOutbox();
  #isOver = false;
  /** Of each, where its head and its frame are; made when one is refused. */
  #all: readonly KeptFlowMod[] | undefined;
  /** Those that were made values, by their place: counters are taken along, once. */
  readonly #changes = new Map<number, RoundChange>();
  #refused: ReadonlyMap<number, RefusedBy> = new Map();
  /** What each body is to say when it has acknowledged them, in the order of bodies. */
  readonly told: readonly Told[];

  constructor(
    context: UnansweredContext,
    owner: UnansweredOwner,
    from: Channel,
    datapaths: readonly Datapath[],
    firstXids: readonly number[],
  ) {
    this.#context = context;
    this.#owner = owner;
    this.#from = from;
    this.#sent = datapaths.map((datapath, i): Sent => {
      return { datapath, firstXid: firstXids[i] as number, outcome: { type: 'lost' } };
    });
    const told: Told[] = [];
    const wait = (one: Sent, ended: Ended): void => {
      const hear = (outcome: Outcome): void => {
        // What the first has answered cannot become more, for the others either.
        this.#isOver = true;
        one.outcome = outcome;
        ended();
      };
      told.push(context.boundary.bind(hear));
    };
    whenAll(this.#sent, wait, () => this.#settle());
    this.told = told;
  }

  isJoinedBy(from: Channel, datapaths: readonly Datapath[], firstXids: readonly number[]): boolean {
    if (this.#isOver || this.#count >= limits.batchMax) return false;
    if (this.#from !== from || this.#sent.length !== datapaths.length) return false;
    for (let i = 0; i < datapaths.length; i++) {
      const one = this.#sent[i] as Sent;
      const nextXid = one.firstXid + this.#messageCount;
      if (one.datapath !== datapaths[i] || nextXid !== firstXids[i]) return false;
    }
    return true;
  }

  /** Keeps a run; the bytes stand until the next one is added. */
  add(run: RuleRun, addedAt: number): Uint8Array {
    this.#keepCame(run);
    const start = putFlowMods(this.#kept, run, addedAt);
    if (this.#count === 0) this.#owner.unanswered.add(this);
    else this.#owner.unanswered.grew();
    this.#all = undefined;
    this.#addMessages(run);
    this.#count += run.count;
    return this.#kept.bytes.subarray(start, this.#kept.at);
  }

  /** Those before the first that is kept otherwise are kept as they came. */
  #keepCame(run: RuleRun): void {
    if (this.#came === undefined) {
      if (run.from === run.dv) return;
      this.#came = borrowOutbox();
      for (const { at, length } of this.#list()) this.#came.put(bytesOf(this.#kept.dv, at, length));
    }
    this.#came.put(bytesOf(run.from, run.fromAt[0] as number, run.fromSize));
  }

  #addMessages(run: RuleRun): void {
    const { messageCount } = run;
    this.#messageCount += messageCount;
    if (messageCount === run.count && this.#messages === undefined) return;
    this.#messages ??= Array.from({ length: this.#count }, () => 1);
    for (let i = 0; i < run.count; i++) this.#messages.push(run.messages[i] as number);
  }

  /** Whose a message is, and which of its messages. */
  #ownerOf(message: number): { readonly i: number; readonly entry: number } {
    let entry = message;
    for (const [i, count] of (this.#messages ?? []).entries()) {
      if (entry < count) return { i, entry };
      entry -= count;
    }
    return { i: message, entry: 0 };
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
    return firstSerial(this.#kept.dv, 0);
  }

  /**
   * All have answered. What one whose word counts has refused never was, and the tenant is told;
   * any other that refuses something is set aside (rounds.ts).
   */
  #settle(): void {
    const { unanswered, placement } = this.#owner;
    const isAlone = this.#sent.length === 1;
    for (const { datapath, outcome } of this.#sent) {
      if (outcome.type !== 'lost') continue;
      if (isAlone || datapath.name === placement.primary) unanswered.leaveOpen(this);
      if (!isAlone) unanswered.owes(datapath.name);
    }
    if (this.#sent.some((one) => refusalsOf(one).length > 0)) this.#onRefusals(isAlone);
    if (this.holds) this.#release();
    this.#owner.unanswered.remove(this);
    noteAnswered(this.#context, this.#owner);
    returnOutbox(this.#kept);
    if (this.#came !== undefined) returnOutbox(this.#came);
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

  #onRefusals(isAlone: boolean): void {
    const deciders = decidersOf(this.#context, this.#owner);
    const counts = ({ datapath }: Sent): boolean => isAlone || deciders.has(datapath.name);
    const entries = new Map<number, number[]>();
    const refused = new Map<number, RefusedBy>();
    // Of a flow-mod that several refused the primary's word is the one that is told.
    const ranks = [...deciders];
    const rankOf = ({ datapath }: Sent): number => ranks.indexOf(datapath.name);
    const deciding = this.#sent.filter(counts).sort((a, b) => rankOf(a) - rankOf(b));
    for (const sent of deciding) {
      for (const refusal of refusalsOf(sent)) {
        const { i, entry } = this.#ownerOf(refusal.xid - sent.firstXid);
        if (!refused.has(i)) refused.set(i, { by: sent.datapath, refusal });
        entries.set(i, [...(entries.get(i) ?? []), entry]);
      }
    }
    this.#refused = refused;
    if (refused.size > 0) {
      revertSent(this.#context, this.#owner, this, this.#refusedOnes(entries));
    }
    for (const sent of this.#sent) {
      if (counts(sent)) continue;
      const own = refusalsOf(sent).find(({ xid }) => {
        return !refused.has(this.#ownerOf(xid - sent.firstXid).i);
      });
      if (own !== undefined) setAside(this.#owner, sent.datapath.name, own);
    }
  }

  *#refusedOnes(entries: ReadonlyMap<number, readonly number[]>): Iterable<RefusedOfLot> {
    for (const [i, { by, refusal }] of this.#refused) {
      const one = this.#change(i);
      const body = by.flat?.bodyOf(this.#owner.vswitch);
      // What a flat datapath is believed to hold is not there.
      if ('rule' in one.change)
        for (const e of entries.get(i) ?? []) body?.refusedOf(one.change.rule, e);
      yield { i, one, refusal, by: by.name };
    }
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
    const made = new RoundChange(change, this.#originOf(i, at, length));
    this.#changes.set(i, made);
    return made;
  }

  /** The frame as it came: a refusal quotes it. */
  #originOf(i: number, at: number, length: number): Origin {
    if (this.#came === undefined) return originOf(this.#from, this.#kept.dv, at, length);
    const { dv } = this.#came;
    let from = 0;
    for (let before = 0; before < i; before++) from += header.get.length(dv, from);
    return originOf(this.#from, dv, from, header.get.length(dv, from));
  }
}

function refusalsOf({ outcome }: Sent): readonly Refusal[] {
  return outcome.type === 'lost' ? [] : outcome.refusals;
}
