/**
 * The consequences of a migration's state (migration.ts): the placement of its vswitch, its
 * actions, and the redirections of packets.
 */
import { match } from 'ts-pattern';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { type Placement, placedOn, type Vswitch } from '../../slices/network/snapshot.ts';
import type { Migration } from './migration.ts';

/** What the executor is asked for, in order; the event `acted` follows when all is acknowledged. */
export type MigrationAction =
  /** Take the placement that the state implies: make, change, and break unless `keep`. */
  | { readonly type: 'place'; readonly parts: 'makeAndChange' | 'all' }
  /** Put every rule on `on`. */
  | { readonly type: 'copyRules'; readonly on: DatapathName }
  /** Give up every rule on `on`, which stays a body: what is left out of rounds is empty. */
  | { readonly type: 'emptyBody'; readonly on: DatapathName }
  /** Drop what enters the vswitch on `on`: only the freeze strategy does that. */
  | { readonly type: 'freeze'; readonly on: DatapathName }
  | { readonly type: 'thaw'; readonly on: DatapathName }
  /** Wait until no packet meets a rule on `on` any more. */
  | { readonly type: 'drain'; readonly on: DatapathName }
  /** Read the counters on `on` a last time and forget the body there; its rules go. */
  | { readonly type: 'leave'; readonly on: DatapathName };

/** The body that is to be the primary again, while it is not yet. */
export function returnsTo({ from, state }: Migration): DatapathName | undefined {
  return state.type === 'undoMove' || state.type === 'undoHandOver' ? from : undefined;
}

/** Where the vswitch lives while the migration is in its state. */
export function placementIn(migration: Migration, vswitch: Vswitch): Placement {
  const { from, to, strategy, emptiesFirst = false } = migration;
  const vports = [...vswitch.ports.keys()];
  const both = (moved: number, primary: DatapathName): Placement => ({
    bodies: [from, to],
    primary,
    homes: new Map(vports.map((vport, i): [Vport, DatapathName] => [vport, i < moved ? to : from])),
  });
  return match(migration.state)
    .with({ type: 'tunnels' }, { type: 'clone' }, { type: 'ready' }, () => both(0, from))
    .with({ type: 'freeze' }, () => both(0, from))
    .with({ type: 'copy' }, () => (emptiesFirst ? both(vports.length, to) : both(0, from)))
    .with({ type: 'empty' }, { type: 'emptied' }, () => both(vports.length, to))
    .with({ type: 'handOver' }, () => both(0, to))
    .with({ type: 'move' }, ({ moved }) => both(moved, to))
    .with({ type: 'drain' }, { type: 'arrived' }, () => both(vports.length, to))
    .with({ type: 'retire' }, { type: 'done' }, () => placedOn(vswitch, to))
    .with({ type: 'undoEmpty' }, () => both(vports.length, to))
    .with({ type: 'undoMove' }, () => both(0, strategy === 'lime' ? to : from))
    .with({ type: 'undoCopy' }, { type: 'undoHandOver' }, { type: 'undoDrain' }, () => {
      return both(0, from);
    })
    .with({ type: 'undoRetire' }, { type: 'undone' }, () => placedOn(vswitch, from))
    .exhaustive();
}

export function actionsIn(migration: Migration): readonly MigrationAction[] {
  const { from, to, strategy, emptiesFirst = false } = migration;
  const place = { type: 'place', parts: 'makeAndChange' } as const;
  const placeAll = { type: 'place', parts: 'all' } as const;
  const thaw = (on: DatapathName) => ({ type: 'thaw', on }) as const;
  const copyRules = (on: DatapathName) => ({ type: 'copyRules', on }) as const;
  const thawOld = strategy === 'freeze' ? [thaw(from)] : [];
  const both = emptiesFirst ? [from, to] : [from];
  return match(migration.state.type)
    .with('tunnels', () => [place])
    .with('clone', () => [copyRules(to)])
    .with('copy', () => [copyRules(to), ...(emptiesFirst ? [thaw(to)] : [])])
    .with('freeze', () => both.map((on) => ({ type: 'freeze', on }) as const))
    .with('empty', () => [{ type: 'emptyBody', on: from } as const])
    .with('undoEmpty', () => [{ type: 'emptyBody', on: to } as const])
    .with('undoCopy', () => [copyRules(from), thaw(from), thaw(to)])
    .with('handOver', 'move', 'undoHandOver', () => [place])
    .with('drain', () => [place, { type: 'drain', on: from } as const])
    .with('retire', () => [placeAll, { type: 'leave', on: from } as const, ...thawOld])
    .with('undoMove', () => [place, ...(emptiesFirst ? [] : thawOld)])
    .with('undoDrain', () => [{ type: 'drain', on: to } as const])
    .with('undoRetire', () => [placeAll, { type: 'leave', on: to } as const])
    .with('ready', 'emptied', 'arrived', 'done', 'undone', () => [])
    .exhaustive();
}

/** The body that is to be given up: the migration goes on without it. */
export function leavingIn(migration: Migration): DatapathName {
  const isUndo = migration.state.type.startsWith('undo');
  return isUndo ? migration.to : migration.from;
}

/** The bodies on which nothing enters the vswitch now: only while freezing and copying. */
export function frozenIn(migration: Migration): readonly DatapathName[] {
  const { from, to, strategy, emptiesFirst = false } = migration;
  if (strategy !== 'freeze') return [];
  const whole = emptiesFirst ? [from, to] : [from];
  return match(migration.state.type)
    .with('freeze', 'empty', 'emptied', 'copy', 'move', () => whole)
    .with('arrived', 'retire', () => [from])
    .with('tunnels', 'clone', 'ready', 'handOver', 'drain', 'done', () => [])
    .with('undoEmpty', 'undoCopy', () => [from, to])
    .with('undoMove', () => (emptiesFirst ? [from, to] : []))
    .with('undoHandOver', 'undoDrain', 'undoRetire', 'undone', () => [])
    .exhaustive();
}

/** The bodies that are to hold none of its rules now, though they are bodies (`emptiesFirst`). */
export function emptyIn({ from, to, emptiesFirst = false, state }: Migration) {
  if (!emptiesFirst) return [];
  return match(state.type)
    .with('tunnels', 'clone', 'ready', 'freeze', 'move', (): readonly DatapathName[] => [to])
    .with('empty', 'emptied', 'undoEmpty', 'undoMove', () => [from, to])
    .with('copy', 'arrived', 'retire', () => [from])
    .with('undoCopy', 'undoHandOver', 'undoDrain', 'undoRetire', () => [to])
    .with('handOver', 'drain', 'done', 'undone', () => [])
    .exhaustive();
}

/** Whether one of two bodies processes everything, or was about to when a process ended. */
export function hasTwoBodies({ strategy, state }: Migration): boolean {
  if (strategy === 'freeze') return false;
  return match(state.type)
    .with('clone', 'ready', 'handOver', 'move', 'drain', 'arrived', () => true)
    .with('undoMove', 'undoHandOver', 'undoDrain', () => true)
    .with('tunnels', 'freeze', 'empty', 'emptied', 'copy', 'retire', 'done', () => false)
    .with('undoEmpty', 'undoCopy', 'undoRetire', 'undone', () => false)
    .exhaustive();
}
