/**
 * Datapaths around which ways are routed, so that they can be taken down.
 *
 * New ways are made beside the old ones, acknowledged, then used; the old ones go when nothing is
 * on them any more. In between there are two sets of ways, those in use and the spare ones, and
 * both are in the store: a process that ends in the middle goes on where it was.
 *
 * Nothing is placed on such a datapath. One that is held has nothing placed on it either, by nobody
 * and not by the file, whether ways lead through it or not, until somebody says otherwise.
 */
import type { DatapathName } from '../ids.ts';

export type Avoided = ReadonlySet<DatapathName>;

export interface Avoiding {
  /** By the ways in use. */
  readonly now: Avoided;
  /** By those that are there beside them: the next ones, or the last. */
  readonly spare?: Avoided;
  /** Where this is going. */
  readonly goal: Avoided;
  /** Datapaths that are held; absent: none. */
  readonly held?: Avoided;
}

export const avoidingNothing: Avoiding = { now: new Set(), goal: new Set() };

/** The states from one to the other, each to be acknowledged by all before the next. */
export function stepsTo(
  { now, spare, held: before = none }: Avoiding,
  goal: Avoided,
  held: Avoided = before,
): readonly Avoiding[] {
  const holding = held.size === 0 ? {} : { held };
  const end: Avoiding = { now: goal, goal, ...holding };
  if (!isSame(now, goal)) {
    return [
      { now, spare: goal, goal, ...holding },
      { now: goal, spare: now, goal, ...holding },
      end,
    ];
  }
  if (spare !== undefined) return [{ now, spare, goal, ...holding }, end];
  return isSame(before, held) ? [] : [end];
}

const none: Avoided = new Set();

export function heldIn({ held = none }: Avoiding): Avoided {
  return held;
}

/** Those on which nothing is placed. */
export function closedIn({ goal, held = none }: Avoiding): Avoided {
  return held.size === 0 ? goal : new Set([...goal, ...held]);
}

/** Why nothing is placed there; undefined where it may be. */
export function whyClosed(avoiding: Avoiding, name: DatapathName): string | undefined {
  const what = avoiding.goal.has(name) ? 'drained' : 'held';
  const next = `"limevisor undrain ${name}" first`;
  return closedIn(avoiding).has(name) ? `${name} is ${what}; ${next}` : undefined;
}

export function isSame(one: Avoided, other: Avoided): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name));
}

/** As the store has it. */
export function avoidingText({ now, spare, goal, held }: Avoiding): string {
  return JSON.stringify({
    now: [...now],
    ...(spare && { spare: [...spare] }),
    goal: [...goal],
    ...(held && { held: [...held] }),
  });
}

/** What the store says. A datapath that is in the file no more is on no way. */
export function avoidingOf(value: unknown): Avoiding {
  const { now, spare, goal, held } = value as Record<keyof Avoiding, DatapathName[]>;
  return {
    now: new Set(now),
    ...(spare && { spare: new Set(spare) }),
    goal: new Set(goal),
    ...(held && { held: new Set(held) }),
  };
}
