/**
 * The one order of what a vswitch's controllers ask for, and when each thing may begin.
 *
 * With one body, requests go down as they come: the datapath's connection keeps their order. With
 * several, a batch of rule changes is a round, and what is behind it waits until every body has
 * acknowledged it: a packet-out must not overtake the rules that were sent before it.
 */
import { limits } from '../slices/limits.ts';
import type { PacketOut } from '../translation/packet-out.ts';
import type { RoundChange } from './rounds.ts';

export type Item =
  | { readonly type: 'changes'; readonly changes: readonly RoundChange[] }
  | { readonly type: 'send'; readonly out: PacketOut }
  | { readonly type: 'barrier'; readonly done: () => void }
  | { readonly type: 'counters'; readonly done: () => void }
  | { readonly type: 'exclusive'; readonly run: (release: () => void) => void };

/** Who does what the items ask for. */
export interface OrderUser {
  hasClones(): boolean;
  /** `done` runs when all bodies have acknowledged. */
  changeBodies(changes: readonly RoundChange[], done: () => void): void;
  sendPacket(out: PacketOut): void;
  answerBarrier(done: () => void): void;
  readCounters(done: () => void): void;
}

export class RequestOrder {
  readonly #user: OrderUser;
  readonly #queue: Item[] = [];
  #busy = false;

  constructor(user: OrderUser) {
    this.#user = user;
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

  #pump(): void {
    while (!this.#busy) {
      const item = this.#queue.shift();
      if (item === undefined) return;
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
  }

  #change(changes: readonly RoundChange[]): void {
    if (!this.#user.hasClones()) {
      this.#user.changeBodies(changes, () => undefined);
      return;
    }
    this.#busy = true;
    this.#user.changeBodies([...changes, ...this.#takeBatch(changes.length)], () =>
      this.#release(),
    );
  }

  #release(): void {
    this.#busy = false;
    this.#pump();
  }

  /**
   * The changes that wait up to the next barrier: one round serves them all (DESIGN 6). Packets
   * among them are sent after the round: without a barrier a switch may reorder (OF1.3.5 section
   * 6.2), and else a busy controller's requests would pile up behind a round for each.
   */
  #takeBatch(count: number): readonly RoundChange[] {
    const batch: RoundChange[] = [];
    const sends: Item[] = [];
    let end = 0;
    for (; end < this.#queue.length; end++) {
      const item = this.#queue[end];
      if (item?.type === 'send') sends.push(item);
      else if (item?.type !== 'changes') break;
      else if (count + batch.length + item.changes.length > limits.changesPerRoundMax) break;
      else batch.push(...item.changes);
    }
    this.#queue.splice(0, end, ...sends);
    return batch;
  }
}
