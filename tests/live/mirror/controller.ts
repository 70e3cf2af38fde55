/**
 * A controller that does what it is told: listens on a Unix socket, greets, remembers every frame.
 *
 * It answers echo requests by itself, as liveness is not the conversation's affair.
 */
import { once } from 'node:events';
import net from 'node:net';
import { decode, encode } from '../../../openflow/messages/codec.ts';
import { Framer } from '../../../openflow/messages/framer.ts';
import { header, messages } from '../../../openflow/messages/messages.ts';
import { niciraTold } from '../../../openflow/messages/nicira-messages.ts';
import { type Version, version } from '../../../openflow/values/constants.ts';
import type { Message, OfError } from '../../../openflow/values/values.ts';
import { viewOf } from '../../openflow/hex.ts';

export interface Received {
  readonly frame: Uint8Array;
  readonly message: Message | OfError;
}

const PATIENCE_MS = 120_000;

/** Of a flow-removed, in either form; undefined of other messages. */
export function removedCookie(message: Message | OfError): bigint | undefined {
  if (message.type === 'flowRemoved') return message.cookie;
  if (message.type !== 'experimenter') return undefined;
  const { experimenter, expType, data } = message;
  const isIt =
    experimenter === niciraTold.flowRemoved.experimenter &&
    expType === niciraTold.flowRemoved.expType;
  return isIt ? viewOf(data).getBigUint64(0) : undefined;
}

export class TestController {
  readonly version: Version;
  readonly #server: net.Server;
  readonly #received: Received[] = [];
  readonly #waiting = new Set<() => void>();
  #socket: net.Socket | undefined;
  #greeted = false;
  /** For barriers of ours, far from what conversations use. */
  #xid = 0x7000_0000;

  constructor(path: string, spoken: Version) {
    this.version = spoken;
    this.#server = net.createServer((socket) => this.#serve(socket)).listen(path);
  }

  async listening(): Promise<void> {
    if (!this.#server.listening) await once(this.#server, 'listening');
  }

  close(): void {
    this.#server.close();
    this.#socket?.destroy();
  }

  /** How often a switch came. */
  connections = 0;

  /** Whether the switch that came last has gone. */
  get isDown(): boolean {
    return this.#socket?.destroyed !== false;
  }

  /** Until the switch is connected and has said hello. */
  up(): Promise<void> {
    return this.until('a hello', () => this.#greeted);
  }

  /** With what else is sent in this turn. */
  send(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.cork();
    socket.write(bytes);
    process.nextTick(() => socket.uncork());
  }

  /** Everything before it is done, and what came of it is here, but what `until` waits for. */
  async barrier(): Promise<void> {
    const xid = this.#xid++;
    this.send(encode(this.version, { type: 'barrierRequest', xid }));
    await this.until(`the answer to barrier ${xid}`, () => this.#indexOfBarrier(xid) >= 0);
    this.#received.splice(this.#indexOfBarrier(xid), 1);
  }

  /** Until a rule with this cookie is reported as removed; takes the report away. */
  async removal(cookie: bigint): Promise<void> {
    const find = () => this.#removalOf(cookie);
    await this.until(`the removal of the rule ${cookie}`, () => find() >= 0);
    this.#received.splice(find(), 1);
  }

  /** Takes the report of a removal away, if it came: a slave is not told. */
  forgetRemoval(cookie: bigint): void {
    const at = this.#removalOf(cookie);
    if (at >= 0) this.#received.splice(at, 1);
  }

  #removalOf(cookie: bigint): number {
    return this.#received.findIndex(({ message }) => removedCookie(message) === cookie);
  }

  /** What came since this was asked last. */
  take(): readonly Received[] {
    return this.#received.splice(0);
  }

  count(type: Message['type']): number {
    return this.#received.filter(({ message }) => message.type === type).length;
  }

  until(what: string, isSo: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`${what} did not come within ${PATIENCE_MS / 1000} s`));
      }, PATIENCE_MS);
      const look = (): void => {
        const isGone = this.#socket?.destroyed === true;
        if (!isSo() && !isGone) return;
        this.#waiting.delete(look);
        clearTimeout(timer);
        if (isSo()) resolve();
        else reject(new Error(`the switch went away before ${what} came`));
      };
      this.#waiting.add(look);
      look();
    });
  }

  #indexOfBarrier(xid: number): number {
    return this.#received.findIndex(
      ({ message }) => message.type === 'barrierReply' && message.xid === xid,
    );
  }

  #serve(socket: net.Socket): void {
    this.#socket?.destroy();
    this.#socket = socket;
    this.connections += 1;
    this.#greeted = false;
    const framer = new Framer({ frameBytesMax: 0xffff });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const look of this.#waiting) look();
    });
    socket.on('data', (chunk) => {
      framer.push(chunk, (dv, at, length) => {
        const frame = new Uint8Array(dv.buffer, dv.byteOffset + at, length).slice();
        if (this.#socket === socket) this.#receive(frame);
      });
      for (const look of this.#waiting) look();
    });
    const versions = this.version === version.of10 ? [1] : [4];
    socket.write(encode(this.version, { type: 'hello', xid: 0, versions }));
  }

  #receive(frame: Uint8Array): void {
    const dv = viewOf(frame);
    const type = header.get.type(dv, 0);
    if (type === messages.echoRequest.number) {
      header.set.type(dv, 0, messages.echoReply.number);
      this.send(frame);
    } else if (type === messages.hello.number) this.#greeted = true;
    else this.#received.push({ frame, message: decode(this.version, dv, 0, frame.length) });
  }
}
