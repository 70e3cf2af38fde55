/**
 * Changes of a vswitch's books that no datapath has acknowledged yet, in the order in which they
 * were made. The books hold them already; what reads the books to decide something for good waits
 * for their acknowledgement (VswitchRuntime, `whenAcknowledged`), and what takes a refused one back
 * asks what has followed on it (slices/rules/rulebook-revert.ts).
 */
import type { FlowMod } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { concerns } from '../../slices/rules/rule-filter.ts';
import type { LaterChange } from '../../slices/rules/rulebook-revert.ts';
import type { Change } from '../../translation/body.ts';
import type { Origin } from '../channel/error-replies.ts';
import type { PartKind } from '../datapath/entry-owners.ts';

/** Which rule a change made or changed; whose place it took, if any. 0 is none. */
export interface Link {
  readonly serial: number;
  readonly replaced: number;
}

/** Changes that were made one behind the other, and are acknowledged together. */
export interface Lot {
  readonly size: number;
  link(i: number): Link;
  later(i: number): LaterChange;
  /** The first rule that it adds, if any. */
  readonly firstAdded: number | undefined;
}

/** A change of any book, and whose request it came from; a time-out has no origin. */
export class RoundChange implements Lot {
  readonly size = 1;
  readonly change: Change;
  readonly origin: Origin | undefined;
  /** The primary body refused it, or a part of its request. */
  isRefused = false;
  /** Bodies have been sent it, or are about to. */
  isSent = false;

  constructor(change: Change, origin?: Origin) {
    this.change = change;
    this.origin = origin;
  }

  link(): Link {
    const { change } = this;
    if (!('rule' in change)) return { serial: 0, replaced: 0 };
    const replaced = change.type === 'add' ? (change.replaced?.serial ?? 0) : 0;
    return { serial: change.rule.serial, replaced };
  }

  later(): LaterChange {
    const { change, isRefused, isSent } = this;
    if (!('rule' in change)) throw new Error('a group or a meter is in no rule’s slot');
    return { change, isRefused, isSent };
  }

  get firstAdded(): number | undefined {
    const { change } = this;
    return 'rule' in change && change.type === 'add' ? change.rule.serial : undefined;
  }
}

/** The serial of a rule, or the datapaths' id of another thing. */
export function idOf(change: Change): number {
  if ('rule' in change) return change.rule.serial;
  return 'group' in change ? change.group.below : change.meter.below;
}

export function kindOf(change: Change): PartKind {
  if ('rule' in change) return 'rule';
  return 'group' in change ? 'group' : 'meter';
}

/** One change of a lot. */
interface Place {
  readonly lot: Lot;
  readonly i: number;
}

/** What was not acknowledged when a datapath went away. */
export interface Open {
  readonly changes: readonly RoundChange[];
  /** Rules of this serial and above. */
  readonly from: number;
}

export class Pending {
  /** What may be refused when its datapath is back. */
  #openChanges: RoundChange[] = [];
  openFrom: number;
  readonly #lots = new Set<Lot>();
  /** How many of them are of groups and meters. */
  #used = 0;
  /** Those that take out a rule which would be there again if they were refused. */
  readonly #flowRemoved = new Set<RoundChange>();
  /** By `#first` of their serials, in their order. Made when it is needed. */
  #bySlot: Map<number, readonly Place[]> | undefined;
  /** Serials of rules that had a slot one after the other: the one before, of each. */
  readonly #before = new Map<number, number>();
  /** Datapaths that went away before they had answered, and are not made right yet. */
  readonly #owing = new Set<DatapathName>();

  constructor(openFrom: number) {
    this.openFrom = openFrom;
  }

  /** A body went away before it had answered: what it says when it is back decides. */
  unanswered(lot: Lot): void {
    this.openFrom = Math.min(this.openFrom, lot.firstAdded ?? this.openFrom);
    if (lot instanceof RoundChange) this.#openChanges.push(lot);
  }

  /** A datapath has not answered, and until it is made right it may hold what is gone. */
  owes(datapath: DatapathName): void {
    this.#owing.add(datapath);
  }

  isOwedBy(bodies: readonly DatapathName[]): boolean {
    return this.#owing.size > 0 && bodies.some((body) => this.#owing.has(body));
  }

  /** It is made right. */
  isRight(datapath: DatapathName): void {
    this.#owing.delete(datapath);
  }

