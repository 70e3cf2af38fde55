/**
 * Where something goes that moves by itself: one of the places that suit, by chance.
 */
import type { Choice } from '../config/values.ts';
import type { DatapathName } from '../ids.ts';

/** A place that suits, and how many of other tenants live there. */
export interface Offered {
  readonly name: DatapathName;
  readonly others: number;
}

/** `random` is from 0 to less than 1; undefined where nothing suits. */
export function chosen(
  offered: readonly Offered[],
  choice: Choice,
  random: number,
): DatapathName | undefined {
  const fewest = Math.min(...offered.map(({ others }) => others));
  const some = choice === 'uniform' ? offered : offered.filter(({ others }) => others === fewest);
  return some[Math.floor(random * some.length)]?.name;
}
