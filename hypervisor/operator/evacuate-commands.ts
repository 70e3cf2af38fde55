/**
 * `limevisor evacuate DATAPATH|ZONE` and `limevisor evacuations`.
 */
import { plural } from '../../slices/plural.ts';
import { msOf } from '../../slices/traffic/traffic-text.ts';
import { type EvacuationPlan, lateIn } from '../../translation/migration/evacuation.ts';
import { Ending, exitCodes, note, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { EvacuateResult, EvacuationEvent } from './control-evacuate.ts';
import { evacuationHtml } from './evacuate-html.ts';
import type { Evacuation, Left } from './evacuation-report.ts';
import { table } from './report-text.ts';

export interface EvacuateOptions extends Options {
  readonly within: string;
  readonly to: readonly string[];
  readonly driver?: string;
  readonly movesAtOnce?: string;
  readonly dryRun?: boolean;
  readonly html?: boolean;
}

export async function evacuate(datapath: string, options: EvacuateOptions): Promise<void> {
  const { within, to, driver, movesAtOnce, dryRun = false, socket, json, html } = options;
  const withinMs = msOf(within);
  if (withinMs === undefined) {
    throw new Ending(exitCodes.usage, `"--within ${within}" is no time; write 30s or 5m`);
  }
  const params = {
    ...{ datapath, withinMs, to, dryRun },
    ...(driver !== undefined && { driver }),
    ...(movesAtOnce !== undefined && { movesAtOnce }),
  };
  const told = (event: unknown): void => {
    const line = eventText(event as EvacuationEvent);
    if (!json && line !== undefined) note(line);
  };
  const { plan, evacuation } = await ask<EvacuateResult>(socket, 'evacuate', params, told);
  if (json) say(JSON.stringify(evacuation ?? plan));
  else if (plan !== undefined) say(planText(plan));
  else if (evacuation !== undefined) {
    say(html ? evacuationHtml(evacuation) : evacuationText(evacuation));
  }
  if (evacuation?.left.some(({ isAway }) => !isAway)) process.exitCode = exitCodes.failed;
}

export async function evacuations({ socket, json, html }: Options & { html?: boolean }) {
  const all = await ask<readonly Evacuation[]>(socket, 'evacuations', {});
  const last = all.at(-1);
  if (json) say(JSON.stringify(all));
  else if (html) say(last === undefined ? '' : evacuationHtml(last));
  else say(last === undefined ? 'none since the start' : all.map(evacuationText).join('\n\n'));
}

function eventText(event: EvacuationEvent): string | undefined {
  if ('left' in event) return leftText(event.left);
  const late = lateIn(event.plan);
  const { steps, members } = event.plan;
  const tooLate = plural(late.length, 'vswitch');
  const bigs = members.length === 0 ? '' : ` and ${plural(members.length, 'member')}`;
  const head = `${plural(steps.length, 'vswitch')}${bigs} to move, ${tooLate} not in time`;
  return [head, ...lateLines(event.plan)].join('\n');
}

function lateLines(plan: EvacuationPlan): readonly string[] {
  return lateIn(plan).map(({ vswitch, importance, why }) => {
    return `  NOT IN TIME: ${vswitch} (importance ${importance}): ${why}`;
  });
}

function leftText({ name, to, strategy, endMs, isAway, isInTime, why }: Left): string {
  const how = strategy === 'freeze' ? ', frozen' : '';
  if (endMs === undefined) return `  ${name} -> ${to}${how}`;
  if (!isAway) return `  ${name} stays: ${why}`;
  return `  ${name} is away after ${seconds(endMs)}${isInTime ? '' : ', too late'}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** What it would do. */
export function planText(plan: EvacuationPlan): string {
  const rows = plan.steps.map((one) => [
    one.vswitch,
    `${one.importance}`,
    one.to,
    one.strategy,
    `${one.rules}`,
    `${seconds(one.startMs)} - ${seconds(one.endMs)}`,
  ]);
  for (const { vswitch, importance, to = '(no place)', endMs } of plan.members) {
    rows.push([vswitch, `${importance}`, to, 'member', '', `- ${seconds(endMs)}`]);
  }
  const heading = ['LEAVES', 'IMPORTANCE', 'TO', 'BY', 'RULES', 'ABOUT'];
  return [
    `${plan.what} within ${seconds(plan.withinMs)}:`,
    rows.length === 0 ? 'nothing that could move lives there' : table([heading, ...rows]),
    ...lateLines(plan),
    ...plan.byHand.map((one) => `  by hand: ${one}`),
  ].join('\n');
}

export function evacuationText(one: Evacuation): string {
  const { what, cause, withinMs, left, startedMs, ways, byHand } = one;
  const away = left.filter(({ isAway }) => isAway);
  const inTime = away.filter(({ isInTime }) => isInTime);
  const when = new Date(startedMs).toISOString().slice(0, 19);
  const rows = left.map((row) => [
    row.name,
    `${row.importance}`,
    row.to,
    row.strategy ?? '',
    row.isAway ? `away after ${seconds(row.endMs ?? 0)}` : `stays: ${row.why}`,
    row.isAway && !row.isInTime ? 'too late' : '',
  ]);
  return [
    `${what}, ${when}Z: ${cause}`,
    `${away.length} of ${left.length} are away, ${inTime.length} within ${seconds(withinMs)}`,
    ...(rows.length === 0 ? [] : [table([['LEFT', 'IMPORTANCE', 'TO', 'BY', '', ''], ...rows])]),
    ...(ways === undefined ? [] : [ways]),
    ...byHand.map((text) => `by hand: ${text}`),
  ].join('\n');
}
