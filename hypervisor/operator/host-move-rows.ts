/**
 * Moves of hosts as a table: for `status`, and for `migrations`.
 */
import { endText } from '../../slices/ids.ts';
import {
  type HostMove,
  hostMoveName,
  hostStateText,
  isHostMoveOver,
} from '../../translation/migration/host-move.ts';
import { tookText } from './migration-phases.ts';

export const hostMoveHead = ['MOVE', 'HOST', 'WAY', 'DRIVER', 'STATE', 'TOOK'];

/** Shortens what is too long for a column; `about`: of what that is. */
export type Brief = (about: string, text: string) => string;

export function hostMoveRows(
  moves: readonly HostMove[],
  nowMs: number,
  brief: Brief = (_, text) => text,
): readonly (readonly string[])[] {
  return moves.map((move) => {
    const { host, driver } = move;
    const name = hostMoveName(move);
    const state = brief(name, hostStateText(move));
    return [name, host, hostWayText(move), driver, state, hostTookText(move, nowMs)];
  });
}

export function hostWayText({ from, to }: Pick<HostMove, 'from' | 'to'>): string {
  return `${endText(from)} -> ${endText(to)}`;
}

export function hostTookText(move: HostMove, nowMs: number): string {
  return tookText(move, isHostMoveOver(move), nowMs);
}
