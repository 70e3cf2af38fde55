/**
 * How long migrations are remembered that are over: the last ones, as many as the file says. An
 * ensemble counts once, with all that it was made of.
 */
import { type Ensemble, isEnded } from './ensemble.ts';
import { isOver, type Migration } from './migration.ts';

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
  const ids = [...alone, ...whole].map(({ id }) => id).sort((a, b) => a - b);
  const gone = new Set(ids.slice(0, Math.max(0, ids.length - kept)));
  if (gone.size === 0) return { migrations: [], ensembles: [] };
  const parts = [...migrations.values()].filter(
    ({ id, ensemble }) => gone.has(id) || (ensemble !== undefined && gone.has(ensemble)),
  );
  return {
    migrations: parts.map(({ id }) => id),
    ensembles: whole.flatMap(({ id }) => (gone.has(id) ? [id] : [])),
  };
}
