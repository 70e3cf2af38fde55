/**
 * The buffers of one connection: packets of which its controller was sent the beginning, by the ids
 * that it was given (OF1.3.5 section 7.4.1).
 *
 * An id is good once, on this connection, and for a limited time; what is kept is bounded in number
 * and in bytes, and the oldest goes first. An id that was used takes no packet's place: it is
 * BUFFER_EMPTY for as long as it would have been good, if no more ids than there are buffers were
 * used since. Any other is BUFFER_UNKNOWN.
 *
 * A request that names an id may be decided later. From its beginning on the id is this request's
 * (`claim`), and BUFFER_EMPTY for all others; if the request is refused, the id is good again.
 */
import { NO_BUFFER } from '../openflow/values/constants.ts';
import { ofError } from '../openflow/values/errors.ts';
import type { OfError } from '../openflow/values/values.ts';
import { LazyMap } from './lazy-collections.ts';

export interface PacketInBuffer {
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
  readonly packet: PacketInBuffer;
  readonly dueMs: number;
  isClaimed: boolean;
}

/** The packet of a request that is not decided yet, whatever becomes of the buffer meanwhile. */
export interface Claim {
  readonly packet: PacketInBuffer;
  /** The request was carried out. */
  use(): void;
  /** It was refused, and the buffer is as it was; nothing when it was carried out before. */
  giveBack(): void;
}

export class Buffers {
  readonly #limits: BufferLimits;
  /** The oldest first. */
  readonly #kept = new LazyMap<number, Entry>();
  /** Until when each id that was used would have been good; used longest ago first. */
  readonly #used = new LazyMap<number, number>();
  /** Of what is kept. */
  #bytes = 0;
  #next = 1;

  constructor(limits: BufferLimits) {
    this.#limits = limits;
  }

  /** Keeps a packet, and says by which id; undefined when it is too large to keep. */
  put(packet: PacketInBuffer, nowMs: number): number | undefined {
    const { countMax, bytesMax, timeMs } = this.#limits;
    const bytes = packet.data.length;
    if (countMax === 0 || bytes > bytesMax) return undefined;
    this.#forget(nowMs, countMax - 1, bytesMax - bytes);
    const id = this.#next;
    this.#next = id + 1 === NO_BUFFER ? 1 : id + 1;
    this.#kept.set(id, { packet, dueMs: nowMs + timeMs, isClaimed: false });
    this.#bytes += bytes;
    return id;
  }

  /** The error that the use of an id deserves, or undefined. */
  refuse(id: number, nowMs: number): OfError | undefined {
    const kept = this.#kept.get(id);
    const dueMs = kept?.dueMs ?? this.#used.get(id);
    if (dueMs === undefined || dueMs <= nowMs) {
      return ofError('badRequest', 'bufferUnknown', `buffer 0x${id.toString(16)} does not exist`);
    }
    if (kept?.isClaimed === false) return undefined;
    return ofError('badRequest', 'bufferEmpty', `buffer 0x${id.toString(16)} was already used`);
  }

  /** Keeps the packet of an id that `refuse` says nothing against for one request. */
  claim(id: number): Claim {
    const entry = this.#kept.get(id);
    if (entry === undefined) throw new Error(`buffer ${id} does not exist`);
    entry.isClaimed = true;
    return {
      packet: entry.packet,
      use: () => this.#use(id, entry),
      giveBack: () => {
        entry.isClaimed = false;
      },
    };
  }

  #use(id: number, { packet, dueMs }: Entry): void {
    if (this.#kept.has(id)) this.#drop(id, packet);
    this.#used.set(id, dueMs);
    for (const used of this.#used.keys()) {
      if (this.#used.size <= this.#limits.countMax) break;
      this.#used.delete(used);
    }
  }

  #drop(id: number, { data }: PacketInBuffer): void {
    this.#kept.delete(id);
    this.#bytes -= data.length;
  }

  /** What is too old goes; then the oldest, until there is room. */
  #forget(nowMs: number, countMax: number, bytesMax: number): void {
    for (const [id, { packet, dueMs }] of this.#kept) {
      const isOver = this.#kept.size > countMax || this.#bytes > bytesMax;
      if (dueMs > nowMs && !isOver) return;
      this.#drop(id, packet);
    }
  }
}
