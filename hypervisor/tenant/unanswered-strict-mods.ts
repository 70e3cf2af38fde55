/**
 * Strict modifies and deletes that went down as bytes (strict-flow-mods.ts) and are not
 * acknowledged yet: what an error about one of them needs, and the store until then.
 */

import { bytesOf } from '../../openflow/layout/layout.ts';
import type { Writer } from '../../openflow/layout/writer.ts';
import { header } from '../../openflow/messages/messages.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { RuleChange } from '../../slices/rules/rulebook.ts';
import type { LaterChange } from '../../slices/rules/rulebook-revert.ts';
import {
  isStrictRemoval,
  strictChangeEnd,
  strictSerialAt,
} from '../../slices/rules/strict-changes.ts';
import type { RemovingLot } from '../../translation/changes/returning-rules.ts';
import { type Link, RoundChange } from '../../translation/changes/round-change.ts';
import type { Channel } from '../channel/channel.ts';
import { originOf } from '../channel/error-replies.ts';
import { borrowOutbox, returnOutbox } from '../channel/outbox.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Told } from '../datapath/writer.ts';
import {
  type OfLot,
  SentLot,
  type SentUser,
  type UnansweredContext,
  type UnansweredOwner,
} from './sent-lot.ts';

/** Those of a run that have a place in the store's list of what may be refused. */
interface Listed {
  readonly number: number;
  /** The first of the run, and the one behind its last; rules that go are in no list. */
  readonly from: number;
  readonly end: number;
  readonly count: number;
}

/** Changes that one controller's flow-mods made, on all bodies alike. */
export class UnansweredStrictMods implements SentUser, RemovingLot {
  readonly #owner: UnansweredOwner;
  readonly #from: Channel;
  readonly #sent: SentLot;
  /** What each was about (slices/rules/strict-changes.ts), and its frame as it came. */
  readonly #kept = borrowOutbox();
  readonly #came = borrowOutbox();
  readonly #keptAt: number[] = [];
  readonly #cameAt: number[] = [];
  /** What rules that go were called (returning-rules.ts). */
  readonly #names: number[] = [];
  readonly #lists: Listed[] = [];
  readonly #changes = new Map<number, RoundChange>();
  /** How many are listed until their datapath is back. */
  #isOpen = false;

  constructor(
    context: UnansweredContext,
    owner: UnansweredOwner,
    from: Channel,
    datapaths: readonly Datapath[],
    firstXids: readonly number[],
  ) {
    this.#owner = owner;
    this.#from = from;
    this.#sent = new SentLot(context, owner, this, datapaths, firstXids);
    owner.unanswered.add(this);
  }

  get told(): readonly Told[] {
    return this.#sent.told;
  }

  isJoinedBy(from: Channel, datapaths: readonly Datapath[], firstXids: readonly number[]): boolean {
    if (this.#from !== from || this.size >= limits.batchMax) return false;
    return this.#sent.isFollowedBy(datapaths, firstXids, this.size);
  }

  /** What a flow-mod has changed, as it is kept, and its frame; each is one message below. Hot. */
  add(kept: Writer, keptAt: number, dv: DataView, at: number): void {
    this.#keptAt.push(this.#kept.at);
    this.#kept.putFrom(kept.dv, keptAt, strictChangeEnd(kept.dv, keptAt) - keptAt);
    this.#cameAt.push(this.#came.at);
    this.#came.put(bytesOf(dv, at, header.get.length(dv, at)));
  }

  /** The one that was added last takes out a rule of this name. Hot. */
  removes(name: number): void {
    this.#names.push(name);
    this.#owner.unanswered.returning.addOf(this, name);
  }

  /** All of a run was added, from the one at `from` on: what the store is to have of them. */
  list(from: number) {
    const { unanswered, vswitch } = this.#owner;
    unanswered.grew();
    const end = this.size;
    let count = 0;
    for (let i = from; i < end; i++) if (!this.#isRemoval(i)) count += 1;
    if (count === 0) return undefined;
    const number = unanswered.listed(count);
    this.#lists.push({ number, from, end, count });
    const changes = (): readonly RuleChange[] => this.#modified(from, end);
    return {
      type: 'changes' as const,
      vswitch: vswitch.name,
      number,
      get changes() {
        return changes();
      },
    };
  }

  /** What is open was made values, and is asked for when its bytes are somebody else's. */
  #isRemoval(i: number): boolean {
    const known = this.#changes.get(i)?.change;
    if (known !== undefined) return known.type === 'remove';
    return isStrictRemoval(this.#kept.dv, this.#keptAt[i] as number);
  }

  #modified(from: number, end: number): readonly RuleChange[] {
    const changes: RuleChange[] = [];
    for (let i = from; i < end; i++) if (!this.#isRemoval(i)) changes.push(this.#read(i));
    return changes;
  }

  #read(i: number): RuleChange {
    const known = this.#changes.get(i)?.change;
    if (known !== undefined) return known as RuleChange;
    return this.#owner.rulebook.strict.read(this.#kept.dv, this.#keptAt[i] as number);
  }

  get size(): number {
    return this.#keptAt.length;
  }

  get firstAdded(): undefined {
    return undefined;
  }

  link(i: number): Link {
    return { serial: strictSerialAt(this.#kept.dv, this.#keptAt[i] as number), replaced: 0 };
  }

  later(i: number): LaterChange {
    const change = this.change(i).change as RuleChange;
    return { change, isRefused: this.#sent.isRefused(i), isSent: true };
  }

  *removals(): Iterable<LaterChange> {
    for (let i = 0; i < this.size; i++) if (this.#isRemoval(i)) yield this.later(i);
  }

  ownerOf(message: number): OfLot {
    return { i: message, entry: 0 };
  }

  /** Counters of a rule that is gone are one object: whoever takes it back goes on with them. */
  change(i: number): RoundChange {
    const known = this.#changes.get(i);
    if (known !== undefined) return known;
    const { dv } = this.#came;
    const at = this.#cameAt[i] as number;
    const origin = originOf(this.#from, dv, at, header.get.length(dv, at));
    const made = new RoundChange(this.#read(i), origin);
    made.isSent = true;
    this.#changes.set(i, made);
    return made;
  }

  leaveOpen(on: DatapathName): void {
    const { unanswered } = this.#owner;
    this.#isOpen = true;
    unanswered.owes(on);
    for (const { number, from, end } of this.#lists) {
      for (let i = from; i < end; i++) if (!this.#isRemoval(i)) this.change(i).number = number;
    }
    for (let i = 0; i < this.size; i++) unanswered.leaveOpen(this.change(i));
  }

  release(): void {
    const { unanswered } = this.#owner;
    unanswered.returning.deleteOf(this, this.#names);
    if (this.#isOpen) return;
    for (const { number, count } of this.#lists) unanswered.left(number, count);
  }

  giveBack(): void {
    returnOutbox(this.#kept);
    returnOutbox(this.#came);
  }
}
