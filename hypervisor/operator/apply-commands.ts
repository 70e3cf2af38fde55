/**
 * `limevisor apply FILE`: the file is read by the limevisor that runs, so it is named as that finds
 * it.
 */
import path from 'node:path';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { ApplyResult } from './control-apply.ts';

export interface ApplyOptions extends Options {
  readonly dryRun?: boolean;
}

export async function apply(file: string, { socket, json, dryRun }: ApplyOptions): Promise<void> {
  const params = { file: path.resolve(file), dryRun: dryRun === true };
  const result = await ask<ApplyResult>(socket, 'apply', params);
  if (json) say(JSON.stringify(result));
  if (result.type === 'refused') {
    const list = result.whyNot.map((one) => `  ${one}`).join('\n');
    throw new Ending(exitCodes.rejected, `${file} is not applied, nothing has changed:\n${list}`);
  }
  if (json) return;
  const { difference, waits } = result;
  const lines = difference.length > 0 ? difference : ['nothing differs'];
  say([...lines, ...waits.map((one) => `waits: ${one}`)].join('\n'));
}
