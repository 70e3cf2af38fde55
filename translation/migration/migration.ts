/**
 * A migration as a value: its plan, its states, and the one step function (DESIGN 7, LIME 3).
 *
 *   lime     tunnels -> clone -> handOver -> move* -> drain -> retire -> done
 *   freeze   tunnels -> freeze -> copy -> move -> retire -> done        (the paper's baseline)
 *   undo     from any state before `retire`:
 *            undoMove -> undoHandOver -> undoDrain -> undoRetire -> undone; from `tunnels`
 *            undoRetire -> undone
 *
 * At any time one body processes every packet, the primary; the other leads to it what enters
 * there (DESIGN 5). It changes while all vports are at home on one body (`handOver`).
 *
 * The state says where the vswitch is placed (`placementIn`) and what is to be done (`actionsIn`),
 * so recovery is doing the current state's actions again: each is idempotent. The executor
 * (hypervisor/migrate/executor.ts) journals a state before it acts.
 */
import { match } from 'ts-pattern';
import type { DatapathName, Vport, VswitchName } from '../../slices/ids.ts';
import { type Placement, placedOn, type Vswitch } from '../../slices/network/snapshot.ts';

export type Strategy = 'lime' | 'freeze';
export const strategies: readonly Strategy[] = ['lime', 'freeze'];

/** `moved` counts the vports, in ascending order, whose home is the new body. */
export type State =
  | { readonly type: 'tunnels' }
  | { readonly type: 'clone' }
  | { readonly type: 'freeze' }
  | { readonly type: 'copy' }
  | { readonly type: 'handOver' }
  | { readonly type: 'move'; readonly moved: number }
  | { readonly type: 'drain' }
  | { readonly type: 'retire' }
  | { readonly type: 'done' }
  | { readonly type: 'undoMove'; readonly why: string }
  | { readonly type: 'undoHandOver'; readonly why: string }
  | { readonly type: 'undoDrain'; readonly why: string }
  | { readonly type: 'undoRetire'; readonly why: string }
  | { readonly type: 'undone'; readonly why: string };

export interface Phase {
  readonly name: State['type'];
  readonly startedMs: number;
  readonly endedMs: number;
}

export interface Migration {
  readonly id: number;
  readonly vswitch: VswitchName;
  readonly from: DatapathName;
  readonly to: DatapathName;
  readonly strategy: Strategy;
  readonly state: State;
  readonly stateSinceMs: number;
  readonly startedMs: number;
  /** Finished phases, in order. */
  readonly phases: readonly Phase[];
  /** A body that refused what the primary took, and holds nothing since then. */
  readonly aside?: { readonly body: DatapathName; readonly why: string };
  /** Of the last time that another body became the primary. */
  readonly handOver?: HandOver;
  /** Datapaths that acknowledged by a time, and why: packets may have met older rules there. */
  readonly unproved?: readonly string[];
  /** What is seen for some seconds after its end. */
  readonly watched?: Watched;
}

/** Packets that still came the old way when a migration was over, and how often that was healed. */
export interface Watched {
  readonly stale: number;
  readonly heals: number;
  /** While it is looked for them: until then, if no more come (ms since 1970). */
  readonly untilMs?: number;
  /** They still came when the last heal was over, or nothing could be healed. */
  readonly goesOn?: true;
  /** Why it is not known what came later. */
  readonly unseen?: string;
}

/** How another body became the primary. */
export interface HandOver {
  /** Changes of rules waited for so long. */
  readonly tookMs: number;
  /** Why packets came up to us meanwhile, if some had to (punt-and-forward.ts). */
  readonly why?: string;
  /** How many did. */
  readonly held: number;
  /**
   * Packets that were credited to no rule, and then shared out among the rules: how much a counter
   * may be wrong. Known when nothing comes to the old body any more.
   */
  readonly shared?: number;
  /**
   * Counters of rules may be wrong by so many packets in all, besides: those that entered in the
   * milliseconds in which cached flows changed. Absent when it is known what these were.
   */
  readonly inDoubt?: number;
}

export type Event =
  | { readonly type: 'acted' }
  | { readonly type: 'failed'; readonly why: string }
  | { readonly type: 'undo'; readonly why: string };