  /** Their datapath is back, and has said it. */
  takeOpen(): Open {
    const open = { changes: this.#openChanges, from: this.openFrom };
    this.#openChanges = [];
    this.openFrom = Number.POSITIVE_INFINITY;
    return open;
  }

  get isEmpty(): boolean {
    return this.#lots.size === 0;
  }

  /** Whether a group or a meter may be there again, or be gone, when bodies have answered. */
  get isOfUsed(): boolean {
    return this.#used > 0;
  }

  /** Whether a modify or a delete may be about a rule that is there again if bodies say so. */
  mayReturn(mod: FlowMod): boolean {
    if (this.#flowRemoved.size > limits.removalsAskedMax) return true;
    for (const { change, isRefused } of this.#flowRemoved) {
      if ('rule' in change && !isRefused && concerns(mod, change.rule)) return true;
    }
    return false;
  }

  /** Hot. */
  add(lot: Lot): void {
    this.#lots.add(lot);
    if (isRemoval(lot)) this.#flowRemoved.add(lot);
    if (isOfUsed(lot)) this.#used += 1;
    this.#bySlot = undefined;
  }

  /** More of a lot that is there has been made. Hot. */
  grew(): void {
    this.#bySlot = undefined;
  }

  /** Hot. */
  remove(lot: Lot): void {
    if (this.#lots.delete(lot) && isOfUsed(lot)) this.#used -= 1;
    if (lot instanceof RoundChange) this.#flowRemoved.delete(lot);
    if (this.#lots.size > 0) return;
    this.#bySlot = undefined;
    this.#before.clear();
  }

  /** Whether a change of this is to be sent, and answered, yet. */
  concerns(kind: PartKind, id: number): boolean {
    if (kind === 'rule') return this.#index().has(this.#first(id));
    return [...this.#lots].some(
      (lot) => lot instanceof RoundChange && kindOf(lot.change) === kind && idOf(lot.change) === id,
    );
  }

  /** The first serial of a rule that may be refused yet; every rule below it was accepted. */
  get firstSerial(): number {
    for (const { firstAdded } of this.#lots) if (firstAdded !== undefined) return firstAdded;
    return Number.POSITIVE_INFINITY;
  }

  /** What followed on a change in the slot of its rule, in order. */
  after(lot: Lot, i: number): readonly LaterChange[] {
    const list = this.#index().get(this.#first(lot.link(i).serial)) ?? [];
    const own = list.findIndex((one) => one.lot === lot && one.i === i);
    return list.slice(own + 1).map((one) => one.lot.later(one.i));
  }

  /** These changes come to nothing: what of them is to be sent yet is not. */
  drop(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    for (const lot of this.#lots) {
      if (lot instanceof RoundChange && changes.includes(lot.change)) lot.isRefused = true;
    }
  }

  /**
   * Rules have the same slot: a change was taken back, and what followed on it was done to another
   * rule than it was made for.
   */
  join(serials: Iterable<number>): void {
    const [one, ...others] = serials;
    if (one === undefined || others.length === 0) return;
    if (this.#before.size > limits.refusedRulesMax) this.#before.clear();
    let isNew = false;
    for (const other of others) isNew = this.#join(one, other) || isNew;
    if (isNew) this.#bySlot = undefined;
  }

  /** Whether they were not known to have the same. */
  #join(one: number, other: number): boolean {
    const [first, second] = [this.#first(one), this.#first(other)];
    if (first === second) return false;
    this.#before.set(Math.max(first, second), Math.min(first, second));
    return true;
  }

  /** The first rule that had the slot, as far as anybody remembers. */
  #first(serial: number): number {
    let first = serial;
    for (let next = this.#before.get(first); next !== undefined; ) {
      first = next;
      next = this.#before.get(first);
    }
    return first;
  }

  #index(): Map<number, readonly Place[]> {
    if (this.#bySlot !== undefined) return this.#bySlot;
    for (const lot of this.#lots) {
      for (let i = 0; i < lot.size; i++) {
        const { serial, replaced } = lot.link(i);
        if (replaced !== 0) this.#join(serial, replaced);
      }
    }
    const index = new Map<number, Place[]>();
    for (const lot of this.#lots) {
      for (let i = 0; i < lot.size; i++) {
        const { serial } = lot.link(i);
        if (serial === 0) continue;
        const first = this.#first(serial);
        const list = index.get(first);
        if (list === undefined) index.set(first, [{ lot, i }]);
        else list.push({ lot, i });
      }
    }
    this.#bySlot = index;
    return index;
  }
}

/**
 * What goes with its group or meter is there again, too, when the change is refused that made it
 * use that one.
 */
function isRemoval(lot: Lot): lot is RoundChange {
  return lot instanceof RoundChange && lot.change.type === 'remove';
}

function isOfUsed(lot: Lot): boolean {
  return lot instanceof RoundChange && !('rule' in lot.change);
}
