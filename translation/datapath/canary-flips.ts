/**
 * Counts the flips of a canary (canary.ts) for all who wait, without a clock.
 *
 * A revalidator of Open vSwitch goes through all cached flows in rounds, each flow once in a round;
 * the next round begins when the last flow of this one was visited. A *sighting* is the first frame
 * that shows a later version than those before it. For somebody whose change was there before
 * version `from` was sent:
 *
 *   1st sighting, of `from` or later   the cached flow of the canary is one made, or visited, after
 *                                      the change; in a round that may have begun before it
 *   2nd                                it was visited once more: in a later round, all of which is
 *                                      after the change
 *   3rd                                and once more: that later round is over. So every cached
 *                                      flow was visited after the change
 *
 * That holds if the canary *is* cached. Where its frames are looked up anew each time (the table of
 * cached flows is full; the cable is a patch port) each version is seen at once and proves nothing.
 * So the 2nd and 3rd count only if, before them, a frame showed the older version that had been
 * sent when the datapath had acknowledged a later one. Whoever has no cached flows, such as
 * hardware, shows what it does, and counts without.
 */
import { limits } from '../../slices/limits.ts';

interface Wait<Waiter> {
  /** The first version that was sent after the change. */
  readonly from: number;
  sightings: number;
  readonly waiter: Waiter;
}

/** Versions are 1, 2, 3, in the order in which they are sent. */
export class Flips<Waiter> {
  #sent = 0;
  #acknowledged = 0;
  #seen = 0;
  /** Since the last sighting, an older version than the acknowledged one was shown. */
  #isCached = false;
  /** Sightings in a row without that; of these, those that came sooner than a round could. */
  unproved = 0;
  uncached = 0;
  #waits: Wait<Waiter>[] = [];

  /** For somebody whose change was acknowledged before this call. */
  wait(waiter: Waiter): void {
    this.#waits.push({ from: this.#sent + 1, sightings: 0, waiter });
  }

  get isWaited(): boolean {
    return this.#waits.length > 0;
  }

  /** The latest version that was seen. */
  get seen(): number {
    return this.#seen;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /**
   * Whether the next version is to be sent: for somebody who waits for his first, or because the
   * last one was seen. One at a time goes without its acknowledgement.
   */
  get isDue(): boolean {
    if (this.#waits.length === 0 || this.#acknowledged < this.#sent) return false;
    return this.#seen === this.#sent || this.#waits.some(({ from }) => from > this.#sent);
  }

  /** The version that is sent now. */
  flip(): number {
    this.#sent += 1;
    return this.#sent;
  }

  /** The datapath has answered the barrier behind this version. */
  acknowledge(version: number): void {
    this.#acknowledged = version;
  }

  /**
   * A frame shows a version; it was sent when `acknowledged` was. Answers who need not wait any
   * more. `caches`: whether the datapath may have cached flows; `isPrompt`: it came sooner after
   * the last version was sent than two rounds follow each other.
   */
  see(
    version: number,
    acknowledged: number,
    caches: boolean,
    isPrompt: boolean,
  ): readonly Waiter[] {
    if (version === this.#seen && acknowledged > version) this.#isCached = true;
    if (version <= this.#seen) return [];
    const counts = this.#isCached || !caches;
    this.unproved = counts ? 0 : this.unproved + 1;
    this.uncached = counts ? 0 : this.uncached + (isPrompt ? 1 : 0);
    for (const wait of this.#waits) {
      if (wait.sightings === 0) wait.sightings = version >= wait.from ? 1 : 0;
      else if (counts) wait.sightings += 1;
    }
    this.#seen = version;
    this.#isCached = false;
    const over = this.#waits.filter(({ sightings }) => sightings >= limits.canaryFlips);
    this.#waits = this.#waits.filter((one) => !over.includes(one));
    return over.map(({ waiter }) => waiter);
  }

  /** Nobody is told of anything any more; those who waited. */
  end(): readonly Waiter[] {
    const waits = this.#waits;
    this.#waits = [];
    return waits.map(({ waiter }) => waiter);
  }
}
