/**
 * One OpenFlow connection, below or above: framing, hello, echo, liveness, and its outbox.
 *
 *   opening --open--> greeting --hello--> up
 *      any state --closed, silent too long, framing lost--> down (for good)
 *
 * Whoever uses it sees whole frames of the agreed version, after the hello, and nothing else.
 */

import type { Writer } from '../../openflow/layout/writer.ts';
import { encodeTo } from '../../openflow/messages/codec.ts';
import { header, messages } from '../../openflow/messages/messages.ts';
import type { Version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { ErrorNumbers } from '../../translation/controllers/verdict.ts';
import type { Written } from '../world/fault-boundary.ts';
import type { Connection, ConnectionUser, World } from '../world/world.ts';
import type { ChannelUser, Tap } from './channel-user.ts';
import { ConnectionWatch } from './connection-watch.ts';
import { errorAbout, errorText, helloRefused, wrongWord } from './error-replies.ts';
import { FrameReader, type FrameUser } from './frame-reader.ts';
import { meet } from './hello.ts';
import { Inbox, type InboxUser } from './inbox.ts';
import { Outbox, putEchoReply, returnOutbox } from './outbox.ts';

const ERROR = messages.error.number;

type State = 'opening' | 'greeting' | 'up' | 'down';

export class Channel implements ConnectionUser, FrameUser, InboxUser, Written {
  readonly #world: World;
  readonly #user: ChannelUser;
  readonly #outboxBytesMax: number;
  readonly #reader: FrameReader;
  /** What came and was not looked at. */
  readonly inbox: Inbox;
  tap: Tap | undefined;
  #connection: Connection | undefined;
  #state: State = 'opening';
  /** Whether the peer took the connection; has said that it speaks the version that was agreed. */
  wasOpen = false;
  isCertain = false;
  readonly #offered: readonly Version[];
  /** What is agreed; before that, the highest of what is offered. */
  #version: Version;
  readonly #outbox = new Outbox();
  /** Whether the end of this turn is waited for. */
  #isDue = false;
  /** How often something came from the peer. */
  heard = 0;
  #takenMs: number;
  readonly #watch: ConnectionWatch;
  #xid = 1;

  /** `offered` must not be empty. */
  constructor(
    world: World,
    user: ChannelUser,
    outboxBytesMax: number,
    offered: readonly Version[],
  ) {
    this.#world = world;
    this.#user = user;
    this.#offered = offered;
    this.#version = Math.max(...offered) as Version;
    this.#outboxBytesMax = outboxBytesMax;
    this.#reader = new FrameReader(this);
    this.inbox = new Inbox(world, this, user.turns);
    this.#takenMs = world.nowMs();
    this.#watch = new ConnectionWatch(world, this);
  }

  /** The connection that the world made for this channel. */
  attach(connection: Connection): this {
    this.#connection = connection;
    return this;
  }

  get peer(): string {
    return this.#connection?.peer ?? '?';
  }

  /** The version that the hellos agreed on. */
  get version(): Version {
    return this.#version;
  }

  /** When what is being handled was taken up, or a moment before; a clock costs 50 ns a look. */
  get takenMs(): number {
    return this.#takenMs;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** A transaction id that this side of the connection has not used lately. */
  nextXid(): number {
    return this.reserveXids(1);
  }

  /** The first of `count` ids in a row. */
  reserveXids(count: number): number {
    const first = this.#xid + count > 0xffff_ffff ? 1 : this.#xid;
    this.#xid = first + count;
    return first;
  }

  send(message: Message): void {
    encodeTo(this.writer(), this.#version, message);
    this.#user.said?.(message.type);
  }

  /**
   * The outbox, to append frames to. What was appended leaves at the end of this turn; what is
   * worth a write by itself, at once: the peer has something to do, and we have it in the cache.
   */
  writer(): Writer {
    const outbox = this.#outbox;
    if (outbox.size >= limits.outboxBytesAtOnce) this.#write();
    if (outbox.isEmpty && !this.#isDue) {
      this.#isDue = true;
      this.#world.soon(this.#endTurn);
    }
    if (!outbox.isUnseen && this.#user.wrote !== undefined) {
      outbox.isUnseen = true;
      this.#user.wrote(this);
    }
    return outbox.writer();
  }

  /**
   * Whether only whole messages of the agreed version were appended since this was asked last. If
   * not, that is our own mistake: nothing of it is sent, and the connection is closed, for what the
   * peer believes is no longer known. Why, then.
   */
  verify(): string | undefined {
    const first = this.#outbox.verify(this.#version);
    if (first === undefined) return undefined;
    const why = `a message to ${this.peer} would not be valid OpenFlow: ${first}`;
    this.close(why);
    return why;
  }

  /** After an exception: takes back a message that was begun. */
  takeBack(): void {
    this.#outbox.takeBack();
  }

  readonly #endTurn = (): void => {
    this.#isDue = false;
    this.#write();
    if (this.#state === 'down') return;
    const pending = this.pendingBytes();
    if (pending > this.#outboxBytesMax) {
      this.close(`it does not read: ${pending} bytes wait (limit ${this.#outboxBytesMax})`);
    }
  };

  /** Bytes that wait for this peer. */
  pendingBytes(): number {
    return this.#outbox.size + (this.#connection?.pendingBytes() ?? 0);
  }

  close(why: string): void {
    if (this.#state === 'down') return;
    this.takeBack();
    this.#write();
    this.#connection?.close();
    this.onClose(why);
  }

  onOpen(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'greeting';
    this.wasOpen = true;
    this.send({ type: 'hello', xid: this.nextXid(), versions: this.#offered });
  }

  onBytes(chunk: Uint8Array): void {
    if (this.#state === 'down') return;
    this.#watch.heard();
    this.heard += 1;
    this.inbox.push(chunk);
  }

  /** For the inbox, as the next two. */
  take(bytes: Uint8Array, nowMs: number): number {
    if (this.#state === 'down') return bytes.length;
    this.#takenMs = nowMs;
    const taken = this.#reader.push(bytes);
    if (isError(taken)) this.close(`framing is lost: ${taken.why}`);
    return isError(taken) ? bytes.length : taken;
  }

  mayTake(): boolean {
    return this.#state !== 'up' || (this.#user.mayRead?.(this) ?? true);
  }

  read(isOn: boolean): void {
    this.#connection?.read(isOn);
  }

  onClose(why: string): void {
    if (this.#state === 'down') return;
    this.#state = 'down';
    this.inbox.drop();
    this.#watch.end();
    this.#user.onDown(why, this);
  }

  /** For the reader, as the next three. */
  isOpen(): boolean {
    return this.#state !== 'down';
  }

  isTurnOver(): boolean {
    return this.inbox.isTurnOver();
  }

  get onFault(): FrameUser['onFault'] {
    return this.#user.onFault;
  }

  /** A frame of the reader's; answers how many bytes were taken. */
  onFrame(dv: DataView, at: number, length: number): number {
    if (this.#state === 'down') return length;
    const type = header.get.type(dv, at);
    const version = header.get.version(dv, at);
    if (this.#state === 'greeting') {
      this.#greet(dv, at, length, type);
    } else if (!this.isCertain && type === ERROR) {
      this.close(`refused: ${errorText(this.#version, dv, at, length)}`);
    } else {
      const wrong = wrongWord(this.#user.refused !== undefined, type, version, this.#version);
      if (wrong !== undefined) this.#refuseIn(version, dv, at, length, wrong);
      else return this.#hear(dv, at, length, type);
    }
    return length;
  }

  #hear(dv: DataView, at: number, length: number, type: number): number {
    if (!this.isCertain) this.#beCertain();
    if (type === messages.echoRequest.number) {
      putEchoReply(this.writer(), dv, at, length);
      this.#user.echoed?.(this);
    } else if (type !== messages.echoReply.number && type !== messages.hello.number) {
      return this.#user.onFrame(dv, at, length, this.#reader.end, this);
    }
    return length;
  }

  /** Answers a frame with an error that carries the frame's own xid and bytes. */
  refuse(dv: DataView, at: number, length: number, error: ErrorNumbers): void {
    this.send(errorAbout(dv, at, length, error));
    this.#user.refused?.(dv, at, length, error);
  }

  /** As a switch, in the version of the frame. */
  #refuseIn(version: number, ...refused: Parameters<Channel['refuse']>): void {
    const out = this.writer();
    const start = out.at;
    this.refuse(...refused);
    if (this.#user.refused) header.set.version(out.dv, start, version);
  }

  #greet(dv: DataView, at: number, length: number, type: number): void {
    if (type !== messages.hello.number) {
      if (type === ERROR) this.close(`refused: ${errorText(this.#version, dv, at, length)}`);
      return; // OF1.3.5 section 6.3.1: nothing counts before the hello.
    }
    const met = meet(this.#offered, dv, at, length);
    if ('whyNot' in met) {
      this.send(helloRefused(header.get.xid(dv, at), met.whyNot));
      this.close(met.whyNot);
      return;
    }
    this.#version = met.version;
    this.#state = 'up';
    this.#watch.greeted();
    this.#user.onUp?.(this);
    if (met.isCertain) this.#beCertain();
    else this.askEcho();
  }

  #beCertain(): void {
    this.isCertain = true;
    this.#user.onCertain?.(this);
  }

  askEcho(): void {
    this.send({ type: 'echoRequest', xid: this.nextXid(), data: new Uint8Array(0) });
  }

  #write(): void {
    const why = this.#outbox.isUnseen ? this.verify() : undefined;
    if (why !== undefined) throw new Error(why);
    const outbox = this.#outbox.take();
    if (outbox === undefined || this.#state === 'down') return;
    this.tap?.(outbox.bytes.subarray(0, outbox.at), false);
    this.#connection?.write(outbox.bytes.subarray(0, outbox.at), () => returnOutbox(outbox));
  }
}
