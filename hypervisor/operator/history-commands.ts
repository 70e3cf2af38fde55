/**
 * `limevisor migrations` and `migrations show ID`: past migrations, the time that each phase took,
 * and how they ended. As many are remembered as the file says (`migrations: { keep: N }`).
 */
import { plural } from '../../slices/plural.ts';
import { sizeText } from '../../slices/traffic/traffic-text.ts';
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import { rateText } from '../../translation/migration/ensemble-costs-text.ts';
import {
  type HostMove,
  hostMoveText,
  hostStateText,
} from '../../translation/migration/host-move.ts';
import { type MemberMigration, memberWayText } from '../../translation/migration/member-states.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import { ensembleStateText } from './ensemble-text.ts';
import { hostMoveHead, hostMoveRows } from './host-move-rows.ts';
import { type Phased, timeText } from './migration-phases.ts';
import {
  doubtsText,
  memberStateText,
  migrationHead,
  migrationRows,
  probedText,
  stateText,
  whyNoMigration,
} from './migration-text.ts';
import type { StatusReport } from './report.ts';
import { table } from './report-text.ts';

type Remembered = Pick<StatusReport, 'migrations' | 'ensembles'> &
  Pick<StatusReport, 'memberMoves'> &
  Partial<Pick<StatusReport, 'hostMoves'>>;

export async function migrations(
  show: string | undefined,
  id: string | undefined,
  options: Options,
): Promise<void> {
  const isShow = show === 'show' && id !== undefined;
  if (show !== undefined && !isShow) {
    throw new Ending(exitCodes.usage, 'write "limevisor migrations", or "migrations show ID"');
  }
  const report = await ask<StatusReport>(options.socket, 'status', {});
  if (id === undefined) {
    const { migrations, ensembles, hostMoves, memberMoves } = report;
    const { nodeWorld } = await import('../world/node-world.ts');
    const nowMs = nodeWorld().wallClockMs();
    if (options.json) say(JSON.stringify({ migrations, ensembles, hostMoves, memberMoves }));
    else say(listText(report, nowMs));
    return;
  }
  const found = foundIn(report, id);
  if (found === undefined) {
    const hint = '"limevisor migrations" lists those that are remembered';
    const why = whyNoMigration(Number(id), report) ?? `there is no migration ${id}`;
    throw new Ending(exitCodes.rejected, `${why}; ${hint}`);
  }
  say(options.json ? JSON.stringify(found) : historyText(found));
}

/** All of them; below, the moves of hosts that were none of a migration's. */
export function listText(report: Remembered, nowMs: number): string {
  const alone = (report.hostMoves ?? []).filter(({ ensemble }) => ensemble === undefined);
  const parts = [datedRows(report, nowMs), [hostMoveHead, ...hostMoveRows(alone, nowMs)]];
  const tables = parts.filter(({ length }) => length > 1).map((rows) => table(rows));
  return tables.length === 0 ? 'none are remembered' : tables.join('\n\n');
}

/** All of them, below a heading; when each began, by UTC. */
export function datedRows(report: Remembered, nowMs: number): readonly (readonly string[])[] {
  const { migrations, ensembles, memberMoves = [] } = report;
  const all = [...migrations, ...ensembles, ...memberMoves];
  const begun = new Map(all.map((one) => [one.id, one.startedMs]));
  const rows = migrationRows(report, nowMs, undefined, Number.POSITIVE_INFINITY);
  const [id = '', ...rest] = migrationHead;
  return [
    [id, 'BEGAN (UTC)', ...rest],
    ...rows.map(([number = '', ...more]) => {
      const startedMs = begun.get(Number(number));
      return [number, startedMs === undefined ? '' : timeText(startedMs), ...more];
    }),
  ];
}

/** Either of several, with those that it is made of; or of one. */
interface Found {
  readonly ensemble?: Ensemble;
  readonly migrations: readonly Migration[];
  readonly hostMoves?: readonly HostMove[];
  readonly member?: MemberMigration;
}

export function foundIn(
  { migrations, ensembles, hostMoves = [], memberMoves = [] }: Remembered,
  id: string,
): Found | undefined {
  const ensemble = ensembles.find((one) => String(one.id) === id);
  if (ensemble !== undefined) {
    const own = migrations.filter((one) => one.ensemble === ensemble.id);
    const hosts = hostMoves.filter((one) => one.ensemble === ensemble.id);
    return { ensemble, migrations: own, ...(hosts.length > 0 && { hostMoves: hosts }) };
  }
  const member = memberMoves.find((one) => String(one.id) === id);
  if (member !== undefined) return { migrations: [], member };
  const migration = migrations.find((one) => String(one.id) === id);
  return migration && { migrations: [migration] };
}

