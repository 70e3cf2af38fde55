/**
 * The result of an evacuation (evacuations.ts), as `limevisor evacuate` and `limevisor evacuations`
 * have it.
 */
import type { DatapathName } from '../../slices/ids.ts';
import type { Stuck } from '../../translation/migration/evacuation.ts';
import type { Migration, Strategy } from '../../translation/migration/migration.ts';

export interface EvacuationAsked {
  /** As it was named. */
  readonly what: string;
  readonly datapaths: readonly DatapathName[];
  readonly withinMs: number;
  readonly to: readonly string[];
  readonly atOnce: number;
  /** Who moves hosts that are plugged in there; absent: they stay. */
  readonly driver?: string;
  /** Why: a sign that was seen, or that somebody asked for it. */
  readonly cause: string;
  /** How long they take to answer, where that is the sign. */
  readonly answerMs?: number;
}

/** What became of one. */
export interface Left {
  /** A vswitch, or a host. */
  readonly name: string;
  readonly importance: number;
  readonly from: string;
  readonly to: string;
  readonly strategy?: Strategy;
  /** Since the evacuation began; absent: it has not begun. */
  readonly startMs?: number;
  /** When it was over. */
  readonly endMs?: number;
  readonly isAway: boolean;
  readonly isInTime: boolean;
  /** Why it is not away. */
  readonly why?: string;
}

export interface Evacuation {
  readonly id: number;
  readonly what: string;
  readonly datapaths: readonly DatapathName[];
  readonly cause: string;
  readonly withinMs: number;
  /** Since 1970. */
  readonly startedMs: number;
  readonly endedMs?: number;
  /** What was said at once that it cannot be away in time. */
  readonly late: readonly Stuck[];
  readonly left: readonly Left[];
  readonly byHand: readonly string[];
  /** Whether ways lead around the datapaths, and why not. */
  readonly ways?: string;
}

/** One that was under way when a process ended. */
export interface Unfinished {
  readonly id: number;
  readonly asked: EvacuationAsked;
  /** The deadline, since 1970. */
  readonly untilMs: number;
}

/** When one is over. */
export function outcome(
  why: string | undefined,
  isInTime: boolean,
): Pick<Left, 'isAway' | 'isInTime' | 'why'> {
  if (why === undefined) return { isAway: true, isInTime };
  return { isAway: false, isInTime: false, why };
}

/** After what time nothing of it needed the old datapath any more. */
export function awayIn({ phases, stateSinceMs, startedMs }: Migration): number {
  const retired = phases.find(({ name }) => name === 'retire')?.startedMs ?? stateSinceMs;
  return Math.round(retired - startedMs);
}
