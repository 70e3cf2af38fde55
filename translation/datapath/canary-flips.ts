/**
 * Counts the flips of a canary (canary.ts) for all that wait for it, without a clock.
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
 *   3rd                                and once more: that later round is over, and all of it was
 *                                      after the change
 *
 * A round does not meet every flow. Revalidators walk a hash table that is made anew, in a random
 * order, whenever four fifths of it are empty: when thousands of flows are deleted, those that were
 * not met yet may be behind the walk by then. What a round did not meet it looks for afterwards,
 * but not among flows that no round has met before (UKEY_VISIBLE, ofproto-dpif-upcall.c). So these
 * may be left out, half of them in the worst case, and in the next round half of that half, until
 * revalidators have them all in hand at once: `roundsFor` says how many whole rounds that takes.
 * How many flows there are that no round has met follows from when the last one began that is known
 * to be over: no more can be made in that time.
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
  /** So many are enough. */
  readonly needs: number;
  readonly waiter: Waiter;
}

/** Whole rounds until each of so many flows, none of which was met before, is met. */
export function roundsFor(flows: number): number {
  return 1 + Math.max(1, Math.ceil(Math.log2(flows / limits.revalidatorBatch)));
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
  #flippedMs = 0;
  /** When versions were sent that were not seen yet; of the last two that were. */
  readonly #sentMs = new Map<number, number>();
  #seenSentMs: readonly number[] = [];
  /** The last whole round that is known began later than that. */
  #wholeMs = Number.NEGATIVE_INFINITY;

  /** For somebody whose change was acknowledged before this call; `isAll` or one whole round. */
  wait(waiter: Waiter, nowMs: number, isAll: boolean): void {
    const made = (nowMs - this.#wholeMs) * limits.newFlowsPerMs;
    const rounds = isAll ? roundsFor(Math.min(made, limits.cachedFlowsMax)) : 1;
    const needs = limits.canaryFlips - 1 + rounds;
    this.#waits.push({ from: this.#sent + 1, sightings: 0, needs, waiter });
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
   * Whether the next version is to be sent: for somebody who waits for his first, because the last
   * one was seen, or after a pause. One at a time goes without its acknowledgement.
   */
  isDue(nowMs: number, pauseMs: number): boolean {
    if (this.#waits.length === 0 || this.#acknowledged < this.#sent) return false;
    if (this.#seen === this.#sent || nowMs - this.#flippedMs >= pauseMs) return true;
    return this.#waits.some(({ from }) => from > this.#sent);
  }

  /** The version that is sent now. */
  flip(nowMs: number): number {
    this.#sent += 1;
    this.#sentMs.set(this.#sent, nowMs);
    this.#flippedMs = nowMs;
    return this.#sent;
  }

  /** The datapath has answered the barrier behind this version. */
  acknowledge(version: number): void {
    this.#acknowledged = version;
  }

  /**
   * A frame shows a version; it was sent when `acknowledged` was. Answers who need not wait any
   * more. `caches`: whether the datapath may have cached flows.
   */
  see(version: number, acknowledged: number, caches: boolean, nowMs: number): readonly Waiter[] {
    if (version === this.#seen && acknowledged > version) this.#isCached = true;
    if (version <= this.#seen) return [];
    const counts = this.#isCached || !caches;
    // Sooner after it was sent than two rounds follow each other.
    const isPrompt = nowMs - (this.#sentMs.get(version) ?? 0) < limits.canaryPromptMs;
    this.unproved = counts ? 0 : this.unproved + 1;
    this.uncached = counts ? 0 : this.uncached + (isPrompt ? 1 : 0);
    for (const wait of this.#waits) {
      if (wait.sightings === 0) wait.sightings = version >= wait.from ? 1 : 0;
      else if (counts) wait.sightings += 1;
    }
    this.#noteRound(version, counts);
    this.#seen = version;
    this.#isCached = false;
    const over = this.#waits.filter(
      ({ sightings, needs }) => sightings >= (caches ? needs : limits.canaryFlips),
    );
    this.#waits = this.#waits.filter((one) => !over.includes(one));
    return over.map(({ waiter }) => waiter);
  }

  /** Of three sightings in a row, a whole round lies between the first and the third. */
  #noteRound(version: number, counts: boolean): void {
    const sentMs = this.#sentMs.get(version);
    for (const old of this.#sentMs.keys()) if (old <= version) this.#sentMs.delete(old);
    if (sentMs === undefined) throw new Error(`version ${version} was never sent`);
    const before = counts ? this.#seenSentMs : [];
    const [first] = before;
    if (before.length === 2 && first !== undefined) this.#wholeMs = first;
    this.#seenSentMs = [...before.slice(-1), sentMs];
  }

  /** Nobody is told of anything any more; those who waited. */
  end(): readonly Waiter[] {
    const waits = this.#waits;
    this.#waits = [];
    return waits.map(({ waiter }) => waiter);
  }
}
