/**
 * Multipart requests of one connection that arrive in several frames, and their time limit
 * (openflow/messages/request-parts.ts).
 */
import {
  type Joined,
  type PartsLimits,
  RequestParts,
} from '../../openflow/messages/request-parts.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Cancel, World } from '../world/world.ts';

const partsLimits: PartsLimits = {
  partsMax: limits.requestPartsMax,
  bytesMax: limits.requestPartsBytesMax,
  timeoutMs: limits.requestPartTimeoutMs,
};

export class Multiparts {
  readonly #world: World;
  readonly #done: (joined: Joined) => void;
  readonly #parts = new RequestParts(partsLimits);
  #cancel: Cancel | undefined;

  /** `done` is told of each request that is whole, or wrong. */
  constructor(world: World, done: (joined: Joined) => void) {
    this.#world = world;
    this.#done = done;
  }

  take(request: Extract<Message, { type: 'multipartRequest' }>, frame: Uint8Array): void {
    const joined = this.#parts.take(request, frame, this.#world.nowMs());
    if (joined !== undefined) this.#done(joined);
    this.#watch();
  }

  /** The connection is gone, and with it what it had begun. */
  drop(): void {
    this.#cancel?.();
  }

  #watch(): void {
    const dueMs = this.#parts.nextDueMs();
    if (dueMs === undefined || this.#cancel !== undefined) return;
    this.#cancel = this.#world.after(Math.max(0, dueMs - this.#world.nowMs()), () => {
      this.#cancel = undefined;
      for (const late of this.#parts.expired(this.#world.nowMs())) this.#done(late);
      this.#watch();
    });
  }
}
