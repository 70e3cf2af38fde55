/**
 * One physical switch: its connection, what we believe it holds, and what it has acknowledged.
 *
 *   away --connects--> greeting --dpid known--> reconciling --tables right--> ready
 *     ^--------------------------- connection lost --------------------------'
 *
 * Outlives connections: the object is there from the start, one for each datapath of the
 * configuration. Who decides what it should hold is hypervisor.ts; how the tables are made right
 * after a connection is reconcile.ts.
 */

import { decode } from '../openflow/codec.ts';
import { multipartMore } from '../openflow/constants.ts';
import { isError } from '../openflow/errors.ts';
import { header, messages } from '../openflow/messages.ts';
import type {
  Message,
  MultipartReplyBody,
  MultipartRequestBody,
  PortDesc,
} from '../openflow/values.ts';
import type { DatapathConfig } from '../slices/config.ts';
import { limits } from '../slices/limits.ts';
import type { Tables } from '../translation/physical.ts';
import type { Channel } from './channel.ts';
import type { Cancel, World } from './world.ts';

/** What a datapath said about a batch: `index` counts the batch's messages. */
export interface Refusal {
  readonly index: number;
  readonly errorType: number;
  readonly errorCode: number;
}

export type Outcome =
  | { readonly type: 'acked'; readonly refusals: readonly Refusal[] }
  | { readonly type: 'lost' };

export type Ack = 'barrier' | 'full';

interface Batch {
  readonly firstXid: number;
  readonly barrierXid: number;
  readonly ack: Ack;
  readonly refusals: Refusal[];
  readonly done: (outcome: Outcome) => void;
  readonly cancelTimeout: Cancel;
}

interface Query {
  readonly parts: MultipartReplyBody[];
  readonly done: (parts: readonly MultipartReplyBody[] | undefined) => void;
  readonly cancelTimeout: Cancel;
}

export type DatapathState =
  | { readonly type: 'away'; readonly why: string }
  | { readonly type: 'reconciling' }
  | { readonly type: 'ready' };

/** Messages from the switch that are not answers: packet-in, port-status, flow-removed. */
export interface DatapathUser {
  onFrame(datapath: Datapath, dv: DataView, at: number, length: number): void;
  onPorts(datapath: Datapath): void;
}

export class Datapath {
  readonly config: DatapathConfig;
  readonly ports = new Map<number, PortDesc>();
  state: DatapathState = { type: 'away', why: 'it has not connected yet' };
  /** The wiring that it holds, or will when it is back (translation/wiring.ts). */
  wired: Tables;
  readonly #world: World;
  readonly #user: DatapathUser;
  #channel: Channel | undefined;
  /** In the order of their barriers: answers come first in, first out. */
  #batches: Batch[] = [];
  readonly #queries = new Map<number, Query>();
  /** Something was to be changed while it was being reconciled: once more, then. */
  missed = false;
  /** Errors that no batch of ours explains, for the operator. */
  strayErrors = 0;

  constructor(world: World, config: DatapathConfig, wired: Tables, user: DatapathUser) {
    this.wired = wired;
    this.#world = world;
    this.config = config;
    this.#user = user;
  }

  get name() {
    return this.config.name;
  }

  get isReady(): boolean {
    return this.state.type === 'ready';
  }

  get peer(): string | undefined {
    return this.#channel?.peer;
  }

  get channel(): Channel | undefined {
    return this.#channel;
  }

  /** Takes a connection that said it is this datapath; false when one is already here. */
  adopt(channel: Channel): boolean {
    if (this.#channel !== undefined) return false;
    this.#channel = channel;
    this.state = { type: 'reconciling' };
    return true;
  }

  /** The connection is gone: everything that waited for it is told. */
  lose(why: string): void {
    this.#channel = undefined;
    this.state = { type: 'away', why };
    const batches = this.#batches;
    this.#batches = [];
    const queries = [...this.#queries.values()];
    this.#queries.clear();
    for (const batch of batches) {
      batch.cancelTimeout();
      batch.done({ type: 'lost' });
    }
    for (const query of queries) {
      query.cancelTimeout();
      query.done(undefined);
    }
  }

  /**
   * Sends messages and a barrier; `done` runs once, when all are acknowledged at the level asked
   * for or the connection is lost. Never inside this call.
   */
  apply(sent: readonly Message[], ack: Ack, done: (outcome: Outcome) => void): void {
    const channel = this.#channel;
    if (channel === undefined) {
      this.#world.soon(() => done({ type: 'lost' }));
      return;
    }
    const firstXid = channel.reserveXids(sent.length + 1);
    let xid = firstXid;
    for (const message of sent) {
      channel.send({ ...message, xid });
      xid += 1;
    }
    channel.send({ type: 'barrierRequest', xid });
    const cancelTimeout = this.#world.after(limits.barrierTimeoutMs, () => {
      channel.close(`no barrier reply within ${limits.barrierTimeoutMs / 1000} s`);
    });
    this.#batches.push({ firstXid, barrierXid: xid, ack, refusals: [], done, cancelTimeout });
  }