/** What the executor is asked for, in order; the event `acted` follows when all is acknowledged. */
export type MigrationAction =
  /** Take the placement that the state implies: make, change, and break unless `keep`. */
  | { readonly type: 'place'; readonly parts: 'makeAndChange' | 'all' }
  /** Put every rule on `on`. */
  | { readonly type: 'copyRules'; readonly on: DatapathName }
  /** Drop what enters the vswitch on `on`: only the freeze strategy does that. */
  | { readonly type: 'freeze'; readonly on: DatapathName }
  | { readonly type: 'thaw'; readonly on: DatapathName }
  /** Wait until no packet meets a rule on `on` any more. */
  | { readonly type: 'drain'; readonly on: DatapathName }
  /** Read the counters on `on` a last time and forget the body there; its rules go. */
  | { readonly type: 'leave'; readonly on: DatapathName };

export function begin(
  id: number,
  vswitch: VswitchName,
  from: DatapathName,
  to: DatapathName,
  strategy: Strategy,
  nowMs: number,
): Migration {
  const state: State = { type: 'tunnels' };
  return {
    id,
    vswitch,
    from,
    to,
    strategy,
    state,
    stateSinceMs: nowMs,
    startedMs: nowMs,
    phases: [],
  };
}

export function isOver(migration: Migration): boolean {
  return migration.state.type === 'done' || migration.state.type === 'undone';
}

/** Whether it is over, and it is known what came after it. */
export function isSettled(migration: Migration): boolean {
  return isOver(migration) && migration.watched?.untilMs === undefined;
}

/** Whether an undo is still possible; `retire` is the first action that cannot be taken back. */
export function canUndo(migration: Migration): boolean {
  // The old body does not hold the rules any more.
  if (migration.aside?.body === migration.from) return false;
  return match(migration.state.type)
    .with('tunnels', 'clone', 'freeze', 'copy', 'handOver', 'move', 'drain', () => true)
    .with('retire', 'done', () => false)
    .with('undoMove', 'undoHandOver', 'undoDrain', 'undoRetire', 'undone', () => false)
    .exhaustive();
}

export function step(
  migration: Migration,
  event: Event,
  vportCount: number,
  nowMs: number,
): Migration {
  const next = match(event)
    .with({ type: 'acted' }, () => afterActing(migration, vportCount))
    .with({ type: 'failed' }, { type: 'undo' }, ({ why }): State => {
      return canUndo(migration) ? undoFrom(migration, why) : migration.state;
    })
    .exhaustive();
  if (next === migration.state) return migration;
  const { type: name } = migration.state;
  const phase: Phase = { name, startedMs: migration.stateSinceMs, endedMs: nowMs };
  return { ...migration, state: next, stateSinceMs: nowMs, phases: [...migration.phases, phase] };
}

/** What has not moved need not move back. */
function undoFrom({ strategy, state }: Migration, why: string): State {
  // Nothing is led to the new body yet; and what cannot be made cannot be gone back through.
  if (state.type === 'tunnels') return { type: 'undoRetire', why };
  const hasMoved = strategy === 'freeze' || state.type === 'move' || state.type === 'drain';
  return { type: hasMoved ? 'undoMove' : 'undoHandOver', why };
}

function afterActing(migration: Migration, vportCount: number): State {
  const { state, strategy } = migration;
  const firstMove: State = { type: 'move', moved: strategy === 'lime' ? 1 : vportCount };
  return match(state)
    .with({ type: 'tunnels' }, (): State => ({ type: strategy === 'lime' ? 'clone' : 'freeze' }))
    .with({ type: 'clone' }, (): State => ({ type: 'handOver' }))
    .with({ type: 'handOver' }, (): State => (vportCount > 0 ? firstMove : { type: 'drain' }))
    .with({ type: 'freeze' }, (): State => ({ type: 'copy' }))
    .with({ type: 'copy' }, () => firstMove)
    .with({ type: 'move' }, ({ moved }): State => {
      if (moved < vportCount) return { type: 'move', moved: moved + 1 };
      return { type: strategy === 'lime' ? 'drain' : 'retire' };
    })
    .with({ type: 'drain' }, (): State => ({ type: 'retire' }))
    .with({ type: 'retire' }, (): State => ({ type: 'done' }))
    .with({ type: 'undoMove' }, ({ why }): State => ({ type: 'undoHandOver', why }))
    .with({ type: 'undoHandOver' }, ({ why }): State => ({ type: 'undoDrain', why }))
    .with({ type: 'undoDrain' }, ({ why }): State => ({ type: 'undoRetire', why }))
    .with({ type: 'undoRetire' }, ({ why }): State => ({ type: 'undone', why }))
    .with({ type: 'done' }, { type: 'undone' }, () => state)
    .exhaustive();
}

