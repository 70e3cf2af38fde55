/**
 * `limevisor traffic [TENANT...]`: measured traffic, as tables.
 */
import { msOf, rateText } from '../../slices/traffic/traffic-text.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import { table } from './report-text.ts';
import { trafficHtml } from './traffic-html.ts';
import type { Rates, TrafficReport } from './traffic-report.ts';

export interface TrafficOptions extends Options {
  readonly over: string;
  readonly points?: boolean;
  readonly html?: boolean;
}

export async function traffic(tenants: readonly string[], options: TrafficOptions): Promise<void> {
  const { over, html = false, points = html, json, socket } = options;
  const windowMs = msOf(over);
  if (windowMs === undefined || windowMs > LONGEST_MS) {
    const why = `"${over}" is not a time to look back; write 30s, 5m, 12h or 30d, 30d at most`;
    throw new Ending(exitCodes.usage, why);
  }
  const params = { tenant: tenants, windowMs, points };
  const report = await ask<TrafficReport>(socket, 'traffic', params);
  if (json) say(JSON.stringify(report));
  else say(html ? trafficHtml(report, over) : trafficText(report, over));
}

const LONGEST_MS = msOf('30d') ?? 0;

/** Three tables. */
function trafficText(report: TrafficReport, over: string): string {
  const rates = ['NOW', `MEAN ${over}`, 'PEAK'];
  const pairs = report.pairs.map((one) => [one.tenant, one.from, one.to, ...cellsOf(one)]);
  const cables = report.cables.map((one) => {
    const { from, to, kbps, latencyMs, latency: over, peak } = one;
    // Of a megabit a second, 125 bytes each millisecond.
    const share = kbps === undefined || peak === undefined ? '' : percent(peak / (kbps * 125));
    const latency = latencyMs === undefined ? '' : timesText(latencyMs, over);
    return [from, to, ...cellsOf(one), share, latency];
  });
  const datapaths = report.datapaths.map((one) => {
    const { datapath, entries, answeredMs, answered } = one;
    const times = answeredMs === undefined ? '?' : timesText(answeredMs, answered);
    return [datapath, ...cellsOf(one), String(entries ?? '?'), times];
  });
  const { leftOut } = report;
  const more = `${leftOut} more are not measured: there are too many; name the tenants of interest`;
  return [
    ...(pairs.length === 0 ? [] : [table([['TENANT', 'FROM', 'TO', ...rates], ...pairs])]),
    ...(cables.length === 0
      ? []
      : [table([['CABLE', 'TO', ...rates, 'OF ITS BANDWIDTH', 'LATENCY'], ...cables])]),
    table([['DATAPATH', ...rates, 'ENTRIES', 'ANSWERED IN'], ...datapaths]),
    ...(leftOut > 0 ? [more] : []),
  ].join('\n\n');
}

function cellsOf({ now, mean, peak }: Rates): readonly string[] {
  return [now, mean, peak].map((one) => (one === undefined ? '?' : rateText(one)));
}

/** Now, and at most. */
function timesText(ms: number, { peak = ms }: Rates = {}): string {
  return `${ms.toFixed(1)} ms, at most ${Math.max(ms, peak).toFixed(1)}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
