/**
 * The time at which a controller that went away is dialled again, and the versions that it is
 * offered then.
 *
 * Waiting times begin anew only after a connection that lasted: a hello alone says little, for a
 * peer may greet everybody and then refuse, or choke. One that went without a word may have choked
 * on the bitmap of versions, which controllers of OpenFlow 1.0 need not expect; so it is offered
 * plain 1.0 next, whose hello has none, and all versions after that, by turns.
 */
import { messages } from '../../openflow/messages/messages.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import type { Redial } from '../../slices/config/redial.ts';
import { limits } from '../../slices/limits.ts';

/** Of a connection; since when it was served, if it was. */
interface State {
  readonly type: string;
  readonly sinceMs?: number;
}

export class Redialling {
  readonly #redialOf: () => Redial;
  #waitMs: number;
  #isPlain = false;
  /** The peer has said something besides its hello, and errors, on the connection that is. */
  #hasSpoken = false;

  /** `redialOf` is asked again and again: another file may say otherwise. */
  constructor(redialOf: () => Redial) {
    this.#redialOf = redialOf;
    this.#waitMs = redialOf().firstMs;
  }

  reset(): void {
    this.#waitMs = this.#redialOf().firstMs;
    this.#isPlain = false;
  }

  /** What the next connection is offered, of what it may be. */
  offer(versions: readonly Version[]): readonly Version[] {
    this.#hasSpoken = false;
    return this.#isPlain && versions.includes(version.of10) ? [version.of10] : versions;
  }

  /** A message came, of this type. Hot. */
  heard(type: number): void {
    if (type !== messages.error.number) this.#hasSpoken = true;
  }

  /**
   * How long to wait before the next; whether the connection that is over was taken by somebody,
   * and what its state was.
   */
  after(wasOpen: boolean, state: State, nowMs: number): number {
    const upMs = state.sinceMs === undefined ? 0 : nowMs - state.sinceMs;
    if (upMs >= Math.max(this.#waitMs, limits.redialLastedMs)) this.reset();
    else if (wasOpen && !this.#hasSpoken) this.#isPlain = !this.#isPlain;
    const wait = this.#waitMs;
    this.#waitMs = Math.min(wait * 2, this.#redialOf().maxMs);
    return wait;
  }
}