  /** As `apply` while it is ready; while it is not, what it missed is made right on its return. */
  applyWhenReady(sent: readonly Message[], ack: Ack, done: (outcome: Outcome) => void): void {
    if (this.isReady) {
      this.apply(sent, ack, done);
      return;
    }
    this.missed = true;
    this.#world.soon(() => done({ type: 'lost' }));
  }

  /** Sends a message that has no answer (packet-out); its errors are counted. */
  tell(message: Message): void {
    this.#channel?.send({ ...message, xid: this.#channel.nextXid() });
  }

  /** Asks for statistics; all parts of the reply, or undefined when the answer never came. */
  query(
    request: MultipartRequestBody,
    done: (parts: readonly MultipartReplyBody[] | undefined) => void,
  ): void {
    const channel = this.#channel;
    if (channel === undefined) {
      this.#world.soon(() => done(undefined));
      return;
    }
    const xid = channel.nextXid();
    channel.send({ type: 'multipartRequest', xid, flags: 0, request });
    const cancelTimeout = this.#world.after(limits.multipartTimeoutMs, () => {
      channel.close(`no statistics within ${limits.multipartTimeoutMs / 1000} s`);
    });
    this.#queries.set(xid, { parts: [], done, cancelTimeout });
  }

  receive(dv: DataView, at: number, length: number): void {
    switch (header.get.type(dv, at)) {
      case messages.barrierReply.number:
        this.#onBarrier(header.get.xid(dv, at));
        break;
      case messages.error.number:
      case messages.multipartReply.number:
      case messages.portStatus.number:
        this.#onValue(dv, at, length);
        break;
      default:
        this.#user.onFrame(this, dv, at, length);
    }
  }

  #onValue(dv: DataView, at: number, length: number): void {
    const message = decode(dv, at, length);
    if (isError(message)) {
      this.#channel?.refuse(dv, at, length, message);
      return;
    }
    if (message.type === 'error') this.#onError(message);
    if (message.type === 'multipartReply') this.#onStatistics(message);
    if (message.type === 'portStatus') {
      const { reason, desc } = message;
      if (reason === 1) this.ports.delete(desc.portNo);
      else this.ports.set(desc.portNo, desc);
      this.#user.onPorts(this);
    }
  }

  #onBarrier(xid: number): void {
    const batch = this.#batches[0];
    if (batch === undefined || batch.barrierXid !== xid) {
      this.#channel?.close(`it answered barrier ${xid}, which was not the next to be answered`);
      return;
    }
    this.#batches.shift();
    batch.cancelTimeout();
    const acked = (): void => batch.done({ type: 'acked', refusals: batch.refusals });
    if (batch.ack === 'barrier') acked();
    else this.#prove(this.#channel, acked, () => batch.done({ type: 'lost' }));
  }

  /** Beyond the barrier, as far as this datapath's acknowledgement goes (DESIGN 6). */
  #prove(channel: Channel | undefined, acked: () => void, lost: () => void): void {
    const { ack } = this.config;
    const stillHere = (then: () => void) => () => {
      if (this.#channel === channel) then();
      else lost();
    };
    if (ack.type === 'barrier') acked();
    else if (ack.type === 'settle') this.#world.after(ack.settleMs, stillHere(acked));
    else {
      this.#world.proveRevalidated(ack.unixctl, (proven) => {
        if (!proven) channel?.close(`no proof from ${ack.unixctl}; is it this switch's unixctl?`);
        stillHere(acked)();
      });
    }
  }

  #onError(message: Extract<Message, { type: 'error' }>): void {
    const { xid, errorType, errorCode } = message;
    const batch = this.#batches.find((one) => isWithin(xid, one.firstXid, one.barrierXid));
    if (batch === undefined) this.strayErrors += 1;
    else batch.refusals.push({ index: xid - batch.firstXid, errorType, errorCode });
    const query = this.#queries.get(xid);
    if (query === undefined) return;
    this.#queries.delete(xid);
    query.cancelTimeout();
    query.done(undefined);
  }

  #onStatistics(message: Extract<Message, { type: 'multipartReply' }>): void {
    const query = this.#queries.get(message.xid);
    if (query === undefined) return;
    query.parts.push(message.reply);
    const more = (message.flags & multipartMore) !== 0;
    if (more && query.parts.length < limits.multipartFramesMax) return;
    this.#queries.delete(message.xid);
    query.cancelTimeout();
    if (more) this.#channel?.close(`a statistics reply of over ${query.parts.length} frames`);
    query.done(more ? undefined : query.parts);
  }
}

function isWithin(xid: number, first: number, last: number): boolean {
  return xid >= first && xid <= last;
}
