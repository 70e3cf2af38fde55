/**
 * Flow-mods that were sent as bytes (flow-mods.ts) and are not acknowledged yet, with what an error
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
import { type Link, RoundChange } from '../../translation/changes/round-change.ts';
import type { Origin } from '../../translation/controllers/verdict.ts';
import { contentIn } from '../../translation/pipeline/flow-mod-bytes.ts';
import type { Channel } from '../channel/channel.ts';
import { originOf } from '../channel/error-replies.ts';
import { borrowOutbox, returnOutbox } from '../channel/outbox.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Told } from '../datapath/writer.ts';
import {
  countOf,
  endOf,
  firstSerial,
  flowModsIn,
  type KeptFlowMod,
  putFlowMods,
  replacedBy,
} from './kept-flow-mods.ts';
import { SentBelow } from './sent-below.ts';
import {
  type OfLot,
  SentLot,
  type SentUser,
  type UnansweredContext,
  type UnansweredOwner,
} from './sent-lot.ts';

/** Flow-mods of one controller, to all bodies alike, until each has acknowledged them. */
export class UnansweredFlowMods implements SentUser {
  readonly #owner: UnansweredOwner;
  readonly #context: UnansweredContext;
  readonly #from: Channel;
  readonly #sent: SentLot;
  #count = 0;
  readonly #below = new SentBelow();
  /** The level of each, on a datapath with one table. */
  readonly #levels: number[] = [];
  /** As they came, one behind the other, where that is not what is kept. */
  #came: Writer | undefined;
  /** Whether any of them took another rule's place, which is remembered until then. */
  holds = false;
  /** The flow-mods, for errors (kept-flow-mods.ts). */
  readonly #kept = borrowOutbox();
  /** Of each, where its head and its frame are; made when one is refused. */
  #all: readonly KeptFlowMod[] | undefined;
  /** Those that were made values, by their place: counters are taken along, once. */
  readonly #changes = new Map<number, RoundChange>();

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
    this.#sent = new SentLot(context, owner, this, datapaths, firstXids);
  }

  /** What each body is to say when it has acknowledged them, in the order of bodies. */
  get told(): readonly Told[] {
    return this.#sent.told;
  }

  isJoinedBy(from: Channel, datapaths: readonly Datapath[], firstXids: readonly number[]): boolean {
    if (this.#from !== from || this.#count >= limits.batchMax) return false;
    return this.#sent.isFollowedBy(datapaths, firstXids, this.#below.count);
  }

  /** Keeps a run; the bytes stand until the next one is added. */
  add(run: RuleRun, addedAt: number): Uint8Array {
    this.#keepCame(run);
    const start = putFlowMods(this.#kept, run, addedAt);
    if (this.#count === 0) this.#owner.unanswered.add(this);
    else this.#owner.unanswered.grew();
    this.#all = undefined;
    this.#below.addRun(run);
    if (run.hasLevels)
      for (let i = 0; i < run.count; i++) this.#levels.push(run.level[i] as number);
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

  /** Whose a message is, and which of its messages. */
  ownerOf(message: number): OfLot {
    return this.#below.ownerOf(message);
  }

  /** At which one it was sent: others' rules may have moved its priority to another since. */
  levelOf(i: number): number {
    return this.#levels[i] ?? 0;
  }

  /** Each is a request of its own. */
  alsoOf(): Iterable<number> {
    return [];
  }

  get size(): number {
    return this.#count;
  }

  link(i: number): Link {
    return this.#keptAt(i);
  }

  later(i: number): LaterChange {
    const { change } = this.change(i);
    return { change: change as RuleChange, isRefused: this.#sent.isRefused(i), isSent: true };
  }

  get firstAdded(): number {
    return firstSerial(this.#kept.dv, 0);
  }

  leaveOpen(): void {
    this.#owner.unanswered.leaveOpen(this);
  }

  release(): void {
    if (!this.holds) return;
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

  giveBack(): void {
    returnOutbox(this.#kept);
    if (this.#came !== undefined) returnOutbox(this.#came);
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

  change(i: number): RoundChange {
    const known = this.#changes.get(i);
    if (known !== undefined) return known;
    const { dv } = this.#kept;
    const placed = this.#keptAt(i);
    const { at, length } = placed;
    const content = copyOf(contentIn(dv, at, length));
    const nowMs = this.#context.world.nowMs();
    const change = this.#owner.rulebook.placed(placed, saidIn(dv, at), { content }, nowMs);
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
