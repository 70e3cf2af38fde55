/**
 * Ensembles in words (translation/migration/ensemble.ts).
 */

import { endText } from '../../slices/ids.ts';
import { plural } from '../../slices/plural.ts';
import { type Ensemble, leftBehind, type Move } from '../../translation/migration/ensemble.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import { lastPhaseText } from './migration-phases.ts';

/** One line as an ensemble enters a state. */
export function ensembleProgressText(ensemble: Ensemble): string {
  return `migration ${ensemble.id}: ${ensembleStateText(ensemble)}${lastPhaseText(ensemble)}`;
}

export function ensembleStateText({ state, members, joins }: Ensemble): string {
  if (state.type === 'join') return `join ${joins?.vswitch} on ${joins?.on}`;
  const count = (type: Move['type']): number =>
    members.filter(({ move }) => move.type === type).length;
  if (state.type === 'clone' && count('vswitch') === 0) return 'clone: there is nothing to copy';
  if (state.type === 'clone') return `clone ${plural(count('vswitch'), 'vswitch')}`;
  if (state.type === 'move') {
    const those = members.filter(({ group }) => group === state.group);
    const names = those.map(({ move }) => nameOf(move));
    const kind = those[0]?.move.type ?? 'vswitch';
    return `move ${names.length > 4 ? plural(names.length, kind) : names.join(', ')}`;
  }
  return 'why' in state ? `${state.type}: ${state.why}` : state.type;
}

/** How it ended. */
export function ensembleText(ensemble: Ensemble, members: readonly Migration[]): string {
  const { state, startedMs, stateSinceMs, members: all, joins } = ensemble;
  const took = `${stateSinceMs - startedMs} ms`;
  const exceptions = 'exceptions' in state ? (state.exceptions ?? []) : [];
  const but = exceptions.length === 0 ? '' : `; but ${exceptions.join('; ')}`;
  if (state.type === 'undone') return `undone after ${took}: ${state.why}${but}`;
  const stale = members.reduce((sum, { watched }) => sum + (watched?.stale ?? 0), 0);
  const seen =
    stale === 0
      ? '; nothing came an old way afterwards'
      : `; ${plural(stale, 'packet')} came an old way afterwards`;
  const isSeen = members.some(({ watched }) => watched !== undefined);
  const places = all.map(({ move }) => placeText(move));
  const hosts = all.filter(({ move }) => move.type === 'host').length;
  const counts = [
    ...(all.length > hosts ? [plural(all.length - hosts, 'vswitch')] : []),
    ...(hosts > 0 ? [plural(hosts, 'host')] : []),
  ];
  const moved = places.length > 4 ? `${counts.join(' and ')} moved` : places.join(', ');
  const part = joins && `${joins.vswitch} has a body on ${joins.on}, with a part of its rules`;
  const where = part === undefined ? moved : `${part}; ${moved}`;
  const left = leftBehind(ensemble);
  const holds = ensemble.holds === true ? ', and nothing is placed there' : '';
  const around = left.length === 0 ? '' : `; ways lead around ${left.join(', ')}${holds}`;
  const what = places.length === 0 ? 'nothing lived there' : where;
  return `${what}${around}; it took ${took}${isSeen ? seen : ''}${but}`;
}

function nameOf(move: Move): string {
  return move.type === 'host' ? move.host : move.vswitch;
}

function placeText(move: Move): string {
  if (move.type === 'host') return `${move.host} at ${endText(move.to)}`;
  return `${move.vswitch} on ${move.to}`;
}
