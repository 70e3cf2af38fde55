/**
 * Changes of rules that were sent as bytes (changed-rules.ts) and are not acknowledged yet, with
 * what an error about one of them needs, and the store until then.
 */

import { bytesOf } from '../../openflow/layout/layout.ts';
import type { Writer } from '../../openflow/layout/writer.ts';
import { isWithin } from '../../openflow/match/match-bytes.ts';
import type { Signature } from '../../openflow/match/match-signature.ts';
import { header } from '../../openflow/messages/messages.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { RuleChange } from '../../slices/rules/rulebook.ts';
import type { LaterChange } from '../../slices/rules/rulebook-revert.ts';
import {
  isStrictDelete,
  strictChangeEnd,
  strictMatchAt,
  strictSerialAt,
} from '../../slices/rules/strict-changes.ts';
import type { RemovingLot } from '../../translation/changes/returning-rules.ts';
import { type Link, RoundChange } from '../../translation/changes/round-change.ts';
import type { Origin } from '../../translation/controllers/verdict.ts';
import type { FlatBody } from '../../translation/flat/body.ts';
import type { Channel } from '../channel/channel.ts';
import { originOf } from '../channel/error-replies.ts';
import { borrowOutbox, returnOutbox } from '../channel/outbox.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Told } from '../datapath/writer.ts';
import { SentBelow } from './sent-below.ts';
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

/** Who asked for them: a connection, whose frames they came as; else each says it. */
export type Asker = Channel | undefined;

/** Changes that one controller's flow-mods made, on all bodies alike. */
export class UnansweredStrictMods implements SentUser, RemovingLot {
  readonly #owner: UnansweredOwner;
  readonly #from: Asker;
  readonly #sent: SentLot;
  /** What each was about (slices/rules/strict-changes.ts), and its frame as it came. */
  readonly #kept = borrowOutbox();
  readonly #came = borrowOutbox();
  readonly #keptAt: number[] = [];
  /** What went down. */
  readonly #below = new SentBelow();
  /** Of each, which request it is of: several are one's that is not strict. */
  readonly #requestOf: number[] = [];
  /** Of each request, where its frame is, until somebody asks for its origin. */
  readonly #requests: (number | Origin)[] = [];
  /** What rules that go were called (returning-rules.ts). */
  readonly #names: number[] = [];
  /** Of these, their matches' signatures, and where in `#kept` the changes are. */
  readonly #low: number[] = [];
  readonly #high: number[] = [];
  readonly #removalAt: number[] = [];
  readonly #lists: Listed[] = [];
  readonly #changes = new Map<number, RoundChange>();
  /** How many are listed until their datapath is back. */
  #isOpen = false;

  constructor(
    context: UnansweredContext,
    owner: UnansweredOwner,
    from: Asker,
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

  isJoinedBy(from: Asker, datapaths: readonly Datapath[], firstXids: readonly number[]): boolean {
    if (this.#from !== from || this.size >= limits.batchMax) return false;
    return this.#sent.isFollowedBy(datapaths, firstXids, this.#below.count);
  }

  /** What the request that was begun last has changed, as it is kept. Hot. */
  add(kept: Writer, keptAt: number, messages: number): void {
    this.#keptAt.push(this.#kept.at);
    this.#kept.putFrom(kept.dv, keptAt, strictChangeEnd(kept.dv, keptAt) - keptAt);
    this.#requestOf.push(this.#requests.length - 1);
    this.#below.add(messages);
  }

  /** The messages of a run that was added, on a flat datapath. */
  keepBelow(frames: Writer): void {
    this.#below.keep(frames);
  }

  /** A request by its frame, and one that says itself who asked. Hot. */
  begin(dv: DataView, at: number): void {
    this.#requests.push(this.#came.at);
    this.#came.put(bytesOf(dv, at, header.get.length(dv, at)));
  }

  beginOf(origin: Origin): void {
    this.#requests.push(origin);
  }

  /** The one that was added last takes out a rule of this name and signature. Hot. */
  removes(name: number, low: number, high: number): void {
    this.#names.push(name);
    this.#low.push(low);
    this.#high.push(high);
    this.#removalAt.push(this.#keptAt[this.size - 1] as number);
    this.#owner.unanswered.returning.addOf(this, name);
  }

  takesWithin(wide: DataView, matchAt: number, signature: Signature): boolean {
    const [low, high] = [this.#low, this.#high];
    for (let i = 0; i < low.length; i++) {
      if (!signature.mayHold(low[i] as number, high[i] as number)) continue;
      const at = strictMatchAt(this.#removalAt[i] as number);
      if (isWithin(this.#kept.dv, at, wide, matchAt)) return true;
    }
    return false;
  }

  /** All of a run was added, from the one at `from` on: what the store is to have of them. */
  list(from: number) {
    const { unanswered, vswitch } = this.#owner;
    unanswered.grew();
    const end = this.size;
    let count = 0;
    for (let i = from; i < end; i++) if (!this.#isDeletion(i)) count += 1;
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
  #isDeletion(i: number): boolean {
    const known = this.#changes.get(i)?.change;
    if (known !== undefined) return known.type === 'remove';
    return isStrictDelete(this.#kept.dv, this.#keptAt[i] as number);
  }

  #modified(from: number, end: number): readonly RuleChange[] {
    const changes: RuleChange[] = [];
    for (let i = from; i < end; i++) if (!this.#isDeletion(i)) changes.push(this.#read(i));
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
    for (let i = 0; i < this.size; i++) if (this.#isDeletion(i)) yield this.later(i);
  }

  ownerOf(message: number): OfLot {
    return this.#below.ownerOf(message);
  }

  refusedBelow(body: FlatBody, of: OfLot): void {
    body.refused(this.#below.messageOf(of));
  }

  /** What a modify did to other rules goes with what it did to one (`withRequest`). */
  *alsoOf(i: number): Iterable<number> {
    const request = this.#requestOf[i];
    const first = this.#requestOf.indexOf(request as number);
    for (let other = first; this.#requestOf[other] === request; other++) {
      if (other !== i && !this.#isDeletion(other)) yield other;
    }
  }

  /** Counters of a rule that is gone are one object: whoever takes it back goes on with them. */
  change(i: number): RoundChange {
    const known = this.#changes.get(i);
    if (known !== undefined) return known;
    const made = new RoundChange(this.#read(i), this.#originOf(i));
    made.isSent = true;
    this.#changes.set(i, made);
    return made;
  }

  /** The same of all changes of a request: it is answered by one error. */
  #originOf(i: number): Origin {
    const request = this.#requestOf[i] as number;
    const at = this.#requests[request] as number | Origin;
    if (typeof at !== 'number') return at;
    if (this.#from === undefined) throw new Error('a frame without an owner');
    const { dv } = this.#came;
    const made = originOf(this.#from, dv, at, header.get.length(dv, at));
    this.#requests[request] = made;
    return made;
  }

  leaveOpen(on: DatapathName): void {
    const { unanswered } = this.#owner;
    this.#isOpen = true;
    unanswered.owes(on);
    for (const { number, from, end } of this.#lists) {
      for (let i = from; i < end; i++) if (!this.#isDeletion(i)) this.change(i).number = number;
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
    this.#below.giveBack();
  }
}
