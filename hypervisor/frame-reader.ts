/**
 * A connection's bytes to frames for whoever handles them, and what happens when that throws: the
 * frames behind it are somebody else's, maybe, and are handled all the same (boundary.ts).
 */
import { Framer } from '../openflow/framer.ts';
import { bytesOf } from '../openflow/layout.ts';
import type { OfError } from '../openflow/values.ts';
import { limits } from '../slices/limits.ts';
import { hex } from './hex.ts';

export interface FrameUser {
  /** Answers how many bytes were taken: of this frame, or of more behind it. */
  onFrame(dv: DataView, at: number, length: number): number;
  /** Handling threw; `message` is how the frame begins, in hex. Absent: it goes on upwards. */
  readonly onFault: ((error: unknown, message: string) => void) | undefined;
  /** Whether frames are to be handled still. */
  isOpen(): boolean;
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

  /** Hands on every frame that ends in this chunk; the error when the framing is lost. */
  push(bytes: Uint8Array): OfError | undefined {
    for (let rest = bytes; ; rest = rest.subarray(this.#framer.next)) {
      try {
        return this.#framer.push(rest, this.#onFrame);
      } catch (error) {
        if (this.#user.onFault === undefined) throw error;
        this.#user.onFault(error, this.#beginning());
        if (!this.#user.isOpen()) return undefined;
      }
    }
  }

  readonly #onFrame = (dv: DataView, at: number, length: number): void => {
    this.#dv = dv;
    this.#at = at;
    this.#length = length;
    const taken = this.#user.onFrame(dv, at, length);
    if (taken > length) this.#framer.skip(taken - length);
  };

  #beginning(): string {
    if (this.#dv === undefined) return '';
    return hex(bytesOf(this.#dv, this.#at, Math.min(this.#length, limits.faultBytesMax)));
  }
}
