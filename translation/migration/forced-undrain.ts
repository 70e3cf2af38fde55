/**
 * Drained datapaths that the file's links no longer allow us to route around: routes lead through
 * them again, for a start must come up with what works (start.ts).
 */

import type { Config } from '../../slices/config/config.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { type Avoided, type Avoiding, isSame } from '../../slices/network/drained-datapaths.ts';
import { compile, isInfeasible, type Remembered } from '../../slices/network/snapshot.ts';
import type { Remedy } from '../../slices/remedy.ts';

export interface StillAvoided {
  readonly avoiding: Avoiding;
  /** Those that were drained and are no more, and why. */
  readonly undrained: ReadonlyMap<DatapathName, string>;
}

/** What is still led around; each that is not would take a cable's way from somebody. */
export function stillAvoided(config: Config, known: Remembered): StillAvoided {
  const { now, spare, goal, held } = known.avoiding;
  const undrained = new Map<DatapathName, string>();
  let avoided: Avoided = new Set([...now, ...(spare ?? []), ...goal]);
  // Nothing to look for, in the networks that are compiled at nearly every start.
  if (avoided.size === 0) return { avoiding: known.avoiding, undrained };
  const least = troubles(config, known, new Set()).count;
  for (;;) {
    const { count, why } = troubles(config, known, avoided);
    if (count <= least) break;
    const [name] = [...avoided].sort((one, other) => {
      const left = (of: DatapathName): number =>
        troubles(config, known, without(avoided, of)).count;
      return left(one) - left(other);
    });
    if (name === undefined) break;
    avoided = without(avoided, name);
    undrained.set(name, why);
  }
  const kept = (of: Avoided): Avoided => new Set([...of].filter((one) => avoided.has(one)));
  const holding = held === undefined ? {} : { held };
  const next = { now: kept(now), goal: kept(goal), ...holding };
  if (spare === undefined || undrained.size === 0) {
    return { avoiding: undrained.size === 0 ? known.avoiding : next, undrained };
  }
  const beside = kept(spare);
  const avoiding = isSame(beside, next.now) ? next : { ...next, spare: beside };
  return { avoiding, undrained };
}

export function undrainedRemedies({ undrained }: StillAvoided): readonly Remedy[] {
  return [...undrained].map(([name, why]) => ({
    type: 'undrained',
    object: name,
    cause: `it was drained, and there is no other way left: ${why}`,
    done: 'ways lead through it again',
    next: `add a link to the file, start again, and "limevisor drain ${name}"`,
  }));
}

/** How many cables have no way, and why the first has none. */
function troubles(config: Config, known: Remembered, avoided: Avoided) {
  const avoiding = { now: avoided, goal: avoided };
  const snapshot = compile(config, { ...known, avoiding });
  if (!isInfeasible(snapshot)) return { count: 0, why: '' };
  const { lacking = [], why } = snapshot;
  // Without any it is nothing that ways decide.
  const count = lacking.length > 0 ? lacking.length : Number.POSITIVE_INFINITY;
  return { count, why: lacking[0]?.why ?? why };
}

function without(avoided: Avoided, name: DatapathName): Avoided {
  return new Set([...avoided].filter((one) => one !== name));
}
