/**
 * Makes a datapath count the packets that its cached flows have forwarded, just before those flows
 * change.
 *
 * Open vSwitch credits the packets of a cached flow when it looks at the flow: every half a second,
 * and whenever a table changed, and then to the entries that the *new* tables give. What it had not
 * counted when a guard came was lost to the rule, and counted twice when the guard went. So an
 * entry that changes nothing comes and goes for a while, which makes it look at all flows all the
 * time; the change that matters follows at once. Where a canary shows that all were looked at
 * (in-force.ts) that is waited for instead. What is credited wrongly then is what passed between
 * two looks: about a millisecond's packets with few flows, and with thousands as many milliseconds'
 * as it takes to look at them.
 */

import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { DatapathContext } from './contributors.ts';
import { leadOwner } from './converge.ts';
import type { Datapath } from './datapath.ts';

export interface CountingContext extends DatapathContext {
  readonly inForce: {
    /** Tells whether all cached flows are known to have been looked at since (in-force.ts). */
    prove(datapath: Datapath, told: (isProved: boolean) => void): void;
  };
}

/** `done` runs in the turn in which the last look was asked for. */
export function countWhatPassed(
  context: CountingContext,
  on: DatapathName,
  done: () => void,
): void {
  context.inForce.prove(context.datapath(on), (isProved) => {
    countOnceMore(context, on, isProved, done);
  });
}

/** The same, where it is known whether all flows were looked at a moment ago. */
export function countOnceMore(
  context: CountingContext,
  on: DatapathName,
  isProved: boolean,
  done: () => void,
): void {
  const datapath = context.datapath(on);
  const flip = (left: number): void => {
    const isThere = left % 2 === 1;
    const recount = { type: 'recount', isThere: !isThere } as const;
    leadOwner(context.snapshot(), datapath, recount, 'barrier', () => {
      if (left === 1) done();
      else context.world.after(limits.countingFlipMs, () => flip(left - 1));
    });
  };
  // Where it is known that all of them were looked at, once more is enough.
  flip(isProved ? 2 : limits.countingFlips);
}
