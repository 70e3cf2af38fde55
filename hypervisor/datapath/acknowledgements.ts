/**
 * Messages that were sent to a datapath, and those that it has acknowledged, for one connection.
 *
 * Barriers are answered in order, and each speaks for everything sent before it. Errors come
 * before the barrier that follows what they are about, with its transaction id.
 *
 * A barrier that is not answered is no lie: what a later one's answer says is true of it as well
 * (cbench throws away what has come when it begins to count anew). So one is sent again where the
 * last is not answered, and only what is not answered at all ends the connection, or what is
 * answered in another order.
 */
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Channel } from '../channel/channel.ts';
import { ReplyTimeouts } from '../channel/reply-timeouts.ts';
import type { Cancel, World } from '../world/world.ts';

/** What a datapath said about a batch: `index` counts the batch's messages. */
export interface Refusal {
  readonly index: number;
  /** The message's own. */
  readonly xid: number;
  readonly errorType: number;
  readonly errorCode: number;
}

export type Outcome =
  | { readonly type: 'acked'; readonly refusals: readonly Refusal[] }
  | { readonly type: 'lost' };

/**
 * `round`: what matters to no cached flow is there, and those that are there were counted; `full`:
 * all cached flows follow it (in-force.ts).
 */
export type Ack = 'barrier' | InForceAck;
export type InForceAck = 'round' | 'full';

/** Messages that were sent and are not acknowledged yet. */
interface Batch {
  readonly firstXid: number;
  /** Its own barrier's, or its last message's when a later barrier is to speak for it. */
  lastXid: number;
  readonly ack: Ack;
  /** When it was sent; of what nobody waits for it is not asked. */
  readonly sentMs?: number;
  readonly refusals: Refusal[];
  readonly done: (outcome: Outcome) => void;
  /** Of those behind it that had nothing to send. */
  readonly behind: ((outcome: Outcome) => void)[];
}

/** A barrier request without its reply. */
interface Barrier {
  readonly xid: number;
  readonly sentMs: number;
  readonly cancelTimeout: Cancel;
}

export class Acks {
  readonly #world: World;
  readonly #channel: Channel;
  /** Calls back when what it has acknowledged is in force, as far as this datapath's level goes. */
  readonly #whenInForce: (ack: InForceAck, done: () => void) => void;
  /** Told how long each acknowledgement took that somebody waited for. */
  took: (ack: Ack, ms: number) => void = () => undefined;
  /** With all that the connection answers, statistics too (queries.ts). */
  readonly replyTimeouts: ReplyTimeouts;
  #batches: Batch[] = [];
  #barriers: Barrier[] = [];
  #barrierPlanned = false;
  /** Whether something was sent that no barrier speaks for yet. */
  #barrierOwed = false;
  #isLost = false;
  /** Barriers that it did not answer, and answered later ones. */
  #dropped = 0;
  readonly #onDropped: (count: number) => void;
  /** Whether it is looked at after a while if the last barrier was answered. */
  #isWatched = false;

  /** `onDropped` is told how many barriers it did not answer, whenever that is one more. */
  constructor(
    world: World,
    channel: Channel,
    whenInForce: (ack: InForceAck, done: () => void) => void,
    onDropped: (count: number) => void = () => undefined,
  ) {
    this.#world = world;
    this.#channel = channel;
    this.#whenInForce = whenInForce;
    this.#onDropped = onDropped;
    this.replyTimeouts = new ReplyTimeouts(world, channel);
  }

  /** Sends messages and a barrier; `done` runs once, at the level asked for or when lost. */
  apply(sent: readonly Message[], ack: Ack, done: (outcome: Outcome) => void): void {
    const firstXid = this.#send(sent, 1);
    const lastXid = firstXid + sent.length;
    const sentMs = this.#world.nowMs();
    this.#batches.push({ firstXid, lastXid, ack, sentMs, refusals: [], done, behind: [] });
    this.#sendBarrier(lastXid);
  }

  /** Sends messages that nobody waits for: the next barrier speaks for them; one follows soon. */
  push(sent: readonly Message[], done: (outcome: Outcome) => void): void {
    if (sent.length === 0) {
      // No batch: it would part those before and behind it, which are one for who sent them. But no
      // earlier than what was sent before: what follows on a refusal is asked for until then.
      const last = this.#batches.at(-1);
      if (last === undefined) this.#world.soon(() => done({ type: 'acked', refusals: [] }));
      else last.behind.push(done);
      return;
    }
    const firstXid = this.#send(sent, 0);
    const lastXid = firstXid + sent.length - 1;
    this.#batches.push({ firstXid, lastXid, ack: 'barrier', refusals: [], done, behind: [] });
    this.#planBarrier();
  }

