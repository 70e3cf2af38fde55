/**
 * Bodies of a vswitch that rounds leave out: a new one, until it has been filled; one that is
 * emptied, or not filled, to make room for others (`empty`); and those that were excluded because
 * they refused what the primary took: a clone whose table is full, or an old body without room for
 * the changes after the hand-over.
 *
 * Nothing is processed on a body that is not the primary: all that enters there is led to it
 * (single-body.ts). So a body that was set aside is simply emptied, and rounds leave it out: it
 * cannot disagree with the primary, and the tenant hears of nothing. If it is the clone, the
 * migration ends undone; if it is the old one, the migration can only go on.
 */
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { LazyMap, LazySet } from '../../slices/lazy-collections.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { whyRefused } from '../datapath/error-attribution.ts';
import { freeIds, type IdsOwner } from './acknowledged.ts';
import { deletions, forgetCounters, type LeavingContext, type LeavingOwner } from './bodies.ts';
import type { Bodied } from './configured.ts';
import type { FlowRemoved } from './flow-removed.ts';

export interface ExcludedBodiesContext extends LeavingContext {
  /** A body cannot hold what the primary holds, and is processed around from now on. */
  setAside(vswitch: Vswitch, body: DatapathName, why: string): void;
}

/** Whose bodies they are. */
export type ExcludedBodiesOwner = Bodied &
  LeavingOwner &
  IdsOwner & { readonly flowRemoved: Pick<FlowRemoved, 'fills'> };

export class ExcludedBodies {
  readonly #context: ExcludedBodiesContext;
  readonly #owner: ExcludedBodiesOwner;
  readonly #why = new LazyMap<DatapathName, string>();
  /** What deletes the groups and meters that are there: rounds do it no more. */
  readonly #rest = new LazyMap<DatapathName, readonly Message[]>();

  /** Those that are no bodies any more, and are emptied now. */
  readonly #leaving = new LazySet<DatapathName>();

  /** The one that is placed and not filled yet (bodies.ts). */
  #unfilled: DatapathName | undefined;

  constructor(context: ExcludedBodiesContext, owner: ExcludedBodiesOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  has(body: DatapathName): boolean {
    return this.#why.size > 0 && this.#why.has(body);
  }

  /** Why it was set aside; undefined when it was not. */
  whyNot(body: DatapathName): string | undefined {
    return this.#why.get(body);
  }

  /** A body that is new: what uses groups and meters that it has not got it would refuse. */
  awaitFill(body: DatapathName): void {
    this.#unfilled = body;
    this.#owner.flowRemoved.fills(body);
  }

  /** It is told what the tables hold now, and from here on what changes. */
  isFilling(body: DatapathName): void {
    if (this.#unfilled === body) this.#unfilled = undefined;
  }

  get takesAll(): boolean {
    return this.#why.size === 0 && this.#unfilled === undefined;
  }

  /** Whether rounds leave a body out. */
  leavesOut(body: DatapathName): boolean {
    return this.#unfilled === body || this.has(body);
  }

  /** What is there of it is what is to go, until it has gone (audit.ts). */
  beginLeaving(body: DatapathName): void {
    this.#leaving.add(body);
  }

  endLeaving(body: DatapathName): void {
    this.#leaving.delete(body);
  }

  isLeaving(body: DatapathName): boolean {
    return this.#leaving.has(body);
  }

  set(body: DatapathName, why: string): void {
    if (this.has(body)) return;
    this.#why.set(body, why);
    this.keepDeletions(body);
    this.#context.setAside(this.#owner.vswitch, body, why);
    // What it refuses to delete is asked for again when it is left.
    this.#empty(body, () => undefined);
  }

  /** Gives up all that it holds, and gets nothing until it is filled; why not, if it is refused. */
  empty(body: DatapathName, why: string, done: (trouble?: string) => void): void {
    this.#why.set(body, why);
    this.keepDeletions(body);
    this.#empty(body, done);
  }

  #empty(body: DatapathName, done: (trouble?: string) => void): void {
    forgetCounters(this.#context, this.#owner, body, () => {
      if (!this.has(body)) {
        done();
        return;
      }
      const gone = [...this.#owner.bodyOn(body).empty(), ...this.deletionsOn(body)];
      this.#context.datapath(body).writer.send('tables', gone, 'barrier', (outcome) => {
        done(whyRefused(body, outcome, `to delete its entries of ${this.#owner.vswitch.name}`));
      });
    });
  }

  /** As an earlier process has left it. */
  restore(body: DatapathName, why: string): void {
    this.#why.set(body, why);
  }

  /** It is no body any more. */
  forget(body: DatapathName): void {
    this.isFilling(body);
    this.#why.delete(body);
    this.#rest.delete(body);
    freeIds(this.#owner);
  }

  /** Whether a body has groups and meters that it is to be told to delete yet. */
  get hasDeletions(): boolean {
    return this.#rest.size > 0;
  }

  /**
   * From now on rounds leave the body out: what it has of groups and meters is remembered, or what
   * goes before it is emptied would stay.
   */
  keepDeletions(body: DatapathName): void {
    if (!this.#rest.has(body)) this.#rest.set(body, deletions(this.#context, this.#owner, body));
  }

  /** Deletes every group and meter that it had. */
  deletionsOn(body: DatapathName): readonly Message[] {
    return this.#rest.get(body) ?? [];
  }
}
