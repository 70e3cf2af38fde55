/**
 * Disagreements of the file and the store at a start, and what is done about each
 * (translation/migration/start.ts). Each concerns one vswitch, and the others run.
 */
import type { DatapathName, VswitchName } from './ids.ts';

export interface Remedy {
  readonly type: RemedyType;
  /** The vswitch, or its port: `red/v1`, `red/v1 port 2`. */
  readonly object: string;
  readonly cause: string;
  /** What becomes of it at this start. */
  readonly done: string;
  /** What a person can do about it; empty when nothing is to be done. */
  readonly next: string;
}

/**
 * `cut` has a port without a link, `held` a vswitch that is down, `heir` one that waits for a
 * person's word, `undrained` a datapath that is used again, `overbooked` has less room than is
 * reserved; the others are news, and nobody's trouble.
 */
export type RemedyType =
  | 'cut'
  | 'held'
  | 'heir'
  | 'undrained'
  | 'overbooked'
  | 'placed'
  | 'placedAnew'
  | 'moved'
  | 'migrationEnded'
  | 'left'
  | 'returned';

const troubles: ReadonlySet<RemedyType> = new Set([
  ...(['cut', 'held', 'heir', 'undrained', 'overbooked'] as const),
]);

/** Whether somebody's network is not what the file says. */
export function isTrouble({ type }: Remedy): boolean {
  return troubles.has(type);
}

/** One line for people. */
export function remedyText({ object, cause, done, next }: Remedy): string {
  return `${object}: ${cause}; ${done}${next === '' ? '' : `; ${next}`}`;
}

/** What a vswitch that is in no file any more has in the store. */
export interface Contents {
  readonly rules: number;
  readonly groups: number;
  readonly meters: number;
}

export function isEmpty({ rules, groups, meters }: Contents): boolean {
  return rules + groups + meters === 0;
}

/** `12 rules, 1 group`. */
export function contentsText({ rules, groups, meters }: Contents): string {
  const parts = [
    [rules, 'rule'],
    [groups, 'group'],
    [meters, 'meter'],
  ] as const;
  const texts = parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`);
  return texts.length === 0 ? 'no rules' : texts.join(', ');
}

export function placedAnew(
  vswitch: VswitchName,
  gone: readonly DatapathName[],
  on: DatapathName,
): Remedy {
  return {
    type: 'placedAnew',
    object: vswitch,
    cause: `it lived on ${gone.join(' and ')}, which is no longer in the file`,
    done: `it lives on ${on} with all its rules, as the file says`,
    next: '',
  };
}
