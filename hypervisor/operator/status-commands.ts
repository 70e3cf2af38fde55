/**
 * `limevisor status`: all of it, or a part.
 */
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { nodeWorld } from '../world/node-world.ts';
import { show, widthOf } from '../world/terminal.ts';
import { ask } from './client.ts';
import type { StatusReport } from './report.ts';
import { statusText } from './report-text.ts';
import { filtered } from './status-filter.ts';

export interface StatusOptions extends Options {
  readonly datapath?: string;
  readonly down?: boolean;
}

export async function status(
  names: readonly string[],
  { socket, json, datapath, down }: StatusOptions,
): Promise<void> {
  const whole = await ask<StatusReport>(socket, 'status', {});
  const isDown = down === true;
  const filter = { names, isDown, ...(datapath !== undefined && { datapath }) };
  const report = filtered(whole, filter);
  if ('whyNot' in report) throw new Ending(exitCodes.rejected, report.whyNot);
  if (json) say(JSON.stringify(report));
  else {
    const isPart = isDown || names.length > 0 || datapath !== undefined;
    const nowMs = nodeWorld().wallClockMs();
    const text = statusText(report, nowMs, widthOf(process.stdout), isPart);
    show(text === '' && isDown ? 'nothing is down' : text);
  }
}
