/**
 * The addresses on which the process listens: opened and closed as their list changes, while
 * connections that came in by a closed one go on.
 */
import { listenText, type Target } from '../../slices/config/target.ts';
import { isSameValue } from '../../slices/equality.ts';
import { LazyMap } from '../../slices/lazy-collections.ts';
import type { Listening } from './world.ts';

type Open = (at: Target, failed: (why: string) => void) => Listening;

export class Listeners {
  readonly #open: Open;
  readonly #listening = new LazyMap<Target, Listening>();

  constructor(open: Open) {
    this.#open = open;
  }

  /**
   * Listens there, and nowhere else, with what the TLS files hold now; `failed` is told where that
   * cannot be, and where the files are no good: then those of before count.
   */
  follow(wanted: readonly Target[], failed: (why: string) => void): void {
    for (const [at, listening] of this.#listening) {
      if (wanted.some((one) => isSameValue(one, at))) {
        const why = listening.renew?.();
        if (why !== undefined) failed(`${listenText(at)} keeps its keys and certificates: ${why}`);
        continue;
      }
      listening.close();
      this.#listening.delete(at);
    }
    const known = [...this.#listening.keys()];
    for (const at of wanted) {
      if (known.some((one) => isSameValue(one, at))) continue;
      this.#listening.set(at, this.#open(at, failed));
    }
  }

  close(): void {
    for (const one of this.#listening.values()) one.close();
    this.#listening.clear();
  }
}
