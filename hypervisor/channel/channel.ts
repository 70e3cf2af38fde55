/**
 * One OpenFlow connection, below or above: framing, hello, echo, liveness, and its outbox.
 *
 *   opening --open--> greeting --hello--> up
 *      any state --closed, silent too long, framing lost--> down (for good)
 *
 * Whoever uses it sees whole frames of the agreed version, after the hello, and nothing else.
 */

import type { Writer } from '../../openflow/layout/writer.ts';
import { decode, encodeTo } from '../../openflow/messages/codec.ts';
import { header, messages } from '../../openflow/messages/messages.ts';
import {
  agreedVersion,
  disagreement,
  type Offer,
  versionText,
} from '../../openflow/messages/negotiation.ts';
import type { Version } from '../../openflow/values/constants.ts';
import { isError, ofError } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { ErrorNumbers } from '../../translation/controllers/verdict.ts';
import type { Written } from '../world/fault-boundary.ts';
import type { Cancel, Connection, ConnectionUser, World } from '../world/world.ts';
import type { ChannelUser, Tap } from './channel-user.ts';
import { errorAbout, errorText, helloRefused } from './error-replies.ts';
import { FrameReader, type FrameUser } from './frame-reader.ts';
import { Inbox, type InboxUser } from './inbox.ts';
import { Outbox, putEchoReply, returnOutbox } from './outbox.ts';

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
  readonly #offered: readonly Version[];
  /** What is agreed; before that, the highest of what is offered. */
  #version: Version;
  readonly #outbox = new Outbox();
  /** Whether the end of this turn is waited for. */
  #isDue = false;
  #heardMs: number;
  /** How often something came from the peer. */
  heard = 0;
  #takenMs: number;
  /** What waited for the peer when its silence was last looked at. */
  #pendingBefore = 0;
  #cancelWatch: Cancel;
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
    this.#heardMs = world.nowMs();
    this.#takenMs = this.#heardMs;
    this.#cancelWatch = world.after(limits.handshakeTimeoutMs, () => {
      this.close(`no hello within ${limits.handshakeTimeoutMs / 1000} s`);
    });
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
      this.#world.soon(() => this.#endTurn());
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

  #endTurn(): void {
    this.#isDue = false;
    this.#write();
    if (this.#state === 'down') return;
    const pending = this.pendingBytes();
    if (pending > this.#outboxBytesMax) {
      this.close(`it does not read: ${pending} bytes wait (limit ${this.#outboxBytesMax})`);
    }
  }

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
    this.send({ type: 'hello', xid: this.nextXid(), versions: this.#offered });
  }

  onBytes(chunk: Uint8Array): void {
    if (this.#state === 'down') return;
    this.#heardMs = this.#world.nowMs();
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
    this.#cancelWatch();
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
    if (this.#state === 'greeting') {
      this.#greet(dv, at, length, type);
    } else if (header.get.version(dv, at) !== this.#version) {
      const got = versionText(header.get.version(dv, at));
      const why = `${got} after ${versionText(this.#version)} was agreed`;
      this.refuse(dv, at, length, ofError('badRequest', 'badVersion', why));
    } else if (type === messages.echoRequest.number) {
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
  }

  #greet(dv: DataView, at: number, length: number, type: number): void {
    if (type !== messages.hello.number) {
      if (type === messages.error.number)
        this.close(`refused: ${errorText(this.#version, dv, at, length)}`);
      return; // OF1.3.5 section 6.3.1: nothing counts before the hello.
    }
    const hello = decode(this.#version, dv, at, length);
    const versions = isError(hello) || hello.type !== 'hello' ? [] : hello.versions;
    const theirs: Offer = { versions, headerVersion: header.get.version(dv, at), length };
    const agreed = agreedVersion(this.#offered, theirs);
    if (agreed !== undefined) {
      this.#version = agreed;
      this.#state = 'up';
      this.#cancelWatch();
      this.#watchSilence();
      this.#user.onUp(this);
      return;
    }
    const why = disagreement(this.#offered, theirs);
    this.send(helloRefused(header.get.xid(dv, at), why));
    this.close(why);
  }

  /** Asks after a peer that is silent, and gives it up when it stays so. */
  #watchSilence(): void {
    this.#noteProgress();
    const silentMs = this.#world.nowMs() - this.#heardMs;
    if (silentMs >= limits.echoTimeoutMs) {
      this.close(`silent for ${Math.round(silentMs / 1000)} s`);
      return;
    }
    if (silentMs >= limits.echoIntervalMs) this.askEcho();
    this.#cancelWatch = this.#world.after(limits.echoIntervalMs, () => this.#watchSilence());
  }

  askEcho(): void {
    this.send({ type: 'echoRequest', xid: this.nextXid(), data: new Uint8Array(0) });
  }

  /** A peer that is not read is alive as long as it takes what waits for it. */
  #noteProgress(): void {
    const pending = this.pendingBytes();
    const takes = pending === 0 || pending < this.#pendingBefore;
    if (this.inbox.isHeld && takes) this.#heardMs = this.#world.nowMs();
    this.#pendingBefore = pending;
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
