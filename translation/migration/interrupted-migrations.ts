/**
 * Migrations that an earlier process had begun and that cannot go on, because the file has changed:
 * each ends at once, done or undone, by which of its datapaths are still there.
 *
 * The rulebook is in the store and not on a switch, so a vswitch may end up on whichever of its two
 * datapaths is left: what is missing there is put there when it connects.
 */
import { match } from 'ts-pattern';
import type { Config } from '../../slices/config/config.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Routes } from '../../slices/network/routes.ts';
import type { Remedy } from '../../slices/remedy.ts';
import { isOver, type Migration, type State } from './migration.ts';

export interface Ended {
  readonly migration: Migration;
  /** Where the vswitch is now; undefined when neither of the two is left. */
  readonly on: DatapathName | undefined;
  readonly remedy: Remedy;
}

/** Undefined when the migration goes on, or is over. */
export function endedBy(
  config: Config,
  routes: Routes,
  migration: Migration,
  nowMs: number,
): Ended | undefined {
  if (isOver(migration)) return undefined;
  const { from, to, vswitch } = migration;
  const has = (name: DatapathName): boolean => config.datapaths.some((one) => one.name === name);
  const now = config.vswitches.find((one) => one.name === vswitch);
  if (now === undefined) {
    return end(migration, primaryIn(migration), `${vswitch} is no longer in the file`, nowMs);
  }
  if (now.members !== undefined) {
    const why = `${vswitch} is on several datapaths now`;
    return end(migration, primaryIn(migration), why, nowMs);
  }
  if (!has(from) && !has(to)) {
    return end(migration, undefined, `${from} and ${to} are no longer in the file`, nowMs);
  }
  if (!has(from)) return end(migration, to, `${from} is no longer in the file`, nowMs);
  if (!has(to)) return end(migration, from, `${to} is no longer in the file`, nowMs);
  if (routes.way(from, to) === undefined) {
    const why = `no way from ${from} to ${to} any more`;
    return end(migration, primaryIn(migration), why, nowMs);
  }
  return undefined;
}

/** The body that packets are led to in a state, or were to be when it is undone. */
function primaryIn({ state, from, to, emptiesFirst = false }: Migration): DatapathName {
  return match(state.type)
    .with('handOver', 'move', 'drain', 'arrived', 'retire', 'done', () => to)
    .with('tunnels', 'clone', 'ready', 'freeze', () => from)
    .with('empty', 'emptied', () => to)
    .with('copy', () => (emptiesFirst ? to : from))
    .with('undoEmpty', 'undoMove', 'undoCopy', 'undoHandOver', 'undoDrain', () => from)
    .with('undoRetire', 'undone', () => from)
    .exhaustive();
}

function end(
  migration: Migration,
  on: DatapathName | undefined,
  why: string,
  nowMs: number,
): Ended {
  const { id, vswitch, from, to, stateSinceMs } = migration;
  const isDone = on === to;
  const { type: name } = migration.state;
  const state: State = isDone ? { type: 'done' } : { type: 'undone', why };
  const phase = { name, startedMs: stateSinceMs, endedMs: nowMs };
  const phases = [...migration.phases, phase];
  const where = on === undefined ? 'it lives where the file says' : `it lives on ${on}`;
  return {
    migration: { ...migration, state, stateSinceMs: nowMs, phases },
    on,
    remedy: {
      type: 'migrationEnded',
      object: vswitch as VswitchName,
      cause: `${why}, and migration ${id} (${from} -> ${to}) was in "${name}"`,
      done: `the migration is ${isDone ? 'done' : 'undone'}, ${where}`,
      next: '',
    },
  };
}
