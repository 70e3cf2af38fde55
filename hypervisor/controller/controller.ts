/**
 * One controller of a vswitch: dialled, greeted, served; dialled again when it goes away.
 *
 *   waiting --start--> dialling --hello--> up --lost--> waiting (slices/config/redial.ts)
 *   a guest (guests.ts):     dialling --hello--> up --lost--> idle, and forgotten
 *
 * Its messages go through the policy table; what they ask of the datapaths is done by the vswitch
 * (vswitch.ts) in their order, and answered here.
 */

import { bytesOf } from '../../openflow/layout/layout.ts';
import {
  decode,
  encodeMultipartReply,
  nameOfType,
  refuseFrame,
} from '../../openflow/messages/codec.ts';
import { header, type MessageName } from '../../openflow/messages/messages.ts';
import { carriedName } from '../../openflow/messages/nicira-messages.ts';
import type { Joined } from '../../openflow/messages/request-parts.ts';
import {
  role as roles,
  type Version,
  version as versions,
} from '../../openflow/values/constants.ts';
import { isError, ofError } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import { Buffers } from '../../slices/buffers.ts';
import { controllerText, type Target } from '../../slices/config/target.ts';
import { limits } from '../../slices/limits.ts';
import {
  type ConnectionState,
  type EventKind,
  hears as hearsOf,
  isSlave,
  missSendLenOf,
  newConnectionState,
} from '../../translation/controllers/connection-state.ts';
import { eventIn } from '../../translation/controllers/nicira.ts';
import { demoted } from '../../translation/controllers/roles.ts';
import type { ErrorNumbers, Scene } from '../../translation/controllers/verdict.ts';
import { fromController, type Line, refusedUnread } from '../../translation/policy.ts';
import { Channel } from '../channel/channel.ts';
import type { ChannelUser } from '../channel/channel-user.ts';
import { originOf } from '../channel/error-replies.ts';
import type { TurnShare } from '../world/turn-share.ts';
import type { Cancel, Connection, ConnectionUser, World } from '../world/world.ts';
import { ControllerTraffic } from './controller-traffic.ts';
import type { ControllerState, ControllerUser } from './controller-user.ts';
import { Redialling } from './redial.ts';
import { ReplyOrder } from './reply-order.ts';
import { Unfinished } from './unfinished.ts';

export class Controller implements ChannelUser {
  /** Where it is dialled; where a guest came in. */
  readonly target: Target;
  readonly kind: 'dialled' | 'guest';
  /** Of the connection that is, or the last one. */
  connectionState: ConnectionState;
  /** The same: another connection's ids mean nothing here. */
  buffers: Buffers;
  state: ControllerState = { type: 'idle' };
  /** Packet-ins that were not sent because this controller does not read fast enough. */
  droppedPacketIns = 0;
  readonly #world: World;
  readonly #user: ControllerUser;
  readonly traffic: ControllerTraffic;
  #channel: Channel | undefined;
  #unfinished: Unfinished | undefined;
  #replyOrder = new ReplyOrder(this);
  #cancelRedial: Cancel | undefined;
  readonly #redialling: Redialling;

  constructor(
    world: World,
    target: Target,
    user: ControllerUser,
    kind: Controller['kind'] = 'dialled',
  ) {
    this.#world = world;
    this.target = target;
    this.#user = user;
    this.traffic = new ControllerTraffic(world, user);
    this.kind = kind;
    this.#redialling = new Redialling(() => user.vswitch.redial);
    this.connectionState = newConnectionState(missSendLenOf(kind));
    this.buffers = this.#newBuffers();
  }

