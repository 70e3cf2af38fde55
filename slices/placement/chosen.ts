/**
 * The target of an automatic move: one of the suitable places, by chance.
 */
import type { Choice } from '../config/values.ts';
import type { DatapathName } from '../ids.ts';

/** A place that suits, and how many of other tenants live there. */
export interface Offered {
  readonly name: DatapathName;
  readonly others: number;
  /** For how long it has shared this place with others, as far as that is known. */
  readonly sharedMs: number;
}

/** The less, the better; among equally good ones it is by chance. */
const ranks: Readonly<Record<Choice, (one: Offered) => number>> = {
  uniform: () => 0,
  'least-shared': ({ others }) => others,
  'least-shared-so-far': ({ sharedMs }) => sharedMs,
};

/** `random` is from 0 to less than 1; undefined where nothing suits. */
export function chosen(
  offered: readonly Offered[],
  choice: Choice,
  random: number,
): DatapathName | undefined {
  const rank = ranks[choice];
  const least = Math.min(...offered.map(rank));
  const some = offered.filter((one) => rank(one) === least);
  return some[Math.floor(random * some.length)]?.name;
}