  #planBarrier(): void {
    this.#barrierOwed = true;
    if (this.#barrierPlanned) return;
    this.#barrierPlanned = true;
    this.#world.after(limits.pushedBarrierMs, () => {
      this.#barrierPlanned = false;
      if (this.#barrierOwed && !this.#isLost) this.#sendBarrier(this.#channel.nextXid());
    });
  }

  /**
   * Messages that somebody else has sent, like those of `push`: together with the ones before them,
   * if they are in a row and have the same `done`. Hot.
   */
  pushed(firstXid: number, count: number, done: (outcome: Outcome) => void): void {
    const lastXid = firstXid + count - 1;
    const last = this.#batches.at(-1);
    if (last?.done === done && last.lastXid + 1 === firstXid) {
      last.lastXid = lastXid;
      return;
    }
    this.#batches.push({ firstXid, lastXid, ack: 'barrier', refusals: [], done, behind: [] });
    this.#planBarrier();
  }

  /** The connection is gone: whoever waits is told. */
  lose(): void {
    this.#isLost = true;
    const batches = this.#batches;
    this.#batches = [];
    for (const barrier of this.#barriers) barrier.cancelTimeout();
    this.#barriers = [];
    for (const { done, behind } of batches) {
      for (const one of [done, ...behind]) one({ type: 'lost' });
    }
  }

  onBarrierReply(xid: number): void {
    this.replyTimeouts.heard();
    if (!this.#isNext(xid)) {
      this.#channel.close(`it answered barrier ${xid} out of order`);
      return;
    }
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      if (isLater(batch.lastXid, xid)) return;
      this.#batches.shift();
      this.#acknowledge(batch);
      for (const done of batch.behind) done({ type: 'acked', refusals: [] });
    }
  }

  /** Whether it may answer this barrier now: those before it were answered, or never will be. */
  #isNext(xid: number): boolean {
    const place = this.#barriers.findIndex((one) => one.xid === xid);
    const answered = this.#barriers[place];
    if (answered === undefined) return false;
    const skipped = this.#barriers.slice(0, place);
    // Of those that went out together none was dropped by itself.
    if (skipped.some(({ sentMs }) => sentMs >= answered.sentMs)) return false;
    for (const { cancelTimeout } of [...skipped, answered]) cancelTimeout();
    this.#barriers = this.#barriers.slice(place + 1);
    this.#dropped += skipped.length;
    if (skipped.length > 0) this.#onDropped(this.#dropped);
    return true;
  }

  /** True when the error is about something that was sent here. */
  onError(xid: number, errorType: number, errorCode: number): boolean {
    const batch = this.#batches.find((one) => xid >= one.firstXid && xid <= one.lastXid);
    batch?.refusals.push({ index: xid - batch.firstXid, xid, errorType, errorCode });
    return batch !== undefined;
  }

  /** Sends with ids in a row, `more` of them beyond the messages; the first id. */
  #send(sent: readonly Message[], more: number): number {
    const firstXid = this.#channel.reserveXids(sent.length + more);
    for (const [i, message] of sent.entries()) {
      this.#channel.send({ ...message, xid: firstXid + i });
    }
    return firstXid;
  }

  #sendBarrier(xid: number): void {
    this.#barrierOwed = false;
    this.#channel.send({ type: 'barrierRequest', xid });
    const cancelTimeout = this.replyTimeouts.wait('barrier reply', limits.barrierTimeoutMs);
    this.#barriers.push({ xid, sentMs: this.#world.nowMs(), cancelTimeout });
    this.#watch();
  }

  /** Another barrier where the last one is not answered: it may have been dropped. */
  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#world.after(limits.barrierAgainMs, () => {
      this.#isWatched = false;
      const last = this.#barriers.at(-1);
      if (last === undefined || this.#isLost) return;
      const isOld = this.#world.nowMs() - last.sentMs >= limits.barrierAgainMs;
      if (isOld) this.#sendBarrier(this.#channel.nextXid());
      else this.#watch();
    });
  }

  /** Beyond the barrier, as far as this datapath's acknowledgement goes (DESIGN 6). */
  #acknowledge({ ack, sentMs, done, refusals }: Batch): void {
    const acked = (): void => {
      if (sentMs !== undefined) this.took(ack, this.#world.nowMs() - sentMs);
      done(this.#isLost ? { type: 'lost' } : { type: 'acked', refusals });
    };
    if (ack === 'barrier') acked();
    else this.#whenInForce(ack, acked);
  }
}

/** Whether id `a` was given out after `b`; ids start again at 1 after 2^32 (channel.ts). */
function isLater(a: number, b: number): boolean {
  return a !== b && (a - b) >>> 0 < 0x8000_0000;
}
