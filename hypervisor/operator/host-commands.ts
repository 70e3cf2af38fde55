/**
 * `limevisor move`, `moved` and `abort`.
 */
import { endText } from '../../slices/ids.ts';
import {
  type HostMove,
  hostMoveName,
  hostMoveText,
  hostStateText,
} from '../../translation/migration/host-move.ts';
import { Ending, exitCodes, note, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { HostMoveResult } from './control-hosts.ts';
import { lastPhaseText } from './migration-phases.ts';
import { probedText } from './migration-text.ts';
import type { StatusReport } from './report.ts';

export interface MoveOptions extends Options {
  readonly to: string;
  readonly driver: string;
  /** Loss is measured. */
  readonly probe?: boolean;
  readonly dryRun?: boolean;
}

export async function move(host: string, options: MoveOptions): Promise<void> {
  const { to, driver, probe = false, dryRun = false, json, socket } = options;
  const goesOn = (): void => {
    note(`the move goes on; "limevisor status" shows it, "limevisor abort ${host}" takes it back`);
    process.exit(130);
  };
  process.once('SIGINT', goesOn);
  const asked = { host, to, driver, dryRun, ...(probe && { probe }) };
  const { plan, move } = await ask<HostMoveResult>(socket, 'move', asked, (event) => {
    if (!json) note(hostProgressText(event as HostMove));
  });
  process.off('SIGINT', goesOn);
  if (json) say(JSON.stringify({ plan, move }));
  if (plan.type === 'problems') {
    throw new Ending(exitCodes.rejected, `cannot move ${host}:\n  ${plan.problems.join('\n  ')}`);
  }
  if (move === undefined) {
    if (!json) say(`${hostMoveText(plan)} (${plan.driver})\n  ${plan.steps.join('\n  ')}`);
    return;
  }
  const took = move.stateSinceMs - move.startedMs;
  if (!json) for (const line of move.said) note(`  ${line}`);
  if (move.state.type === 'undone') {
    const why = `${move.state.why}${probedText(move)}`;
    throw new Ending(exitCodes.undone, `undone after ${took} ms: ${why}`);
  }
  if (json) return;
  const where = endText(move.to);
  const hint = `"limevisor show" prints the file with it; in yours write "at: ${where}"`;
  say(`${host} is at ${where} now; it took ${took} ms${probedText(move)}; ${hint}`);
  await noteUnreachable(socket, [move]);
}

/**
 * A driver that says a host has moved is believed. Where nobody can reach it there (no such port,
 * or no link), whoever had it moved is told.
 */
export async function noteUnreachable(socket: string, moves: readonly HostMove[]): Promise<void> {
  const moved = moves.filter(({ state }) => state.type === 'done').map(({ host }) => host);
  if (moved.length === 0) return;
  const { hosts } = await ask<StatusReport>(socket, 'status', {});
  for (const { name, at, state, why } of hosts) {
    if (state === 'up' || !moved.includes(name)) continue;
    note(`${name} is at ${at.join(' and ')} now, and cannot be reached there: ${why}`);
  }
}

/** One line as a move enters a state. */
export function hostProgressText(move: HostMove): string {
  const { host, state, driver } = move;
  const waits = state.type === 'run' && driver === 'manual' ? `, or "limevisor abort ${host}"` : '';
  const took = lastPhaseText(move);
  // Why it is taken back is said when it is.
  const text = state.type === 'undo' ? state.type : hostStateText(move);
  return `${hostMoveName(move)}: ${text}${waits}${took}`;
}

/** Both say what they did. */
export function telling(method: 'moved' | 'abort') {
  return async (host: string, { socket, json }: Options): Promise<void> => {
    const result = await ask<{ host: string; text: string }>(socket, method, { host });
    say(json ? JSON.stringify(result) : result.text);
  };
}
