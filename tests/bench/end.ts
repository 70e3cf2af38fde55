/**
 * One end of an OpenFlow connection, as lean as Node allows: the product's framer, an outbox.
 *
 * Both ends of the load generator and both sides of the framing relay are these. What is appended
 * in one turn of the event loop leaves in one write: syscalls are the price.
 */
import type net from 'node:net';
import { Framer } from '../../openflow/messages/framer.ts';

const frameBytesMax = 0xffff;
const SLAB_BYTES = 256 * 1024;
/** More than any window of the benchmark holds: beyond it somebody has stopped reading. */
const OUTBOX_BYTES_MAX = 256 * 1024 * 1024;

export type OnFrame = (end: End, dv: DataView, at: number, length: number) => void;

const dirty: End[] = [];

function flushAll(): void {
  for (const end of dirty.splice(0)) end.flush();
}

export class End {
  readonly socket: net.Socket;
  readonly #framer = new Framer({ frameBytesMax });
  #slab = Buffer.allocUnsafe(SLAB_BYTES);
  #view = new DataView(this.#slab.buffer, this.#slab.byteOffset, this.#slab.length);
  /** [#sent, #at) of the slab waits for the end of this turn. */
  #sent = 0;
  #at = 0;

  constructor(socket: net.Socket, onFrame: OnFrame, onGone: (why: string) => void) {
    this.socket = socket;
    socket.setNoDelay(true);
    const each = (dv: DataView, at: number, length: number): void => onFrame(this, dv, at, length);
    socket.on('data', (chunk) => {
      const lost = this.#framer.push(chunk, each);
      if (lost !== undefined) socket.destroy(new Error(lost.why));
    });
    let why = 'the other end closed the connection';
    socket.on('error', (error) => {
      why = error.message;
    });
    socket.on('close', () => onGone(why));
  }

  /** Appends a copy of a frame; answers the view and, by `at`, where the copy is. */
  put(dv: DataView, from: number, length: number): DataView {
    this.bytes(new Uint8Array(dv.buffer, dv.byteOffset + from, length));
    return this.#view;
  }

  /** Appends bytes; they leave at the end of this turn, or when `flush` is called. */
  bytes(data: Uint8Array): DataView {
    if (this.#at === this.#sent) dirtyNow(this);
    if (this.#at + data.length > this.#slab.length) this.#renew(data.length);
    this.#slab.set(data, this.#at);
    this.#at += data.length;
    return this.#view;
  }

  /** Where the next bytes go, in the view that `bytes` and `put` answer. */
  get at(): number {
    return this.#at;
  }

  flush(): void {
    if (this.#at === this.#sent || this.socket.destroyed) return;
    this.socket.write(this.#slab.subarray(this.#sent, this.#at));
    this.#sent = this.#at;
    if (this.socket.writableLength > OUTBOX_BYTES_MAX) {
      this.socket.destroy(new Error(`it does not read: ${this.socket.writableLength} bytes wait`));
    }
  }

  /** What is written stays untouched until it has left: a full slab is let go, never reused. */
  #renew(size: number): void {
    const waiting = this.#slab.subarray(this.#sent, this.#at);
    const slab = Buffer.allocUnsafe(Math.max(SLAB_BYTES, 2 * (waiting.length + size)));
    slab.set(waiting);
    this.#slab = slab;
    this.#view = new DataView(slab.buffer, slab.byteOffset, slab.length);
    this.#at = waiting.length;
    this.#sent = 0;
  }
}

function dirtyNow(end: End): void {
  if (dirty.length === 0) setImmediate(flushAll);
  dirty.push(end);
}
