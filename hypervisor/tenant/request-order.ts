/**
 * The one order of the requests of a vswitch's controllers, and when each may begin.
 *
 * Requests go down as they come: the connection of the datapath that does the work, the primary
 * body, keeps their order. What must be alone (a migration's step, above all that one by which
 * another body becomes the primary) makes everything behind it wait.
 */

import type { RoundChange } from '../../translation/changes/round-change.ts';
import type { PacketOut } from '../../translation/requests/packet-out.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Planning } from '../datapath/paced-plans.ts';
import { TimeSlice, type TimeSliceContext, type TimeSliceOwner } from '../world/time-slice.ts';
import { type RoundsOwner, unsettledBy } from './rounds.ts';

export type Item =
  | { readonly type: 'changes'; readonly changes: readonly RoundChange[] }
  | { readonly type: 'send'; readonly out: PacketOut }
  | { readonly type: 'barrier'; readonly done: () => void }
  | { readonly type: 'counters'; readonly done: () => void }
  | { readonly type: 'exclusive'; readonly run: (release: () => void) => void };

/** Who does what the items ask for. */
export interface OrderUser {
  changeBodies(changes: readonly RoundChange[]): void;
  sendPacket(out: PacketOut): void;
  answerBarrier(done: () => void): void;
  readCounters(done: () => void): void;
}

export interface OrderContext extends TimeSliceContext, Datapaths {
  readonly planning: Pick<Planning, 'settling'>;
}

type OrderOwner = TimeSliceOwner & Pick<RoundsOwner, 'carriers' | 'vswitch'>;

export class RequestOrder {
  static readonly #goOn = (own: RequestOrder): void => own.#pump();

  readonly #context: OrderContext;
  readonly #user: OrderUser & OrderOwner;
  readonly #queue: Item[] = [];
  readonly #timeSlice: TimeSlice<RequestOrder>;
  #busy = false;

  constructor(context: OrderContext, user: OrderUser & OrderOwner) {
    this.#context = context;
    this.#user = user;
    this.#timeSlice = new TimeSlice<RequestOrder>(context, user, this, RequestOrder.#goOn);
  }

  get length(): number {
    return this.#queue.length;
  }

  /** Whether what is asked for now could be done at once. */
  get isIdle(): boolean {
    return !this.#busy && this.#queue.length === 0;
  }

  submit(item: Item): void {
    this.#queue.push(item);
    this.#pump();
  }

  /** Runs when every request before it is done; nothing behind it runs until it releases. */
  exclusive(run: (release: () => void) => void): void {
    this.submit({ type: 'exclusive', run });
  }

  #pump(): void {
    if (this.#timeSlice.isResting) return;
    let hasBegun = false;
    while (!this.#busy) {
      const item = this.#queue.shift();
      if (item === undefined) return;
      if (this.#queue.length > 0 && !hasBegun) {
        this.#timeSlice.begin();
        hasBegun = true;
      }
      this.#begin(item);
      if (this.#queue.length === 0 || !hasBegun) continue;
      if (this.#timeSlice.isOver()) return;
    }
  }

  #begin(item: Item): void {
    switch (item.type) {
      case 'changes':
        this.#change(item.changes);
        break;
      case 'send':
        this.#user.sendPacket(item.out);
        break;
      case 'barrier':
        this.#user.answerBarrier(item.done);
        break;
      case 'counters':
        this.#user.readCounters(item.done);
        break;
      case 'exclusive':
        this.#busy = true;
        item.run(() => this.#release());
        break;
    }
  }

  #change(changes: readonly RoundChange[]): void {
    const unsettled = unsettledBy(this.#context, this.#user, changes);
    if (unsettled.length === 0) {
      this.#user.changeBodies(changes);
      return;
    }
    this.#busy = true;
    this.#context.planning.settling.whenSettled(unsettled, () => {
      this.#user.changeBodies(changes);
      this.#release();
    });
  }

  #release(): void {
    this.#busy = false;
    this.#pump();
  }
}
