/**
 * Changes of a vswitch's tables that no datapath has acknowledged yet, in the order in which they
 * were made: the part of a tenant's state (tenant-state.ts) that says, for each change, how far it
 * has come.
 *
 *   made and kept --sent--> acknowledged: it is left out of this list, and of the store's
 *        |            |---> refused: it leaves the tables, too (slices/rules/rulebook-revert.ts)
 *        |            '---> open: its datapath went away, or this process did, before it answered
 *        '<-- what its datapath says when it is back: acknowledged or refused
 *
 * The tables hold a change at once. What reads them to decide something for good waits for its
 * acknowledgement (`whenAcknowledged`), and what takes a refused one back asks what has followed
 * on it. The store has the same list, as what it was before each change: the number of a change is
 * its key there. Rules that are new need no entry: those from a serial on are open (`from`).
 */
import type { FlowMod } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { LazyMap, LazySet } from '../../slices/lazy-collections.ts';
import type { LaterChange, LaterLoss } from '../../slices/rules/rulebook-revert.ts';
import type { Change } from '../entries/body.ts';
import type { TenantTables } from '../entries/tenant-tables.ts';
import { ChangeOrder } from './change-order.ts';
import { ReturningRules } from './returning-rules.ts';
import {
  type ChangeKind,
  hasBefore,
  idOf,
  isDeletion,
  isOfUsed,
  kindOf,
  type Lot,
  RoundChange,
} from './round-change.ts';
import { changesSince, type StoredChange } from './stored-changes.ts';

/** What was not acknowledged when a datapath, or an earlier process, went away. */
export interface Open {
  changes: readonly Change[];
  /** Rules of this serial and above. */
  readonly from: number;
}

/** As an earlier process has left it in the store. */
export interface StoredOpen {
  readonly from: number;
  /** By number, in the order in which they were made. */
  readonly lists: ReadonlyMap<number, readonly StoredChange[]>;
}

const noLists: StoredOpen['lists'] = new Map();
const nothingOpen: StoredOpen = { from: Number.POSITIVE_INFINITY, lists: noLists };

/** What the store is to have of the list: the lists that are to go, and which rules are open. */
export interface Answered {
  readonly from: number;
  readonly numbers: readonly number[];
}

export class Unanswered {
  /** What may be refused when its datapath is back. */
  readonly #open = new LazySet<RoundChange>();
  #openFrom: number;
  /** Of an earlier process. */
  #stored: ReadonlyMap<number, readonly StoredChange[]>;
  #storedRules: readonly StoredChange[] = [];
  /** By number: how many changes of a list are in flight or open. */
  readonly #listed = new LazyMap<number, number>();
  /** Lists of which nothing is, and which the store has yet. */
  #over: number[] = [];
  #nextNumber: number;
  readonly #lots = new LazySet<Lot>();
  /** How many of them are of groups and meters. */
  #used = 0;
  /** Those that take out a rule which would be there again if they were refused. */
  readonly returning = new ReturningRules();
  readonly #order = new ChangeOrder(this.#lots);
  /** Datapaths that went away before they had answered, and are not corrected yet. */
  readonly #owing = new LazySet<DatapathName>();

  constructor({ from, lists }: StoredOpen = nothingOpen) {
    this.#openFrom = from;
    this.#stored = lists.size === 0 ? noLists : lists;
    this.#nextNumber = Math.max(0, ...lists.keys()) + 1;
  }

  /**
   * Changes that were made together. Answers those that the store has to know what was before, and
   * the number of their list; undefined when there are none.
   */
  made(all: readonly RoundChange[]): { number: number; changes: readonly Change[] } | undefined {
    for (const one of all) this.add(one);
    const listed = all.filter(({ change }) => hasBefore(change));
    if (listed.length === 0) return undefined;
    const number = this.listed(listed.length);
    for (const one of listed) one.number = number;
    return { number, changes: listed.map(({ change }) => change) };
  }

  /** The number of a list of so many changes. */
  listed(count: number): number {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    this.#listed.set(number, count);
    return number;
  }

  /** Rules of this serial and above are open. */
  get openFrom(): number {
    return this.#openFrom;
  }

