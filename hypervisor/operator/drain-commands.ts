/**
 * `limevisor drain` and `limevisor undrain`.
 */

import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { DrainResult } from './control-drain.ts';

/** The two differ in the method only. */
export function leading(method: 'drain' | 'undrain') {
  return async (datapath: string, { socket, json }: Options): Promise<void> => {
    const { plan, text } = await ask<DrainResult>(socket, method, { datapath });
    if (json) say(JSON.stringify({ plan, text }));
    if (plan.type === 'problems') {
      throw new Ending(exitCodes.rejected, `cannot ${method}:\n  ${plan.problems.join('\n  ')}`);
    }
    if (!json && text !== undefined) say(text);
  };
}
