/**
 * What a peer sent and we have not looked at: given on in slices, so that one peer's burst keeps
 * nobody else waiting, and not at all while its answers would have nowhere to go.
 *
 *   free --more than fits a turn--> sliced (the rest in the next one) --empty--> free
 *   free, sliced --may not go on--> held (asked again every few ms) --may--> sliced
 *
 * While it is not free the connection is not read: the peer's own send buffer fills, and nothing
 * is lost.
 */
import { limits } from '../slices/limits.ts';
import type { Cancel, World } from './world.ts';

export interface InboxUser {
  /** Takes the next bytes; whole frames or not. */
  take(bytes: Uint8Array): void;
  mayTake(): boolean;
  /** Reads the connection, or does not. */
  read(isOn: boolean): void;
}

export class Inbox {
  readonly #world: World;
  readonly #user: InboxUser;
  #waiting: Uint8Array[] = [];
  #state: 'free' | 'sliced' | 'held' | 'dropped' = 'free';
  #cancel: Cancel | undefined;

  constructor(world: World, user: InboxUser) {
    this.#world = world;
    this.#user = user;
  }

  /** Whether it may not go on now. */
  get isHeld(): boolean {
    return this.#state === 'held';
  }

  push(chunk: Uint8Array): void {
    if (this.#state === 'dropped') return;
    const isShort = this.#state === 'free' && chunk.length <= limits.sliceBytesMax;
    if (isShort && this.#user.mayTake()) {
      this.#user.take(chunk);
      return;
    }
    this.#waiting.push(chunk);
    if (this.#state === 'free') this.#go();
  }

  /** The connection is over: what waits is nobody's any more. */
  drop(): void {
    this.#state = 'dropped';
    this.#waiting = [];
    this.#cancel?.();
  }

  /** One turn, if it may be. */
  #go(): void {
    const wasFree = this.#state === 'free';
    if (!this.#user.mayTake()) {
      this.#state = 'held';
      this.#cancel = this.#world.after(limits.holdPollMs, () => this.#go());
    } else {
      this.#takeTurn();
      if (this.#isDropped()) return;
      this.#state = this.#waiting.length > 0 ? 'sliced' : 'free';
      if (this.#state === 'sliced') this.#world.soon(() => !this.#isDropped() && this.#go());
    }
    const isFree = this.#state === 'free';
    if (isFree !== wasFree) this.#user.read(isFree);
  }

  /** The user may have dropped us meanwhile, which the compiler cannot see. */
  #isDropped(): boolean {
    return this.#state === 'dropped';
  }

  #takeTurn(): void {
    const untilMs = this.#world.nowMs() + limits.turnMs;
    do {
      const chunk = this.#waiting.shift();
      if (chunk === undefined) return;
      const slice = chunk.subarray(0, limits.sliceBytesMax);
      if (slice.length < chunk.length) this.#waiting.unshift(chunk.subarray(slice.length));
      this.#user.take(slice);
    } while (this.#world.nowMs() < untilMs && this.#user.mayTake());
  }
}
