/**
 * The configuration as it runs: the file's, with each vswitch on the datapath where it lives now.
 */
import type { Config } from '../config/values.ts';
import type { Snapshot } from './values.ts';

export function runningConfig({ config, placements }: Snapshot): Config {
  const vswitches = config.vswitches.map((one) => {
    const placement = placements.get(one.name);
    // One that is held lives nowhere: the file's word is all there is.
    if (placement === undefined || placement.bodies.length === 0) return one;
    return { ...one, on: placement.primary };
  });
  return { ...config, vswitches };
}
