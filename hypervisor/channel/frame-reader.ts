/**
 * Cuts a connection's bytes into frames and passes them to their handler. If the handler throws,
 * the frames behind are handled all the same, for they may be of others (fault-boundary.ts).
 */

import { bytesOf } from '../../openflow/layout/layout.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import type { OfError } from '../../openflow/values/values.ts';
import { hex } from '../../slices/hex.ts';
import { limits } from '../../slices/limits.ts';
import type { Tap } from './tap.ts';

export interface FrameUser {
  /** Answers how many bytes were taken: of this frame, or of more behind it. */
  onFrame(dv: DataView, at: number, length: number): number;
  /** Handling threw; `message` is how the frame begins, in hex. Absent: it goes on upwards. */
  readonly onFault: ((error: unknown, message: string) => void) | undefined;
  /** Told what was taken; absent: nobody looks. */
  readonly tap?: Tap | undefined;
  /** Whether frames are to be handled still. */
  isOpen(): boolean;
  /** Asked after each frame: whether those behind it wait for another turn. */
  isTurnOver(): boolean;
}

export class FrameReader {
  readonly #user: FrameUser;
  readonly #framer = new Framer({ frameBytesMax: limits.frameBytesMax });
  /** The frame that is being handled. */
  #dv: DataView | undefined;
  #at = 0;
  #length = 0;

  constructor(user: FrameUser) {
    this.#user = user;
  }

  /** Where what has come ends, in the view of the frame that is being handled. */
  get end(): number {
    return this.#framer.end;
  }

  /**
   * Hands on the frames that end in this chunk, as far as the turn goes: how many bytes of it were
   * taken, or the error when the framing is lost.
   */
  push(bytes: Uint8Array): number | OfError {
    for (let taken = 0; ; ) {
      try {
        const lost = this.#framer.push(bytes.subarray(taken), this.#onFrame);
        // The view would keep alive what was read.
        this.#dv = undefined;
        return lost ?? taken + this.#framer.taken;
      } catch (error) {
        const { onFault } = this.#user;
        if (onFault === undefined) throw error;
        onFault(error, this.#beginning());
        if (!this.#user.isOpen()) return bytes.length;
        taken += this.#framer.next;
        if (this.#user.isTurnOver()) return taken;
      }
    }
  }

  readonly #onFrame = (dv: DataView, at: number, length: number): void => {
    this.#dv = dv;
    this.#at = at;
    this.#length = length;
    const taken = this.#user.onFrame(dv, at, length);
    if (this.#user.tap !== undefined) this.#user.tap(bytesOf(dv, at, taken), true);
    if (taken > length) this.#framer.skip(taken - length);
    if (this.#user.isTurnOver()) this.#framer.stop();
  };

  #beginning(): string {
    if (this.#dv === undefined) return '';
    return hex(bytesOf(this.#dv, this.#at, Math.min(this.#length, limits.faultBytesMax)));
  }
}
