/**
 * Unfinished requests of one connection and their time limits: requests in several parts
 * (multipart-requests.ts), and bundles (slices/bundles.ts).
 */
import type { Joined } from '../../openflow/messages/request-parts.ts';
import { ofError } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Bundles } from '../../slices/bundles.ts';
import type { Cancel, World } from '../world/world.ts';
import { Multiparts } from './multipart-requests.ts';

/** Whose connection it is. */
interface Connected {
  readonly connectionState: { readonly bundles: Bundles };
}

export class Unfinished {
  readonly #world: World;
  readonly #bundles: Bundles;
  readonly #done: (joined: Joined) => void;
  #parts: Multiparts | undefined;
  #cancel: Cancel | undefined;

  /** `done` is told of each request that is whole, or wrong, and of bundles that are late. */
  constructor(world: World, { connectionState }: Connected, done: (joined: Joined) => void) {
    this.#world = world;
    this.#bundles = connectionState.bundles;
    this.#done = done;
  }

  take(request: Extract<Message, { type: 'multipartRequest' }>, frame: Uint8Array): void {
    this.#parts ??= new Multiparts(this.#world, this.#done);
    this.#parts.take(request, frame);
  }

  /** There may be a bundle more: one that is left alone is gone, and its first message refused. */
  watch(): void {
    const dueMs = this.#bundles.nextDueMs();
    if (dueMs === undefined || this.#cancel !== undefined) return;
    this.#cancel = this.#world.after(Math.max(0, dueMs - this.#world.nowMs()), () => {
      this.#cancel = undefined;
      for (const { bundleId, opening } of this.#bundles.expired(this.#world.nowMs())) {
        const why = `bundle ${bundleId} was idle for too long`;
        this.#done({ request: ofError('onf', 'bundleTimeout', why), frame: opening });
      }
      this.watch();
    });
  }

  /** The connection is gone, and with it what it had begun. */
  drop(): void {
    this.#parts?.drop();
    this.#cancel?.();
    this.#bundles.clear();
  }
}