  #newBuffers(): Buffers {
    const { buffers: countMax } = this.#user.vswitch;
    return new Buffers({ countMax, bytesMax: limits.bufferBytesMax, timeMs: limits.bufferTimeMs });
  }

  /** A guest's connection, from now to its end. */
  serve(connection: Connection): ConnectionUser {
    return this.#open().attach(connection);
  }

  /** Dials until `stop`. */
  start(): void {
    if (this.state.type === 'idle') this.#dial();
  }

  stop(why: string): void {
    this.#cancelRedial?.();
    this.#cancelRedial = undefined;
    this.state = { type: 'idle' };
    this.#redialling.reset();
    const channel = this.#channel;
    this.#forget();
    channel?.close(why);
  }

  get version(): Version {
    return this.#channel?.version ?? versions.of13;
  }

  get isUp(): boolean {
    return this.state.type === 'up';
  }

  /** The channel, to append bytes to, or undefined while it is down. */
  get channel(): Channel | undefined {
    return this.isUp ? this.#channel : undefined;
  }

  get connection(): Channel | undefined {
    return this.#channel;
  }

  /** Whether it is told of an event that it did not ask for. */
  hears(kind: EventKind, reason: number): boolean {
    const isInterested = this.kind === 'dialled' || this.connectionState.missSendLen > 0;
    return isInterested && hearsOf(this.connectionState, kind, reason);
  }

  /** Another connection is master now (OF1.3.5 section 6.3.5). */
  demote(generationId: bigint | undefined): void {
    if (this.connectionState.role !== roles.master) return;
    this.connectionState.role = roles.slave;
    if (this.version === versions.of13) this.send(demoted(generationId));
  }

  /** Where a packet-in may be appended; undefined while down, too far behind or not interested. */
  packetInChannel(reason: number): Channel | undefined {
    const channel = this.channel;
    if (channel === undefined || !this.hears('packetIn', reason)) return undefined;
    if (this.traffic.mayTakePacketIns(channel)) {
      this.traffic.gavePacketIn(channel);
      return channel;
    }
    this.droppedPacketIns += 1;
    return undefined;
  }

  /** An event: a message that nobody asked for. */
  announce(message: Extract<Message, { type: 'flowRemoved' | 'portStatus' }>): void {
    if (this.hears(message.type, message.reason)) this.send(eventIn(this, message));
  }

  send(message: Message): void {
    const channel = this.channel;
    if (channel === undefined) return;
    // It is closed for that when this turn ends (channel.ts): no memory for more.
    if (channel.pendingBytes() > this.#user.tenant.outbox.bytesMax) return;
    if (message.type !== 'multipartReply') channel.send(message);
    else {
      const frames = encodeMultipartReply(this.version, message.xid, message.reply, message.flags);
      for (const frame of frames) channel.writer().put(frame);
      this.traffic.said(message.type, frames.length);
    }
  }

  #dial(): void {
    const channel = this.#open();
    channel.attach(this.#world.dial(this.target, channel));
  }

  #open(): Channel {
    this.state = { type: 'dialling' };
    this.connectionState = newConnectionState(missSendLenOf(this.kind));
    this.buffers = this.#newBuffers();
    const { outbox, taps } = this.#user.tenant;
    const { name, versions } = this.#user.vswitch;
    const offered = this.#redialling.offer(versions);
    const channel = new Channel(this.#world, this, outbox.bytesMax, offered);
    channel.tap = taps?.ofController(name, controllerText(this));
    this.#channel = channel;
    outbox.add(channel);
    this.#replyOrder = new ReplyOrder(this);
    this.#unfinished = new Unfinished(this.#world, this, (one) => this.#onJoined(channel, one));
    return channel;
  }

  get turns(): TurnShare {
    return this.#user.tenant.turns;
  }

  get onFault(): ChannelUser['onFault'] {
    return this.#user.onFault?.bind(this.#user);
  }

  said(type: Message['type']): void {
    this.traffic.said(type, 1);
  }

  refused(dv: DataView, at: number, length: number, error: ErrorNumbers): void {
    this.traffic.refused(this, bytesOf(dv, at, length), error);
  }

  echoed(channel: Channel): void {
    this.traffic.heard('echoRequest', channel.takenMs);
  }

  mayRead(channel: Channel): boolean {
    if (channel.pendingBytes() > limits.unreadBytesMax || this.#user.tenant.outbox.isFull) {
      return false;
    }
    return this.#replyOrder.length < limits.waitingAnswersMax && this.#user.mayAsk(channel);
  }

  onCertain(channel: Channel): void {
    if (this.#channel !== channel) return;
    this.state = { type: 'up', sinceMs: this.#world.nowMs() };
    this.#user.onControllerChange(this);
  }

  /** The connection is over, and what it had begun. */
  #forget(): void {
    this.#user.tenant.outbox.remove(this.#channel);
    this.#channel = undefined;
    this.#unfinished?.drop();
    this.#replyOrder.drop();
  }

  onDown(why: string, channel: Channel): void {
    if (this.#channel !== channel) return;
    this.#forget();
    if (this.kind === 'guest') {
      this.state = { type: 'idle' };
      this.#user.onControllerChange(this);
      return;
    }
    const waitMs = this.#redialling.after(channel.wasOpen, this.state, this.#world.nowMs());
    this.state = { type: 'waiting', why };
    this.#cancelRedial = this.#world.after(waitMs, () => this.#dial());
    this.#user.onControllerChange(this);
  }

  /** Answers how many bytes were taken. */
  onFrame(dv: DataView, at: number, length: number, end: number, channel: Channel): number {
    this.#redialling.heard(header.get.type(dv, at));
    const mayChange = !isSlave(this.connectionState);
    const taken = mayChange ? this.#user.relay(channel, dv, at, length, end) : 0;
    if (taken > 0) channel.inbox.wasCheap();
    else this.#onMessage(channel, dv, at, length);
    return this.traffic.readMessages(dv, at, taken > 0 ? taken : length);
  }

  #onMessage(channel: Channel, dv: DataView, at: number, length: number): void {
    const name = nameOfType(this.version, header.get.type(dv, at));
    this.traffic.heard(carriedName(dv, at, length) ?? name, channel.takenMs);
    const unread =
      name &&
      (refusedUnread(name) ??
        this.#refusedAsSlave(name, dv, at, length) ??
        this.traffic.refuse(name, channel.takenMs));
    const message = unread ?? decode(this.version, dv, at, length);
    if (isError(message)) this.#refuse(channel, dv, at, length, message);
    else if (name === undefined)
      return; // decode refuses types that do not exist
    else if (message.type === 'multipartRequest' && this.version === versions.of13) {
      this.#unfinished?.take(message, bytesOf(dv, at, length));
    } else this.#obey(channel, name, message, dv, at, length);
  }

  /** What a slave may not say is not read any further than its fixed part. */
  #refusedAsSlave(name: MessageName, dv: DataView, at: number, length: number) {
    const line: Line = fromController[name];
    if (!line.notForSlaves || !isSlave(this.connectionState)) return undefined;
    const wrong = refuseFrame(this.version, dv, at, length);
    return wrong ?? ofError('badRequest', 'isSlave', `${name} from a slave`);
  }

  #onJoined(channel: Channel, { request, frame }: Joined): void {
    if (this.#channel !== channel) return;
    const dv = new DataView(frame.buffer, frame.byteOffset, frame.length);
    if (isError(request)) this.#refuse(channel, dv, 0, frame.length, request);
    else this.#obey(channel, 'multipartRequest', request, dv, 0, frame.length);
  }

  #refuse(...[channel, dv, at, length, error]: [Channel, DataView, number, number, ErrorNumbers]) {
    if (this.#replyOrder.length === 0) channel.refuse(dv, at, length, error);
    else {
      const origin = originOf(channel, dv, at, length);
      this.#replyOrder.now(() => origin.refuse(error));
    }
  }

  /** Does what a whole message asks; `at` and `length` are where its first frame is. */
  #obey(
    channel: Channel,
    name: MessageName,
    message: Message,
    dv: DataView,
    at: number,
    length: number,
  ): void {
    const scene: Scene = {
      vswitch: this.#user.vswitch,
      version: this.version,
      portView: (vport) => this.#user.portView(vport),
      connectionState: this.connectionState,
      nowMs: channel.takenMs,
    };
    const verdict = (fromController[name] as Line).handle(scene, message);
    switch (verdict.verdict) {
      case 'answer':
        this.#replyOrder.now(() => this.send(verdict.message));
        break;
      case 'refuse':
        this.#refuse(channel, dv, at, length, verdict.error);
        break;
      case 'rewrite': {
        const took = this.traffic.timing(name, channel.takenMs);
        const asked = this.#replyOrder.begin(originOf(channel, dv, at, length), took);
        this.#user.perform(verdict.effect, this, asked);
        break;
      }
      case 'absorb':
        break;
    }
    if (name === 'experimenter') this.#unfinished?.watch();
  }
}
