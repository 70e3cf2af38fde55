/**
 * Received bytes that have not been processed yet. They are processed for a limited time in each
 * turn, which all connections of a tenant share (turn-share.ts), so that one's burst delays nobody
 * else; and not at all while the replies would have nowhere to go.
 *
 * The clock is looked at after each slice, which is short enough for messages of the cheap kind
 * (they cost hardly more than to look), and after each message of any other kind.
 *
 *   free --more than fits a turn--> sliced (the rest in the next one) --empty--> free
 *   free, sliced --may not go on--> held (asked again every few ms) --may--> sliced
 *   free --was for nobody--> sliced (packet-ins that are dropped, as fast as they come)
 *
 * While it is not free the connection is not read: the peer's own send buffer fills, and nothing
 * is lost.
 */
import { limits } from '../../slices/limits.ts';
import { TurnShare } from '../world/turn-share.ts';
import type { Cancel, World } from '../world/world.ts';

export interface InboxUser {
  /**
   * Takes the next bytes, whole frames or not; answers how many, which may be fewer when the turn
   * is over (`isTurnOver`). The world's time is `nowMs`.
   */
  take(bytes: Uint8Array, nowMs: number): number;
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
  readonly #turns: TurnShare;
  #wasCheap = false;
  #wasCostly = false;
  /** Bytes of this turn's that were for nobody. */
  #inVain = 0;
  /** When something was left for later, last: until then nobody knows what the peer has said. */
  behindMs = Number.NEGATIVE_INFINITY;
  /** Since when more of it has been waiting, here or in the kernel, all the time; or undefined. */
  laggingSinceMs: number | undefined;
  /** Chunks that came. */
  #chunks = 0;

  /** `turns` is what all connections of one tenant share. */
  constructor(world: World, user: InboxUser, turns: TurnShare = new TurnShare(world)) {
    this.#world = world;
    this.#turns = turns;
    this.#user = user;
  }

  /** Whether it may not go on now. */
  get isHeld(): boolean {
    return this.#state === 'held' || (this.#state === 'sliced' && this.#turns.isPaused);
  }

  push(chunk: Uint8Array): void {
    if (this.#isDropped()) return;
    this.#chunks += 1;
    let rest = chunk;
    if (this.#state === 'free') {
      if (this.#user.mayTake()) rest = this.#takeSome(chunk);
      if (this.#isDropped()) return;
      if (rest.length === 0) {
        this.#mayBeDry();
        if (this.#inVain < limits.inVainBytesMax) return;
      }
    }
    // A copy: a Buffer's slice is none.
    if (rest.length > 0) this.#waiting.push(new Uint8Array(rest));
    if (this.#state !== 'free') return;
    this.#user.read(false);
    this.#wait();
  }

  /** The connection is over: what waits is nobody's any more. */
  drop(): void {
    this.#state = 'dropped';
    this.#waiting = [];
    this.#cancel?.();
  }

  /** One turn, if it may be. */
  #go(): void {
    if (this.#isDropped()) return;
    while (this.#waiting.length > 0 && this.#user.mayTake()) {
      const [chunk = noBytes, ...others] = this.#waiting;
      this.#waiting = others;
      const rest = this.#takeSome(chunk);
      if (this.#isDropped()) return;
      if (rest.length === 0) continue;
      this.#waiting = [rest, ...this.#waiting];
      break;
    }
    if (this.#waiting.length > 0) {
      this.#wait();
      return;
    }
    this.#state = 'free';
    this.#user.read(true);
    this.#mayBeDry();
  }

  /** If nothing comes in a turn in which it is read, the kernel had no more either. */
  #mayBeDry(): void {
    if (this.laggingSinceMs === undefined) return;
    const chunks = this.#chunks;
    this.#world.soon(() => {
      if (this.#chunks === chunks && this.#state === 'free') this.laggingSinceMs = undefined;
    });
  }

  /** For the next turn, or until it may. */
  #wait(): void {
    this.behindMs = this.#turns.lastMs;
    this.laggingSinceMs ??= this.behindMs;
    if (this.#user.mayTake()) {
      this.#state = 'sliced';
      this.#turns.waitToRead(() => this.#go());
    } else {
      this.#state = 'held';
      this.#cancel = this.#world.after(limits.holdPollMs, () => this.#go());
    }
  }

  /** The user may have dropped us meanwhile, which the compiler cannot see. */
  #isDropped(): boolean {
    return this.#state === 'dropped';
  }

  /** What was just taken is of the cheap kind: it is not worth a look at the clock. */
  wasCheap(): void {
    this.#wasCheap = true;
  }

  /** What is being taken costs more than its bytes say, whoever calls it cheap. */
  wasCostly(): void {
    this.#wasCostly = true;
  }

  /** So many bytes were for nobody: after some of them the connection waits for the next turn. */
  wasInVain(bytes: number): void {
    this.#inVain += bytes;
  }

  /** Asked within `take` after each message: whether this turn has had its time. */
  isTurnOver(): boolean {
    const isCheap = this.#wasCheap && !this.#wasCostly;
    this.#wasCheap = false;
    this.#wasCostly = false;
    if (!isCheap) return this.#turns.look() || this.#turns.isClosed;
    return this.#turns.isClosed;
  }

  /** Gives on as much as fits what is left of this turn's share; answers the rest. */
  #takeSome(chunk: Uint8Array): Uint8Array {
    const turns = this.#turns;
    turns.begin();
    this.#inVain = 0;
    let rest = chunk;
    while (rest.length > 0 && !turns.isClosed && this.#user.mayTake()) {
      const taken = this.#user.take(rest.subarray(0, limits.sliceBytesMax), turns.lastMs);
      rest = rest.subarray(taken);
      turns.look();
    }
    return rest;
  }
}

const noBytes = new Uint8Array(0);
