/**
 * A walk over the rules of a rulebook that have a time-out, while rules come and go.
 */
import { limits } from '../limits.ts';
import type { RuleArena } from './rule-arena.ts';
import type { RemovedReason } from './rule-change.ts';
import { record } from './rule-record.ts';

const { get } = record;

export class TimeoutScan {
  readonly #arena: RuleArena;
  /** The rule that is next; 0 at the end. Its serial tells whether its slot is still its own. */
  #slot: number;
  #serial: number;
  /**
   * Of those that stay: when the next hard time-out is over, and the next idle one, as far as is
   * known; of long ones, and where there are many rules of all but the shortest, it is not asked.
   */
  nextHardMs = Number.POSITIVE_INFINITY;
  nextIdleMs = Number.POSITIVE_INFINITY;

  constructor(arena: RuleArena) {
    this.#arena = arena;
    this.#slot = arena.lists.firstTimed;
    this.#serial = this.#slot === 0 ? 0 : arena.serialOf(this.#slot);
  }

  get isOver(): boolean {
    return this.#slot === 0;
  }

  /** The next slot, 0 when there is none; it may be taken out before the next call. */
  next(): number {
    const arena = this.#arena;
    // Where it went on is gone: from the start again, where there are fewer now.
    if (this.#slot !== 0 && arena.bySerial(this.#serial) !== this.#slot)
      this.#go(arena.lists.firstTimed);
    const slot = this.#slot;
    if (slot !== 0) this.#go(arena.lists.nextTimed(slot));
    return slot;
  }

  /** A rule stays for now. */
  stays(slot: number): void {
    const dv = this.#arena.dv(slot);
    const at = this.#arena.at(slot);
    const hard = get.hardTimeoutSec(dv, at);
    const idle = get.idleTimeoutSec(dv, at);
    if (hard > 0) {
      this.nextHardMs = Math.min(this.nextHardMs, get.hardFromMs(dv, at) + hard * 1000);
    }
    const { exactIdleSec, shortIdleSec, shortPollRulesMax } = limits;
    const hasFew = this.#arena.size <= shortPollRulesMax;
    if (idle > 0 && idle <= (hasFew ? exactIdleSec : shortIdleSec)) {
      this.nextIdleMs = Math.min(this.nextIdleMs, get.usedMs(dv, at) + idle * 1000);
    }
  }

  #go(slot: number): void {
    this.#slot = slot;
    this.#serial = slot === 0 ? 0 : this.#arena.serialOf(slot);
  }
}

/**
 * Why the time of a slot's rule is over, if it is. Counters may lag; those of now are known to show
 * every packet of before `freshMs`.
 */
export function whyOver(
  arena: RuleArena,
  slot: number,
  nowMs: number,
  freshMs = nowMs - limits.counterLagMs,
): RemovedReason | undefined {
  const dv = arena.dv(slot);
  const at = arena.at(slot);
  const hard = get.hardTimeoutSec(dv, at);
  const idle = get.idleTimeoutSec(dv, at);
  if (hard > 0 && nowMs >= get.hardFromMs(dv, at) + hard * 1000) return 'hardTimeout';
  return idle > 0 && freshMs >= get.usedMs(dv, at) + idle * 1000 ? 'idleTimeout' : undefined;
}
