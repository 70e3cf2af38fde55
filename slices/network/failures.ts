/**
 * Failures of the physical network, as datapaths report them: cables that carry nothing, and
 * datapaths through which nothing should be routed. Ways follow from it (routes.ts), so it is in
 * the snapshot; and in the store, so that a restart routes nobody back into a cut cable.
 */
import type { DatapathName } from '../ids.ts';

export interface Failures {
  /** Both ends of each cable that carries nothing, as `endText` names them. */
  readonly down: ReadonlySet<string>;
  /** Of cables that are back, and are used only where there is no other way yet. */
  readonly held: ReadonlySet<string>;
  /** Datapaths that have been away for so long that nothing is led through them. */
  readonly lost: ReadonlySet<DatapathName>;
  /** Those that are away: nothing new can be led through them, what is there may still work. */
  readonly away: ReadonlySet<DatapathName>;
}

export const noFailures: Failures = {
  down: new Set(),
  held: new Set(),
  lost: new Set(),
  away: new Set(),
};

/** As the store has it. Who is away is seen anew. */
export function failuresText({ down, held, lost }: Failures): string {
  return JSON.stringify({ down: [...down], held: [...held], lost: [...lost] });
}

/** What the store says. */
export function failuresOf(value: unknown): Failures {
  const { down, held, lost } = value as { down: string[]; held: string[]; lost: DatapathName[] };
  return { down: new Set(down), held: new Set(held), lost: new Set(lost), away: new Set() };
}

export function isWithout({ down, held, lost, away }: Failures): boolean {
  return down.size + held.size + lost.size + away.size === 0;
}

export function sameFailures(one: Failures, other: Failures): boolean {
  const keys = ['down', 'held', 'lost', 'away'] as const;
  return keys.every((key) => isSame<string>(one[key], other[key]));
}

function isSame<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): boolean {
  return one.size === other.size && [...one].every((value) => other.has(value));
}

/** What is in one of them only, as far as it concerns anybody who is not on a detour. */
export function failuresChanged(one: Failures, other: Failures) {
  const differing = <T>(some: ReadonlySet<T>, others: ReadonlySet<T>): readonly T[] => [
    ...[...some].filter((value) => !others.has(value)),
    ...[...others].filter((value) => !some.has(value)),
  ];
  return {
    ends: new Set([...differing(one.down, other.down), ...differing(one.held, other.held)]),
    lost: new Set(differing(one.lost, other.lost)),
  };
}
