/**
 * A tenant that would like to know when another is on the same switch. All that it has is what its
 * own packets do: it takes it that round trips take longer while there is company.
 */
import type { MtdReport } from '../../hypervisor/operator/mtd-report.ts';
import type { PingResult } from '../lab/ping.ts';

export interface Observed {
  /** Of its round trips, so many while they shared a switch, and while they did not. */
  readonly together: number;
  readonly apart: number;
  /**
   * How often a round trip of the first kind took longer than one of the second: 0.5 where both
   * are alike, and nothing is learnt; 1, or 0, where each of them gives it away.
   */
  readonly told: number | undefined;
}

/** Whoever has no vswitch in the report stood still on `on`. */
export function observedBy(ping: PingResult, { stays, nowMs }: MtdReport, on: string): Observed {
  const shared = stays.filter((one) => one.on === on);
  const together = shared.map(({ fromMs, toMs }) => [fromMs, toMs] as const);
  const began = Math.min(...stays.map(({ fromMs }) => fromMs));
  const apart = gapsIn(together, began, nowMs);
  const [with_, without] = [ping.rttsIn(together), ping.rttsIn(apart)];
  const told = shareOf(with_, without);
  return { together: with_.length, apart: without.length, told };
}

/** Times that are in none of these. */
export function gapsIn(
  times: readonly (readonly [number, number])[],
  fromMs: number,
  toMs: number,
): readonly (readonly [number, number])[] {
  const gaps: (readonly [number, number])[] = [];
  let atMs = fromMs;
  for (const [from, to] of times.toSorted(([one], [other]) => one - other)) {
    if (from > atMs) gaps.push([atMs, from]);
    atMs = Math.max(atMs, to);
  }
  if (toMs > atMs) gaps.push([atMs, toMs]);
  return gaps;
}

/** Of all pairs, how many have the first larger; equal ones count half. */
export function shareOf(ones: readonly number[], others: readonly number[]): number | undefined {
  if (ones.length === 0 || others.length === 0) return undefined;
  const sorted = others.toSorted((a, b) => a - b);
  /** How many of the others are smaller, or not larger. */
  const below = (value: number, isEqualToo: boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = sorted[middle] ?? 0;
      if (other < value || (isEqualToo && other === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const wins = ones.reduce((sum, one) => sum + (below(one, false) + below(one, true)) / 2, 0);
  return wins / (ones.length * others.length);
}

export function observedText({ together, apart, told }: Observed): string {
  const counts = `${together} round trips of blue with red on its switch, ${apart} without`;
  if (told === undefined) return `${counts}: nothing to compare`;
  const share = `${(100 * told).toFixed(0)} %`;
  return `${counts}: the first took longer in ${share} of all pairs (50 %: they tell nothing)`;
}
