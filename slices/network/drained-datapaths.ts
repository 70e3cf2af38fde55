/**
 * Datapaths that ways are led around, so that they can be taken down.
 *
 * New ways are made beside the old ones, acknowledged, then used; the old ones go when nothing is
 * on them any more. In between there are two sets of ways, those in use and the spare ones, and
 * both are in the store: a process that ends in the middle goes on where it was.
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
}

export const avoidingNothing: Avoiding = { now: new Set(), goal: new Set() };

/** The states from one to the other, each to be acknowledged by all before the next. */
export function stepsTo({ now, spare }: Avoiding, goal: Avoided): readonly Avoiding[] {
  const end: Avoiding = { now: goal, goal };
  if (isSame(now, goal)) return spare === undefined ? [] : [{ now, spare, goal }, end];
  return [{ now, spare: goal, goal }, { now: goal, spare: now, goal }, end];
}

export function isSame(one: Avoided, other: Avoided): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name));
}

/** As the store has it. */
export function avoidingText({ now, spare, goal }: Avoiding): string {
  return JSON.stringify({ now: [...now], ...(spare && { spare: [...spare] }), goal: [...goal] });
}

/** What the store says. A datapath that is in the file no more is on no way. */
export function avoidingOf(value: unknown): Avoiding {
  const { now, spare, goal } = value as Record<'now' | 'spare' | 'goal', DatapathName[]>;
  return { now: new Set(now), ...(spare && { spare: new Set(spare) }), goal: new Set(goal) };
}
