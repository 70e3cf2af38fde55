/**
 * The buffers of one connection: packets that its controller was shown the beginning of, by the
 * ids that it was given (OF1.3.5 section 7.4.1).
 *
 * An id is good once, on this connection, and for a limited time; all together are bounded in
 * number and in bytes, and the oldest goes first. An id that was used is BUFFER_EMPTY for as long
 * as it would have been good, any other is BUFFER_UNKNOWN.
 */
import { NO_BUFFER } from '../openflow/constants.ts';
import { ofError } from '../openflow/errors.ts';
import type { OfError } from '../openflow/values.ts';

export interface Buffered {
  /** Where it entered, as the tenant names it. */
  readonly inPort: number;
  readonly data: Uint8Array;
}

export interface BufferLimits {
  /** 0: there are no buffers. */
  readonly countMax: number;
  readonly bytesMax: number;
  readonly timeMs: number;
}

interface Entry {
  /** Undefined when it was used. */
  packet: Buffered | undefined;
  readonly bytes: number;
  readonly dueMs: number;
}

export class Buffers {
  readonly #limits: BufferLimits;
  /** The oldest first. */
  readonly #entries = new Map<number, Entry>();
  #bytes = 0;
  #next = 1;

  constructor(limits: BufferLimits) {
    this.#limits = limits;
  }

  /** Keeps a packet, and says by which id; undefined when it is too large to keep. */
  put(packet: Buffered, nowMs: number): number | undefined {
    const { countMax, bytesMax, timeMs } = this.#limits;
    const bytes = packet.data.length;
    if (countMax === 0 || bytes > bytesMax) return undefined;
    this.#forget(nowMs, countMax - 1, bytesMax - bytes);
    const id = this.#next;
    this.#next = id + 1 === NO_BUFFER ? 1 : id + 1;
    this.#entries.set(id, { packet, bytes, dueMs: nowMs + timeMs });
    this.#bytes += bytes;
    return id;
  }

  /** The error that the use of an id deserves, or undefined. */
  refuse(id: number, nowMs: number): OfError | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.dueMs <= nowMs) {
      return ofError('badRequest', 'bufferUnknown', `buffer 0x${id.toString(16)} is not there`);
    }
    if (entry.packet !== undefined) return undefined;
    return ofError('badRequest', 'bufferEmpty', `buffer 0x${id.toString(16)} was used before`);
  }

  /** The packet of an id that `refuse` says nothing against. */
  look(id: number): Buffered {
    const packet = this.#entries.get(id)?.packet;
    if (packet === undefined) throw new Error(`buffer ${id} is not there`);
    return packet;
  }

  /** The same; the id is used then. */
  take(id: number): Buffered {
    const packet = this.look(id);
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.packet = undefined;
    return packet;
  }

  /** What is too old goes; then the oldest, until there is room. */
  #forget(nowMs: number, countMax: number, bytesMax: number): void {
    for (const [id, { bytes, dueMs }] of this.#entries) {
      const isOver = this.#entries.size > countMax || this.#bytes > bytesMax;
      if (dueMs > nowMs && !isOver) return;
      this.#entries.delete(id);
      this.#bytes -= bytes;
    }
  }
}
