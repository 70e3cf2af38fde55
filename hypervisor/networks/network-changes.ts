/**
 * Changes of the set of running networks, one after the other: each is an apply
 * (migrate/applying.ts) of the running configuration with one tenant added, removed or changed; all
 * of it or nothing.
 *
 *   asked for --others are before it, or a file is being applied--> waits
 *       v
 *   the configuration that is wanted, from what runs now --another runs meanwhile--> again
 *       v
 *   applied: the store has it and the record of the network in one commit
 */
import type { Config } from '../../slices/config/config.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Steps } from '../../slices/steps.ts';
import type { Reconfiguration, Refusal } from '../../translation/migration/reconfiguration.ts';
import { nothing } from '../migrate/apply-plans.ts';
import type { Applied, Applying } from '../migrate/applying.ts';
import type { Entry } from '../store/journal-entries.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { World } from '../world/world.ts';

export interface ChangesContext {
  readonly scheduler: Scheduler;
  readonly applying: Applying;
  snapshot(): Snapshot;
}

/** What is to be, or why it cannot be, a line each. */
export type Wanted =
  | { readonly config: Config; readonly entries: readonly Entry[] }
  | { readonly whyNot: readonly string[] };

/** Undefined: it is done. */
export type WhyNot = readonly string[] | undefined;

export interface NetworkChange {
  /** For people: `network lab@ann`. */
  readonly what: string;
  /** Nothing is changed: it is only looked whether it could be. */
  readonly isDry: boolean;
  wanted(now: Snapshot): Steps<Wanted>;
  /** `isBusy`: only since others were before it, or something else became of what runs. */
  done(whyNot: WhyNot, isBusy?: boolean): void;
}

const AGAIN = 'what runs has become another meanwhile; ask again';

export class NetworkChanges {
  readonly #world: World;
  readonly #context: ChangesContext;
  readonly #waiting: NetworkChange[] = [];
  #isBusy = false;

  constructor(world: World, context: ChangesContext) {
    this.#world = world;
    this.#context = context;
  }

  get isFull(): boolean {
    return this.#waiting.length >= limits.networkChangesWaitingMax;
  }

  ask(change: NetworkChange): void {
    this.#waiting.push(change);
    this.#next();
  }

  #next(): void {
    const change = this.#isBusy ? undefined : this.#waiting.shift();
    if (change === undefined) return;
    this.#isBusy = true;
    this.#begin(change, this.#world.nowMs() + limits.networkWaitMs);
  }

  #end(change: NetworkChange, whyNot: WhyNot, isBusy = false): void {
    this.#isBusy = false;
    change.done(whyNot, isBusy);
    this.#next();
  }

  #begin(change: NetworkChange, untilMs: number): void {
    const { applying, scheduler } = this.#context;
    const { underWay } = applying;
    if (underWay === undefined) {
      const before = this.#context.snapshot();
      scheduler.follow(change.wanted(before), (wanted) => {
        if ('whyNot' in wanted) this.#end(change, wanted.whyNot);
        else this.#apply(change, before, wanted, untilMs);
      });
    } else if (this.#world.nowMs() >= untilMs) {
      this.#end(change, [`${underWay} is being applied; ask again when that has ended`], true);
    } else this.#later(change, untilMs);
  }

  #later(change: NetworkChange, untilMs: number): void {
    this.#world.after(limits.networkBusyMs, () => this.#begin(change, untilMs));
  }

  #apply(
    change: NetworkChange,
    before: Snapshot,
    { config, entries }: Extract<Wanted, { config: Config }>,
    untilMs: number,
  ): void {
    const { applying, snapshot } = this.#context;
    const isStale = (): boolean => snapshot().config !== before.config;
    const ended = (applied: Applied | Refusal): void => {
      const whyNot = 'whyNot' in applied ? applied.whyNot : undefined;
      const isAgain = applying.underWay !== undefined || whyNot?.[0] === AGAIN;
      if (whyNot !== undefined && isAgain && this.#world.nowMs() < untilMs) {
        this.#later(change, untilMs);
      } else this.#end(change, whyNot, isAgain);
    };
    if (isStale() || applying.underWay !== undefined) ended({ whyNot: [AGAIN] });
    else if (change.isDry) {
      const planned = (plan: Reconfiguration | Refusal): void => {
        ended('whyNot' in plan ? plan : { done: [], waits: [] });
      };
      applying.plan(config, nothing, planned, { isWhole: true });
    } else {
      applying.apply(change.what, config, ended, {
        isWhole: true,
        whyNot: () => (isStale() ? [AGAIN] : []),
        entries: () => entries,
      });
    }
  }
}