/** The body that is to be the primary again, while it is not yet. */
export function returnsTo({ from, state }: Migration): DatapathName | undefined {
  return state.type === 'undoMove' || state.type === 'undoHandOver' ? from : undefined;
}

/** Where the vswitch lives while the migration is in its state. */
export function placementIn(migration: Migration, vswitch: Vswitch): Placement {
  const { from, to, strategy } = migration;
  const vports = [...vswitch.ports.keys()];
  const both = (moved: number, primary: DatapathName): Placement => ({
    bodies: [from, to],
    primary,
    homes: new Map(vports.map((vport, i): [Vport, DatapathName] => [vport, i < moved ? to : from])),
  });
  return match(migration.state)
    .with({ type: 'tunnels' }, { type: 'clone' }, { type: 'freeze' }, { type: 'copy' }, () =>
      both(0, from),
    )
    .with({ type: 'handOver' }, () => both(0, to))
    .with({ type: 'move' }, ({ moved }) => both(moved, to))
    .with({ type: 'drain' }, () => both(vports.length, to))
    .with({ type: 'retire' }, { type: 'done' }, () => placedOn(vswitch, to))
    .with({ type: 'undoMove' }, () => both(0, strategy === 'lime' ? to : from))
    .with({ type: 'undoHandOver' }, { type: 'undoDrain' }, () => both(0, from))
    .with({ type: 'undoRetire' }, { type: 'undone' }, () => placedOn(vswitch, from))
    .exhaustive();
}

export function actionsIn(migration: Migration): readonly MigrationAction[] {
  const { from, to, strategy } = migration;
  const place = { type: 'place', parts: 'makeAndChange' } as const;
  const placeAll = { type: 'place', parts: 'all' } as const;
  const thawOld = strategy === 'freeze' ? [{ type: 'thaw', on: from } as const] : [];
  return match(migration.state.type)
    .with('tunnels', () => [place])
    .with('clone', 'copy', () => [{ type: 'copyRules', on: to } as const])
    .with('freeze', () => [{ type: 'freeze', on: from } as const])
    .with('handOver', 'move', 'undoHandOver', () => [place])
    .with('drain', () => [place, { type: 'drain', on: from } as const])
    .with('retire', () => [placeAll, { type: 'leave', on: from } as const, ...thawOld])
    .with('undoMove', () => [place, ...thawOld])
    .with('undoDrain', () => [{ type: 'drain', on: to } as const])
    .with('undoRetire', () => [placeAll, { type: 'leave', on: to } as const])
    .with('done', 'undone', () => [])
    .exhaustive();
}

/** The body that is to be given up: the migration goes on without it. */
export function leavingIn(migration: Migration): DatapathName {
  const isUndo = migration.state.type.startsWith('undo');
  return isUndo ? migration.to : migration.from;
}

/** The body on which nothing enters the vswitch now: only while freezing and copying. */
export function frozenIn(migration: Migration): DatapathName | undefined {
  if (migration.strategy !== 'freeze') return undefined;
  return match(migration.state.type)
    .with('freeze', 'copy', 'move', 'retire', () => migration.from)
    .with('tunnels', 'clone', 'handOver', 'drain', 'done', () => undefined)
    .with('undoMove', 'undoHandOver', 'undoDrain', 'undoRetire', 'undone', () => undefined)
    .exhaustive();
}

/** Whether one of two bodies processes everything, or was about to when a process ended. */
export function hasTwoBodies({ strategy, state }: Migration): boolean {
  if (strategy === 'freeze') return false;
  return match(state.type)
    .with('clone', 'handOver', 'move', 'drain', () => true)
    .with('undoMove', 'undoHandOver', 'undoDrain', () => true)
    .with('tunnels', 'freeze', 'copy', 'retire', 'done', 'undoRetire', 'undone', () => false)
    .exhaustive();
}
