/**
 * Moves of hosts as a table: for `status`, and for `migrations`.
 */
import { endText } from '../../slices/ids.ts';
import {
  type HostMove,
  hostStateText,
  isHostMoveOver,
} from '../../translation/migration/host-move.ts';
import { tookText } from './migration-phases.ts';

export const hostMoveHead = ['MOVE', 'HOST', 'WAY', 'DRIVER', 'STATE', 'TOOK'];

export function hostMoveRows(moves: readonly HostMove[], nowMs: number) {
  return moves.map((one) => hostMoveRow(one, nowMs));
}

function hostMoveRow(move: HostMove, nowMs: number): readonly string[] {
  const { id, host, from, to, driver } = move;
  const how = hostStateText(move);
  const way = `${endText(from)} -> ${endText(to)}`;
  return [String(id), host, way, driver, how, tookText(move, isHostMoveOver(move), nowMs)];
}
