/**
 * `limevisor optimize [TENANT...]`: proposes better placements; with `--apply` it carries them out.
 */

import type { Objective } from '../../slices/placement/objectives.ts';
import { plural } from '../../slices/plural.ts';
import { msOf, rateText, sizeText } from '../../slices/traffic/traffic-text.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { OptimizeReport } from './control-optimize.ts';
import { moved } from './migration-commands.ts';
import { optimizeHtml } from './optimize-html.ts';
import { table } from './report-text.ts';

export interface OptimizeOptions extends Options {
  readonly for: string;
  readonly over: string;
  readonly budget: string;
  readonly apply?: boolean;
  readonly html?: boolean;
}

export async function optimize(
  tenants: readonly string[],
  options: OptimizeOptions,
): Promise<void> {
  const { over, budget, json, html, socket, apply = false } = options;
  const params = { tenant: tenants, objective: options.for };
  const times = { windowMs: timeOf(over, '--over'), budgetMs: timeOf(budget, '--budget') };
  const report = await ask<OptimizeReport>(socket, 'optimize', { ...params, ...times });
  if (json) say(JSON.stringify(report));
  else say(html ? optimizeHtml(report) : optimizeText(report));
  const { moves } = report;
  if (!apply || moves.length === 0) return;
  const names = moves.map(({ vswitch }) => vswitch);
  const to = moves.map(({ vswitch, to }) => `${vswitch}=${to}`);
  await moved('migrate', { vswitch: names, to, strategy: 'lime' }, options);
}

function timeOf(text: string, option: string): number {
  const ms = msOf(text);
  if (ms !== undefined) return ms;
  throw new Ending(exitCodes.usage, `"${option} ${text}" is no time; write 30s, 5m, 12h or 7d`);
}

export function optimizeText(report: OptimizeReport): string {
  const { objective, before, after, moves, whyNot, isWhole, isUnmeasured } = report;
  const row = (what: string, of: (one: typeof before) => string): readonly string[] => {
    return [what, of(before), of(after)];
  };
  const figures = table([
    ['', 'NOW', 'THEN'],
    row('busiest cable', (one) => `${percent(one.busiest)} of its bandwidth`),
    row('mean way of a byte', (one) => `${one.hops.toFixed(2)} hops, ${ms(one.latencyMs)}`),
    row('in use', (one) => `${plural(one.datapaths, 'datapath')}, ${plural(one.cables, 'cable')}`),
    row('vswitches that share one', (one) => plural(one.pairs, 'pair')),
  ]);
  const rows = moves.map(({ vswitch, from, to, rules, groups, meters, rate, bytes, tookMs }) => {
    const copied = [`${rules}`, `${groups}`, `${meters}`];
    return [vswitch, from, to, ...copied, rateText(rate), sizeText(bytes), `${tookMs} ms`];
  });
  const cost = ['RULES', 'GROUPS', 'METERS', 'PASSES', 'CROSSES', 'TAKES'];
  const heading = ['MOVE', 'FROM', 'TO', ...cost];
  return [
    `for ${objective} (${means[objective]}):`,
    figures,
    rows.length === 0 ? 'no move would make it better' : table([heading, ...rows]),
    ...(whyNot.length > 0 ? [`cannot be:\n  ${whyNot.join('\n  ')}`] : []),
    ...(isUnmeasured ? ['nothing passed: every virtual cable counts alike'] : []),
    ...(isWhole ? [] : ['not everything was looked at; allow more time with --budget']),
  ].join('\n\n');
}

const means: Readonly<Record<Objective, string>> = {
  latency: 'what a byte waits on its way',
  load: 'how far the busiest cables are used',
  energy: 'datapaths and cables that are in use',
  spread: 'vswitches that share a datapath',
};

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function ms(time: number): string {
  return `${time.toFixed(1)} ms`;
}
