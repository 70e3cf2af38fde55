/**
 * Connections of switches that were refused lately, for `status`: by address and reason, so that
 * somebody who looks for a missing switch finds why.
 */
import { limits } from '../../slices/limits.ts';
import type { World } from '../world/world.ts';

export interface RefusedConnection {
  /** Its address, without the port, which is another each time. */
  readonly peer: string;
  readonly why: string;
  readonly count: number;
  readonly lastMs: number;
}

export class RefusedConnections {
  readonly #world: World;
  readonly #all = new Map<string, RefusedConnection>();

  constructor(world: World) {
    this.#world = world;
  }

  note(address: string, why: string): void {
    const peer = address.replace(/:[0-9]+$/, '');
    const key = `${peer} ${why}`;
    const known = this.#all.get(key);
    this.#forget();
    if (known === undefined && this.#all.size >= limits.strangersMax) return;
    const lastMs = this.#world.nowMs();
    this.#all.set(key, { peer, why, count: (known?.count ?? 0) + 1, lastMs });
  }

  /** Those that tried lately. */
  get all(): readonly RefusedConnection[] {
    this.#forget();
    return [...this.#all.values()];
  }

  #forget(): void {
    const nowMs = this.#world.nowMs();
    for (const [key, { lastMs }] of this.#all) {
      if (nowMs - lastMs >= limits.strangerMs) this.#all.delete(key);
    }
  }
}
