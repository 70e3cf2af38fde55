/**
 * The number of finished migrations that are remembered: the last ones, as many as the file says.
 * An ensemble counts once, with all its members. The same number of moves of hosts is remembered
 * besides.
 */
import { type Ensemble, isEnded } from './ensemble.ts';
import { type HostMove, isHostMoveOver } from './host-move.ts';
import { isOver, type Migration } from './migration.ts';

interface Numbered {
  readonly id: number;
}

/** Of those that are over, in any order, the numbers of those that are to be forgotten. */
export function tooOld(over: readonly Numbered[], kept: number): readonly number[] {
  const ids = over.map(({ id }) => id).sort((a, b) => a - b);
  return ids.slice(0, Math.max(0, ids.length - kept));
}

/** Those to be forgotten. */
export interface Forgotten {
  readonly migrations: readonly number[];
  readonly ensembles: readonly number[];
}

export function forgotten(
  migrations: ReadonlyMap<number, Migration>,
  ensembles: ReadonlyMap<number, Ensemble>,
  kept: number,
): Forgotten {
  const alone = [...migrations.values()].filter((one) => {
    return isOver(one) && (one.ensemble === undefined || !ensembles.has(one.ensemble));
  });
  const whole = [...ensembles.values()].filter(isEnded);
  const gone = new Set(tooOld([...alone, ...whole], kept));
  if (gone.size === 0) return { migrations: [], ensembles: [] };
  const parts = [...migrations.values()].filter(
    ({ id, ensemble }) => gone.has(id) || (ensemble !== undefined && gone.has(ensemble)),
  );
  return {
    migrations: parts.map(({ id }) => id),
    ensembles: whole.flatMap(({ id }) => (gone.has(id) ? [id] : [])),
  };
}

/** Of moves of hosts, the numbers of those to be forgotten; of an ensemble, with that. */
export function forgottenMoves(
  moves: readonly HostMove[],
  ensembles: ReadonlyMap<number, Ensemble>,
  kept: number,
): ReadonlySet<number> {
  const alone = moves.filter(({ ensemble }) => ensemble === undefined || !ensembles.has(ensemble));
  return new Set(tooOld(alone.filter(isHostMoveOver), kept));
}
