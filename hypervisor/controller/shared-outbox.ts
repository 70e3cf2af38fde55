/**
 * The bytes that wait for all controllers of one tenant together, and their limit: above it none of
 * these controllers is read, and packet-ins are dropped before that.
 */

import { LazySet } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';

/** A connection to a controller. */
interface Waiting {
  pendingBytes(): number;
}

export class SharedOutbox {
  readonly #channels = new LazySet<Waiting>();
  readonly #nowMs: () => number;
  readonly #bytesMax: () => number | undefined;
  #bytes = 0;
  #countedMs = Number.NEGATIVE_INFINITY;

  /** `bytesMax` is asked again and again; undefined: there is no limit of all together. */
  constructor(nowMs: () => number, bytesMax: () => number | undefined) {
    this.#nowMs = nowMs;
    this.#bytesMax = bytesMax;
  }

  add(channel: Waiting): void {
    this.#channels.add(channel);
  }

  remove(channel: Waiting | undefined): void {
    if (channel !== undefined) this.#channels.delete(channel);
  }

  /** What one connection may have waiting before it is closed. */
  get bytesMax(): number {
    return Math.min(this.#bytesMax() ?? Number.POSITIVE_INFINITY, limits.controllerOutboxBytesMax);
  }

  /** Whether no more requests are to be read. */
  get isFull(): boolean {
    const most = this.#bytesMax();
    return most !== undefined && this.#counted() >= most / 2;
  }

  /** Whether packet-ins are to be dropped. */
  get isFilling(): boolean {
    const most = this.#bytesMax();
    return most !== undefined && this.#counted() >= most / 4;
  }

  /** Counted again every few milliseconds: a tenant may have very many connections. */
  #counted(): number {
    const nowMs = this.#nowMs();
    if (nowMs - this.#countedMs < limits.holdPollMs) return this.#bytes;
    this.#countedMs = nowMs;
    this.#bytes = 0;
    for (const channel of this.#channels) this.#bytes += channel.pendingBytes();
    return this.#bytes;
  }
}
