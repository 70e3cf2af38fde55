/**
 * `limevisor schedules` and `limevisor mtd report`.
 */
import { predictors } from '../../slices/placement/predictors.ts';
import { plural } from '../../slices/plural.ts';
import { msOf } from '../../slices/traffic/traffic-text.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { ScheduleReport } from './control-schedules.ts';
import { mtdHtml } from './mtd-html.ts';
import type { MtdReport } from './mtd-report.ts';
import { table } from './report-text.ts';

export interface MtdOptions extends Options {
  readonly over: string;
  readonly html?: boolean;
  readonly csv?: boolean;
}

export async function schedules({ socket, json }: Options): Promise<void> {
  const all = await ask<readonly ScheduleReport[]>(socket, 'schedules', {});
  say(json ? JSON.stringify(all) : schedulesText(all));
}

export async function mtd(
  what: string,
  tenants: readonly string[],
  { over, html, csv, json, socket }: MtdOptions,
): Promise<void> {
  const windowMs = msOf(over);
  const isKnown = what === 'report';
  if (!isKnown) throw new Ending(exitCodes.usage, `"mtd ${what}" is nothing; write mtd report`);
  if (windowMs === undefined) {
    throw new Ending(exitCodes.usage, `"${over}" is no time; write 30s, 5m, 12h or 7d`);
  }
  const report = await ask<MtdReport>(socket, 'mtd', { tenant: tenants, windowMs });
  if (json) say(JSON.stringify(report));
  else if (html) say(mtdHtml(report));
  else say(csv ? mtdCsv(report) : mtdText(report));
}

function schedulesText(all: readonly ScheduleReport[]): string {
  if (all.length === 0) return 'the file has no schedules';
  const rows = all.map(({ name, vswitches, moves, last, lastMs, inMs }) => {
    const names = vswitches.length > 4 ? plural(vswitches.length, 'vswitch') : vswitches.join(', ');
    const when = lastMs === undefined ? '' : `${new Date(lastMs).toISOString().slice(0, 19)}Z: `;
    return [name, names, timeText(inMs), String(moves), `${when}${last}`];
  });
  return table([['SCHEDULE', 'MOVES', 'IN', 'THIS HOUR', 'LAST'], ...rows]);
}

export function timeText(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${(ms / 60_000).toFixed(1)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

export function probedText({ sent, lost, twice }: NonNullable<MtdReport['probed']>): string {
  return `of ${plural(sent, 'probe')} ${lost} were lost, and ${twice} came twice`;
}

export function mtdText(report: MtdReport): string {
  const { tenants, sinceMs, nowMs, moves, undone, tookMs, stale, together } = report;
  const { messages, dropped, frozen, peak, probed } = report;
  const knownMs = Math.max(1, nowMs - sinceMs);
  const perHour = ((moves * 3_600_000) / knownMs).toFixed(1);
  const whole = [
    `${tenants.join(', ')}, the last ${timeText(knownMs)}: ${plural(moves, 'move')}`,
    `${perHour} an hour, ${undone} undone`,
    `a move took ${tookMs} ms`,
    `${plural(stale, 'packet')} came an old way afterwards`,
    ...(moves === 0 ? [] : [`${(messages / moves).toFixed(0)} control messages a move`]),
    ...(peak === undefined ? [] : [`at most ${peak.entries} entries on ${peak.on} meanwhile`]),
    ...(probed === undefined ? [] : [probedText(probed)]),
    ...(dropped === 0 ? [] : [`guards dropped ${plural(dropped, 'packet')}`]),
    ...(frozen === 0 ? [] : [`${frozen} by freeze-and-copy, which drops what comes meanwhile`]),
  ].join('; ');
  const names = Object.keys(predictors) as (keyof typeof predictors)[];
  const vswitches = report.vswitches.map((one) => {
    const { vswitch, places, longestMs, entropy, entropyMax, guesses } = one;
    const bits = `${entropy.toFixed(2)} of ${entropyMax.toFixed(2)} bits`;
    const hits = names.map((name) => `${guesses[name].hits} of ${guesses[name].tried}`);
    return [vswitch, String(one.moves), String(places), timeText(longestMs), bits, ...hits];
  });
  const guessed = names.map((name) => `GUESSED: ${name.toUpperCase()}`);
  const pairs = together.map(({ tenants: [one, other], on, totalMs, longestMs }) => {
    const share = `${((totalMs * 100) / knownMs).toFixed(1)} %`;
    return [one, other, on, timeText(longestMs), timeText(totalMs), share];
  });
  return [
    whole,
    table([['VSWITCH', 'MOVES', 'PLACES', 'LONGEST STAY', 'ENTROPY', ...guessed], ...vswitches]),
    pairs.length === 0
      ? 'no datapath was shared with another tenant'
      : table([['TENANT', 'WITH', 'ON', 'LONGEST', 'IN ALL', 'OF THE TIME'], ...pairs]),
  ].join('\n\n');
}

/** A line for each time that a vswitch was somewhere. */
function mtdCsv({ stays }: MtdReport): string {
  const rows = stays.map(({ vswitch, on, fromMs, toMs }) => [vswitch, on, fromMs, toMs].join(','));
  return ['vswitch,datapath,fromMs,toMs', ...rows].join('\n');
}