export function historyText({ ensemble, migrations, hostMoves = [], member }: Found): string {
  const whole =
    ensemble === undefined
      ? []
      : [
          `migration ${ensemble.id}: ${ensemble.what}: ${ensembleStateText(ensemble)}`,
          ...plannedLines(ensemble),
          ...phaseLines(ensemble),
          ...exceptionsOf(ensemble).map((text) => line('exception', text)),
          ...boundaryLines(ensemble),
        ];
  return [
    ...whole,
    ...migrations.flatMap(migrationLines),
    ...hostMoves.flatMap(hostMoveLines),
    ...(member === undefined ? [] : memberLines(member)),
  ].join('\n');
}

function memberLines(one: MemberMigration): readonly string[] {
  const { id, vswitch, strategy, members } = one;
  return [
    `migration ${id}: ${vswitch} ${memberWayText(one)} (${strategy}): ${memberStateText(one)}`,
    ...plannedLines(one),
    ...phaseLines(one),
    line('members', `${members.join(', ')}${one.state.type === 'done' ? '' : ', if it is done'}`),
  ];
}

function plannedLines({ plan = [] }: { readonly plan?: readonly string[] }): readonly string[] {
  return plan.map((text) => `  planned  ${text}`);
}

function exceptionsOf({ state }: Ensemble): readonly string[] {
  return 'exceptions' in state ? (state.exceptions ?? []) : [];
}

function boundaryLines({ boundary }: Ensemble): readonly string[] {
  if (boundary === undefined) return [];
  const { bytes, peakRate, forMs } = boundary;
  const how = `in ${(forMs / 1000).toFixed(1)} s, ${rateText(peakRate)} at most`;
  return [line('boundary', `${sizeText(bytes)} crossed between the two sides ${how}`)];
}

function migrationLines(migration: Migration): readonly string[] {
  const { id, vswitch, from, to, strategy, whyStrategy, aside, rules, acks } = migration;
  const state = `${stateText(migration)}${doubtsText(migration)}`;
  const acknowledged = Object.entries(acks ?? {}).map(([name, level]) => `${name} by ${level}`);
  return [
    `migration ${id}: ${vswitch} ${from} -> ${to} (${strategy}): ${state}`,
    ...(whyStrategy === undefined ? [] : [line('strategy', `${strategy}: ${whyStrategy}`)]),
    ...plannedLines(migration),
    ...phaseLines(migration),
    ...(rules === undefined ? [] : [line('rules', String(rules))]),
    ...(acknowledged.length === 0 ? [] : [line('acknowledged', acknowledged.join(', '))]),
    ...guardLines(migration),
    ...(migration.probed === undefined ? [] : [line('loss', probedText(migration).slice(2))]),
    ...(aside === undefined ? [] : [`  ${aside.body} was set aside: ${aside.why}`]),
  ];
}

/** Who led packets to whom, and what was held or dropped. */
function guardLines(migration: Migration): readonly string[] {
  const { from, to, strategy, guard, phases, handOver } = migration;
  if (strategy === 'freeze') {
    const names = ['freeze', 'copy', 'move', 'empty', 'emptied'];
    const frozen = phases.filter(({ name }) => names.includes(name));
    const ms = frozen.reduce((sum, { startedMs, endedMs }) => sum + endedMs - startedMs, 0);
    return frozen.length === 0 ? [] : [line('guards', `${from} dropped what entered for ${ms} ms`)];
  }
  if (handOver === undefined) return [];
  const { redirected, dropped, held, why, tookMs } = handOver;
  const count = guard === 'drop' ? dropped : redirected;
  const packets = count === undefined ? 'packets, uncounted' : plural(count, 'packet');
  const did = guard === 'drop' ? 'dropped' : `led to ${to}`;
  return [
    line('guards', `${from} ${did} what entered there: ${packets}`),
    line('hand-over', `rules waited for ${tookMs} ms`),
    ...(why === undefined ? [] : [line('held', `${plural(held, 'packet')}: ${why}`)]),
  ];
}

function hostMoveLines(move: HostMove): readonly string[] {
  const { id, driver, said } = move;
  return [
    `move ${id}: ${hostMoveText(move)} (${driver}): ${hostStateText(move)}`,
    ...phaseLines(move),
    ...said.map((text) => line('driver', text)),
  ];
}

function line(what: string, text: string): string {
  return `  ${what.padEnd(13)}${text}`;
}

function phaseLines({ startedMs, phases }: { readonly startedMs: number } & Phased): string[] {
  return [
    `  began    ${new Date(startedMs).toISOString()}`,
    ...phases.map(({ name, startedMs: from, endedMs }) => {
      return `  ${name.padEnd(13)}${String(Math.round(endedMs - from)).padStart(6)} ms`;
    }),
  ];
}
