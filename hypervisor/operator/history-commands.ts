/**
 * `limevisor migrations` and `migrations show ID`: what was moved, how long each phase took, and
 * how it ended. As many are remembered as the file says (`migrations: { keep: N }`).
 */
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import { ensembleStateText } from './ensemble-text.ts';
import { type Phased, timeText } from './migration-phases.ts';
import { doubtsText, migrationHead, migrationRows, stateText } from './migration-text.ts';
import type { StatusReport } from './report.ts';
import { table } from './report-text.ts';

type Remembered = Pick<StatusReport, 'migrations' | 'ensembles'>;

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
    const { migrations, ensembles } = report;
    const { nodeWorld } = await import('../world/node-world.ts');
    const nowMs = nodeWorld().wallClockMs();
    const rows = datedRows(report, nowMs);
    if (options.json) say(JSON.stringify({ migrations, ensembles }));
    else say(rows.length === 1 ? 'none are remembered' : table(rows));
    return;
  }
  const found = foundIn(report, id);
  if (found === undefined) {
    const hint = '"limevisor migrations" lists those that are remembered';
    throw new Ending(exitCodes.rejected, `there is no migration ${id}; ${hint}`);
  }
  say(options.json ? JSON.stringify(found) : historyText(found));
}

/** All of them, below a heading; when each began, by UTC. */
export function datedRows(report: Remembered, nowMs: number): readonly (readonly string[])[] {
  const { migrations, ensembles } = report;
  const begun = new Map([...migrations, ...ensembles].map((one) => [one.id, one.startedMs]));
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
}

export function foundIn({ migrations, ensembles }: Remembered, id: string): Found | undefined {
  const ensemble = ensembles.find((one) => String(one.id) === id);
  if (ensemble !== undefined) {
    return { ensemble, migrations: migrations.filter((one) => one.ensemble === ensemble.id) };
  }
  const migration = migrations.find((one) => String(one.id) === id);
  return migration && { migrations: [migration] };
}

export function historyText({ ensemble, migrations }: Found): string {
  const whole =
    ensemble === undefined
      ? []
      : [
          `migration ${ensemble.id}: ${ensemble.what}: ${ensembleStateText(ensemble)}`,
          ...ensemble.plan.map((line) => `  planned  ${line}`),
          ...phaseLines(ensemble),
        ];
  return [...whole, ...migrations.flatMap(migrationLines)].join('\n');
}

function migrationLines(migration: Migration): readonly string[] {
  const { id, vswitch, from, to, strategy, aside } = migration;
  const state = `${stateText(migration)}${doubtsText(migration)}`;
  return [
    `migration ${id}: ${vswitch} ${from} -> ${to} (${strategy}): ${state}`,
    ...phaseLines(migration),
    ...(aside === undefined ? [] : [`  ${aside.body} was set aside: ${aside.why}`]),
  ];
}

function phaseLines({ startedMs, phases }: Pick<Migration, 'startedMs'> & Phased): string[] {
  return [
    `  began    ${new Date(startedMs).toISOString()}`,
    ...phases.map(({ name, startedMs: from, endedMs }) => {
      return `  ${name.padEnd(13)}${String(Math.round(endedMs - from)).padStart(6)} ms`;
    }),
  ];
}
