/**
 * Cuts a stream's bytes into frames, wherever its chunks begin and end.
 *
 * First on the way of every message: no copies but of a frame that straddles two chunks, one
 * DataView per chunk, nothing allocated per frame. What frames mean is codec.ts's business.
 */

import { ofError } from '../values/errors.ts';
import type { OfError } from '../values/values.ts';
import { header, messageNames, messages } from './messages.ts';

/** A frame: [at, at + length) of `dv`. Read-only, and gone when the callback returns. */
export type OnFrame = (dv: DataView, at: number, length: number) => void;

/** Most frames come whole: room for one that does not is made when it comes. */
const nothing = new Uint8Array(0);
const nothingView = new DataView(nothing.buffer);
const ECHO_REPLY = messages.echoReply.number;

export class Framer {
  readonly #frameBytesMax: number;
  /** The start of a frame whose rest has not come: `#have` bytes of `#partial` are good. */
  #partial = nothing;
  #partialView = nothingView;
  #have = 0;
  #lost: OfError | undefined;
  #end = 0;
  #skipped = 0;
  #next = 0;
  #isStopped = false;
  #taken = 0;

  constructor(limits: { readonly frameBytesMax: number }) {
    this.#frameBytesMax = limits.frameBytesMax;
  }

  /** Where what has come ends, in the view of the frame that is being handed on. */
  get end(): number {
    return this.#end;
  }

  /**
   * Where in the chunk the frame ends that was handed on last: what is behind it may be pushed
   * again, when `onFrame` threw.
   */
  get next(): number {
    return this.#next;
  }

  /** While a frame is handed on: whole frames behind it, of so many bytes, have been taken, too. */
  skip(bytes: number): void {
    this.#skipped = bytes;
  }

  /** While a frame is handed on: those behind it are not, for now; see `taken`. */
  stop(): void {
    this.#isStopped = true;
  }

  /** How many bytes of the chunk the last `push` took: all, unless it was stopped. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Calls `onFrame` for every frame that ends in this chunk. After an error the framing is lost:
   * the same error comes for ever, and the caller closes the stream.
   */
  push(chunk: Uint8Array, onFrame: OnFrame): OfError | undefined {
    this.#taken = chunk.length;
    this.#isStopped = false;
    if (this.#lost || chunk.length === 0) return this.#lost;
    let at = this.#have > 0 ? this.#finishPartial(chunk, onFrame) : 0;
    if (this.#lost || at === chunk.length) return this.#lost;
    const dv = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (!this.#isStopped && chunk.length - at >= header.size) {
      const length = header.get.length(dv, at);
      if (length < header.size || length > this.#frameBytesMax) return this.#lose(length);
      if (at + length > chunk.length) {
        this.#reserve(length);
        break;
      }
      this.#end = chunk.length;
      this.#next = at + length;
      this.#skipped = 0;
      onFrame(dv, at, length);
      at += length + this.#skipped;
    }
    if (this.#isStopped) {
      this.#taken = at;
      return undefined;
    }
    if (at < chunk.length) {
      this.#reserve(header.size);
      this.#partial.set(chunk.subarray(at));
    }
    this.#have = chunk.length - at;
    return undefined;
  }

  /** Completes the straddling frame as far as the chunk goes; answers where the next one starts. */
  #finishPartial(chunk: Uint8Array, onFrame: OnFrame): number {
    let at = this.#take(chunk, 0, header.size);
    if (this.#have < header.size) return at;
    const length = header.get.length(this.#partialView, 0);
    if (length < header.size || length > this.#frameBytesMax) {
      this.#lose(length);
      return at;
    }
    this.#reserve(length);
    at = this.#take(chunk, at, length);
    if (this.#have === length) {
      this.#have = 0;
      this.#end = length;
      this.#next = at;
      onFrame(this.#partialView, 0, length);
    }
    return at;
  }

  /** Copies from the chunk until the partial frame has `wanted` bytes or the chunk ends. */
  #take(chunk: Uint8Array, at: number, wanted: number): number {
    const size = Math.max(0, Math.min(wanted - this.#have, chunk.length - at));
    this.#partial.set(chunk.subarray(at, at + size), this.#have);
    this.#have += size;
    return at + size;
  }

  /** Room for a frame of `length`; keeps what is there. At most `frameBytesMax`. */
  #reserve(length: number): void {
    if (length <= this.#partial.length) return;
    const room = Math.min(this.#frameBytesMax, Math.max(length, 2 * this.#partial.length));
    const larger = new Uint8Array(room);
    larger.set(this.#partial.subarray(0, this.#have));
    this.#partial = larger;
    this.#partialView = new DataView(larger.buffer);
  }

  #lose(length: number): OfError {
    this.#lost = ofError('badRequest', 'badLen', `a frame claims ${length} bytes`);
    return this.#lost;
  }
}

/**
 * Where something begins that is no frame of this version, of frames that stand behind each other
 * in [from, end); -1 when all are. A hello, the refusal of one and what answers an echo request of
 * another version may be of another version.
 */
export function brokenAt(dv: DataView, from: number, end: number, version: number): number {
  for (let at = from; at < end; ) {
    if (at + header.size > end) return at;
    // Version, type and length in one look: every frame that goes down is looked at.
    const head = dv.getInt32(at);
    const length = head & 0xffff;
    const type = (head >>> 16) & 0xff;
    if (length < header.size || at + length > end || type >= messageNames.length) return at;
    if (head >>> 24 !== version && type > 1 && type !== ECHO_REPLY) return at;
    at += length;
  }
  return -1;
}
