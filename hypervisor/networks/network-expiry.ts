/**
 * Expiry of networks: a warning comes before, and the network ends on time; an end that failed is
 * tried again. Dates are the wall clock's, so it is checked now and then whether that was set.
 */
import { limits } from '../../slices/limits.ts';
import type { NetworkRecord } from '../../translation/stored/stored-networks.ts';
import type { Cancel, World } from '../world/world.ts';

export interface EndsUser {
  records(): Iterable<NetworkRecord>;
  /** Its time is over. */
  end(record: NetworkRecord): void;
  /** It will be before long; told once for each date. */
  warn(record: NetworkRecord): void;
}

export class NetworkExpiry {
  readonly #world: World;
  readonly #user: EndsUser;
  readonly #warned = new Map<string, number>();
  /** When it is tried again to end one. */
  readonly #again = new Map<string, number>();
  #cancel: Cancel | undefined;

  constructor(world: World, user: EndsUser) {
    this.#world = world;
    this.#user = user;
  }

  isSoon({ madeMs, endsMs }: Pick<NetworkRecord, 'madeMs' | 'endsMs'>): boolean {
    return endsMs !== undefined && warnMs(madeMs, endsMs) <= this.#world.wallClockMs();
  }

  /** It is still there, and not for its owner's will. */
  isOver({ endsMs }: Pick<NetworkRecord, 'endsMs'>): boolean {
    return endsMs !== undefined && endsMs <= this.#world.wallClockMs();
  }

  /** What there is, or when it ends, may be another. */
  look(): void {
    this.#cancel?.();
    const nowMs = this.#world.wallClockMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const record of this.#user.records()) {
      const { name, madeMs, endsMs } = record;
      if (endsMs === undefined) continue;
      if (this.#warned.get(name) !== endsMs && this.isSoon(record) && endsMs > nowMs) {
        this.#warned.set(name, endsMs);
        this.#user.warn(record);
      }
      const againMs = Math.max(endsMs, this.#again.get(name) ?? 0);
      if (againMs <= nowMs) {
        this.#again.set(name, nowMs + limits.networkAgainMs);
        // Behind this: it may look again.
        this.#world.soon(() => this.#user.end(record));
      }
      const dueMs = againMs <= nowMs ? nowMs + limits.networkAgainMs : againMs;
      const soonMs = warnMs(madeMs, endsMs);
      nextMs = Math.min(nextMs, dueMs, soonMs > nowMs ? soonMs : dueMs);
    }
    if (nextMs === Number.POSITIVE_INFINITY) return;
    const inMs = Math.min(limits.networkTickMs, Math.max(1, nextMs - nowMs));
    this.#cancel = this.#world.after(inMs, () => this.look());
  }

  forget(name: string): void {
    this.#warned.delete(name);
    this.#again.delete(name);
  }
}

/** A day before, or when a quarter of its time is left, whichever is later. */
function warnMs(madeMs: number, endsMs: number): number {
  return endsMs - Math.min(limits.networkWarnMs, Math.floor((endsMs - madeMs) / 4));
}