  /** More of an earlier process, of rules of which the store's lists say nothing. */
  foundOpen(changes: readonly StoredChange[]): void {
    this.#storedRules = changes;
  }

  /** A body went away before it had answered: what it says when it is back decides. */
  leaveOpen(lot: Lot): void {
    this.#openFrom = Math.min(this.#openFrom, lot.firstAdded ?? this.#openFrom);
    if (lot instanceof RoundChange) this.#open.add(lot);
  }

  /** A datapath has not answered, and until it is corrected it may hold what is gone. */
  owes(datapath: DatapathName): void {
    this.#owing.add(datapath);
  }

  isOwedBy(bodies: readonly DatapathName[]): boolean {
    return this.#owing.size > 0 && bodies.some((body) => this.#owing.has(body));
  }

  /** It is corrected. */
  isRight(datapath: DatapathName): void {
    this.#owing.delete(datapath);
  }

  /** Their datapath is back, and has said it. */
  removeOpen(tables: TenantTables): Open {
    const stored = [...this.#storedRules, ...[...this.#stored.values()].flat()];
    const earlier = changesSince(tables, stored);
    const own = [...this.#open].map(({ change }) => change);
    const open = { changes: [...earlier, ...own], from: this.#openFrom };
    this.#over.push(...this.#stored.keys());
    for (const { number } of this.#open) this.left(number, 1);
    this.#stored = noLists;
    this.#storedRules = [];
    this.#open.clear();
    this.#openFrom = Number.POSITIVE_INFINITY;
    return open;
  }

  /** What the store is to have now; `nextSerial` is the rulebook's. */
  removeAnswered(nextSerial: number): Answered {
    const numbers = this.#over;
    this.#over = [];
    return { from: Math.min(this.#openFrom, this.firstSerial, nextSerial), numbers };
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
    return this.returning.mayBe(mod);
  }

  /** Hot. */
  add(lot: Lot): void {
    this.#lots.add(lot);
    if (isDeletion(lot)) this.returning.add(lot);
    if (isOfUsed(lot)) this.#used += 1;
    this.#order.changed();
  }

  /** More of a lot that is there has been made. Hot. */
  grew(): void {
    this.#order.changed();
  }

  /** It was answered, or is open now. Hot. */
  remove(lot: Lot): void {
    if (this.#lots.delete(lot) && isOfUsed(lot)) this.#used -= 1;
    if (lot instanceof RoundChange) {
      this.returning.delete(lot);
      if (!this.#open.has(lot)) this.left(lot.number, 1);
    }
    if (this.#lots.size === 0) this.#order.clear();
  }

  /** So many of a list are answered; when all are, the store need not know of it any more. */
  left(number: number | undefined, count: number): void {
    if (number === undefined) return;
    const left = (this.#listed.get(number) ?? count) - count;
    if (left > 0) this.#listed.set(number, left);
    else {
      this.#listed.delete(number);
      this.#over.push(number);
    }
  }

  /** Whether a change of this is to be sent, and answered, yet. */
  concerns(kind: ChangeKind | 'guard', id: number): boolean {
    if (kind === 'rule') return this.#order.concerns(id);
    return [...this.#lots].some(
      (lot) => lot instanceof RoundChange && kindOf(lot.change) === kind && idOf(lot.change) === id,
    );
  }

  /** The first serial of a rule that may be refused yet; every rule below it was accepted. */
  get firstSerial(): number {
    for (const { firstAdded } of this.#lots) if (firstAdded !== undefined) return firstAdded;
    return Number.POSITIVE_INFINITY;
  }

  /** What followed on a change in the slot of its rule, and took away what rules there use. */
  after(lot: Lot, i: number): readonly (LaterChange | LaterLoss)[] {
    return this.#order.after(lot, i);
  }

  /** What followed on one that was open. */
  since(change: Change): readonly (LaterChange | LaterLoss)[] {
    return 'rule' in change ? this.#order.since(change) : [];
  }

  /** These changes come to nothing: what of them is to be sent yet is not. */
  drop(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    for (const lot of this.#lots) {
      if (lot instanceof RoundChange && changes.includes(lot.change)) lot.isRefused = true;
    }
  }

  /** As `ChangeOrder.join`. */
  join(serials: Iterable<number>): void {
    this.#order.join(serials);
  }
}
