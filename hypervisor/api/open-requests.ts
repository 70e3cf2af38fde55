/**
 * Requests of tokens that are still open: streams, and answers that are not read. A request ends
 * with its token, and an owner's tokens have a limited number of them at a time.
 */
import type { ServerResponse } from 'node:http';
import { limits } from '../../slices/limits.ts';
import type { World } from '../world/world.ts';
import type { Caller } from './requests.ts';

export class OpenRequests {
  readonly #world: Pick<World, 'after'>;
  readonly #goodNames: () => ReadonlySet<string>;
  readonly #byToken = new Map<string, Set<ServerResponse>>();
  #isLooking = false;

  /** Tokens by their names, of which no two are good at a time. */
  constructor(world: Pick<World, 'after'>, goodNames: () => ReadonlySet<string>) {
    this.#world = world;
    this.#goodNames = goodNames;
  }

  /** Whether it is not one too many. */
  begin({ name: token, role }: Caller, response: ServerResponse): boolean {
    const open = this.#byToken.get(token) ?? new Set();
    if (role === 'owner' && open.size >= limits.apiOpenPerOwnerMax) return false;
    this.#byToken.set(token, open.add(response));
    response.once('close', () => {
      open.delete(response);
      if (open.size === 0) this.#byToken.delete(token);
    });
    this.#look();
    return true;
  }

  /** The token is good no more: what is answered already may still be read. */
  end(token: string): void {
    for (const { req, writableEnded } of this.#byToken.get(token) ?? []) {
      if (!writableEnded) req.socket.destroy();
    }
  }

  /** For those that are over by themselves. */
  #look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#world.after(limits.heartbeatMs, () => {
      this.#isLooking = false;
      const good = this.#goodNames();
      for (const token of this.#byToken.keys()) if (!good.has(token)) this.end(token);
      if (this.#byToken.size > 0) this.#look();
    });
  }
}
