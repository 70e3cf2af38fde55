/**
 * The configuration as it runs: the file's, with each vswitch on the datapath where it lives now.
 */
import { withoutCopies } from '../config/mirrors.ts';
import type { Config } from '../config/values.ts';
import { atOnce, mapped, type Steps } from '../steps.ts';
import type { Snapshot } from './values.ts';

export function runningConfig(snapshot: Snapshot): Config {
  return atOnce(runningConfigOf(snapshot));
}

/** The same in steps. */
export function* runningConfigOf({ config: whole, placements }: Snapshot): Steps<Config> {
  // Copies are no part of what a person has configured.
  const config = withoutCopies(whole);
  const vswitches = yield* mapped(config.vswitches, (one) => {
    const placement = placements.get(one.name);
    // One that is held lives nowhere: the file's word is all there is.
    if (placement === undefined || placement.bodies.length === 0) return one;
    return { ...one, on: placement.primary };
  });
  return { ...config, vswitches };
}
