/**
 * Messages that a channel has not sent yet, and the memory for them: a few writers that all
 * channels share, each for one turn at a time.
 *
 * A channel that has nothing to say holds no memory, however many channels there are; one that has
 * borrows a writer for the turn, and returns it when the kernel took the bytes.
 */

import { Writer } from '../../openflow/layout/writer.ts';
import { brokenAt } from '../../openflow/messages/framer.ts';
import { header, messages } from '../../openflow/messages/messages.ts';
import { hex } from '../../slices/hex.ts';
import { limits } from '../../slices/limits.ts';

export class Outbox {
  #writer: Writer | undefined;
  /** How much of it is whole messages. */
  #verified = 0;
  /** Whether somebody may have appended since that was looked at. */
  isUnseen = false;

  /** Bytes that wait in it. */
  get size(): number {
    return this.#writer?.at ?? 0;
  }

  get isEmpty(): boolean {
    return this.#writer === undefined;
  }

  writer(): Writer {
    if (this.#writer === undefined) {
      this.#writer = borrowOutbox();
      this.#verified = 0;
    }
    return this.#writer;
  }

  /**
   * Looks at what was appended since the last look: what begins the part that is not whole messages
   * of this version, in hex. Nothing of what was not looked at before is there any more, then.
   */
  verify(version: number): string | undefined {
    this.isUnseen = false;
    const writer = this.#writer;
    if (writer === undefined) return undefined;
    const broken = brokenAt(writer.dv, this.#verified, writer.at, version);
    if (broken < 0) {
      this.#verified = writer.at;
      return undefined;
    }
    const first = hex(writer.bytes.subarray(broken, broken + limits.faultBytesMax));
    writer.at = this.#verified;
    return first;
  }

  /** After an exception: takes back a message that was begun. */
  takeBack(): void {
    this.#writer?.takeBack();
  }

  /** What is to be said; it is empty then. The writer goes back with `returnOutbox`. */
  take(): Writer | undefined {
    const writer = this.#writer;
    this.#writer = undefined;
    return writer;
  }
}

const free: Writer[] = [];
/** Bytes of those. */
let kept = 0;

export function borrowOutbox(): Writer {
  const outbox = free.pop();
  kept -= outbox?.bytes.length ?? 0;
  return outbox ?? new Writer(limits.outboxBytesAtFirst);
}

/**
 * As many are kept as were needed at once: thousands of controllers may be written to in one turn,
 * and memory that is made for each of them in every turn is the collector's to find again.
 */
export function returnOutbox(outbox: Writer): void {
  const size = outbox.bytes.length;
  if (size > limits.outboxBytesKeptMax || kept + size > limits.outboxesBytesKeptMax) return;
  outbox.reset();
  free.push(outbox);
  kept += size;
}

/** The request's own bytes. */
export function putEchoReply(out: Writer, dv: DataView, at: number, length: number): void {
  const start = out.at;
  out.putFrom(dv, at, length);
  header.set.type(out.dv, start, messages.echoReply.number);
}
