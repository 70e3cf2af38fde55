/**
 * `limevisor drain` and `limevisor undrain`; `limevisor vacate` and `limevisor return`, which also
 * move all vswitches that live there.
 */

import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { DrainResult } from './control-drain.ts';
import { type MigrateOptions, moved, paramsOf } from './migration-commands.ts';

export interface DrainOptions extends Options, Partial<Omit<MigrateOptions, keyof Options>> {
  readonly everything?: boolean;
  readonly andHold?: boolean;
}

/** Leads ways around a datapath, or through it again; `everything`: what lives there moves. */
export async function lead(
  method: 'drain' | 'undrain',
  datapath: string,
  options: DrainOptions,
): Promise<void> {
  const { socket, json, everything = false, andHold = false } = options;
  const hold = andHold ? { hold: true } : {};
  if (everything) {
    const { to = [], strategy = 'lime', watch = true, ...rest } = options;
    const how = paramsOf({ to, strategy, watch, ...rest });
    await moved(method, { datapath, everything, ...hold, ...how }, options);
    return;
  }
  const alone = [
    ...(options.dryRun === true ? ['--dry-run'] : []),
    ...((options.to ?? []).length > 0 ? ['--to'] : []),
    ...(options.hosts === true ? ['--hosts'] : []),
    ...((options.driver ?? []).length > 0 ? ['--driver'] : []),
    ...(options.probe === true ? ['--probe'] : []),
  ];
  if (alone.length > 0) {
    const go = alone.length === 1 ? 'goes' : 'go';
    throw new Ending(exitCodes.usage, `${alone.join(' and ')} ${go} with --everything`);
  }
  const { plan, text } = await ask<DrainResult>(socket, method, { datapath, ...hold });
  if (json) say(JSON.stringify({ plan, text }));
  if (plan.type === 'problems') {
    throw new Ending(exitCodes.rejected, `cannot ${method}:\n  ${plan.problems.join('\n  ')}`);
  }
  if (!json && text !== undefined) say(text);
}
