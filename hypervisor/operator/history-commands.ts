/**
 * `limevisor migrations` and `migrations show ID`: past migrations, the time that each phase took,
 * and how they ended. As many are remembered as the file says (`migrations: { keep: N }`).
 *
 * Migrations of all kinds are numbered together, and moves of hosts by themselves: so a host's move
 * is named, `move-7`, here and wherever it is mentioned.
 */
import { type HostMove, hostMoveName } from '../../translation/migration/host-move.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import { type Found, historyText } from './history-text.ts';
import { type Brief, hostMoveHead, hostMoveRows } from './host-move-rows.ts';
import { timeText } from './migration-phases.ts';
import { migrationHead, migrationRows, whyNoMigration } from './migration-text.ts';
import type { StatusReport } from './report.ts';
import { LongTexts, table } from './report-text.ts';

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
  if (id !== undefined && !/^(move-)?[0-9]+$/.test(id)) {
    const hint = '"limevisor migrations" lists them';
    const why = `"${id}" is no migration's number, and no move's name, such as move-7; ${hint}`;
    throw new Ending(exitCodes.usage, why);
  }
  const report = await ask<StatusReport>(options.socket, 'status', {});
  if (id !== undefined) {
    say(shown(report, id, options.json));
    return;
  }
  const { migrations, ensembles, hostMoves, memberMoves } = report;
  const { nodeWorld } = await import('../world/node-world.ts');
  const nowMs = nodeWorld().wallClockMs();
  if (options.json) say(JSON.stringify({ migrations, ensembles, hostMoves, memberMoves }));
  else say(listText(report, nowMs));
}

/** One of them, as it is printed; throws why there is none. */
export function shown(report: Remembered, id: string, isJson = false): string {
  const found = foundIn(report, id);
  if (found === undefined) {
    const hint = '"limevisor migrations" lists those that are remembered';
    throw new Ending(exitCodes.rejected, `${whyNone(report, id)}; ${hint}`);
  }
  return isJson ? JSON.stringify(found) : historyText(found);
}

/** There is none of this number, or name. */
function whyNone(report: Remembered, id: string): string {
  const isMove = id.startsWith('move-');
  const why = isMove ? undefined : whyNoMigration(Number(id), report);
  return why ?? `there is no ${isMove ? id : `migration ${id}`}`;
}

/**
 * All of them; below, the moves of hosts that were none of a migration's, and what is too long for
 * a column.
 */
export function listText(report: Remembered, nowMs: number): string {
  const alone = (report.hostMoves ?? []).filter(({ ensemble }) => ensemble === undefined);
  const long = new LongTexts();
  const brief: Brief = (about, text) => long.brief(about, text);
  const parts = [datedRows(report, nowMs, brief), datedMoves(alone, nowMs, brief)];
  const tables = parts.filter(({ length }) => length > 1).map((rows) => table(rows));
  return tables.length === 0 ? 'none are remembered' : [...tables, ...long.parts].join('\n\n');
}

const BEGAN = 'BEGAN (UTC)';

/** All of them, below a heading; when each began, by UTC. */
export function datedRows(
  report: Remembered,
  nowMs: number,
  brief?: Brief,
): readonly (readonly string[])[] {
  const rows = migrationRows(report, nowMs, brief, Number.POSITIVE_INFINITY);
  const [id = '', ...rest] = migrationHead;
  return [
    [id, BEGAN, ...rest],
    ...rows.map(({ startedMs, cells: [name = '', ...more] }) => {
      return [name, timeText(startedMs), ...more];
    }),
  ];
}

function datedMoves(
  moves: readonly HostMove[],
  nowMs: number,
  brief: Brief,
): readonly (readonly string[])[] {
  const [id = '', ...rest] = hostMoveHead;
  const rows = hostMoveRows(moves, nowMs, brief);
  return [
    [id, BEGAN, ...rest],
    ...moves.map((move, i) => {
      const [name = '', ...more] = rows[i] ?? [];
      return [name, timeText(move.startedMs), ...more];
    }),
  ];
}

/** By the number of a migration, or the name of a host's move. */
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
  const move = hostMoves.find((one) => hostMoveName(one) === id);
  if (move !== undefined) return { migrations: [], hostMoves: [move] };
  const migration = migrations.find((one) => String(one.id) === id);
  return migration && { migrations: [migration] };
}
