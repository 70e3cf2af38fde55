/**
 * A migration as a value: its plan, its states, and the one step function (DESIGN 7, LIME 3).
 *
 *   lime     tunnels -> clone -> handOver -> move -> drain -> retire -> done
 *   freeze   tunnels -> freeze -> copy -> move -> retire -> done        (the paper's baseline)
 *   freeze, where there is no room for two copies (`emptiesFirst`):
 *            tunnels -> freeze -> move -> empty -> copy -> retire -> done
 *   undo     from any state before `retire`:
 *            undoMove -> undoHandOver -> undoDrain -> undoRetire -> undone; from `tunnels`
 *            undoRetire -> undone; with `emptiesFirst`, once it is frozen:
 *            undoEmpty -> undoMove -> undoCopy -> undoDrain -> undoRetire -> undone
 *
 * One that is part of an ensemble (ensemble.ts) waits twice for the others: `ready`, when all is
 * there that it needs to move (behind `clone`, or `tunnels` where packets are to be lost), and
 * `arrived`, when all that is left to do is to retire. With `emptiesFirst` it waits in `emptied`,
 * too, until all have made room. There it does nothing until it is told `go`.
 *
 * At any time one body processes every packet, the primary; the other leads to it what enters
 * there (DESIGN 5). It changes while all vports are at home on one body (`handOver`). So a port
 * that moves changes by which way its own frames come there and nothing else: ports do not depend
 * on each other, and all move in one step, unless somebody wants `portsAtOnce` (then `move` comes
 * several times).
 *
 * The state says where the vswitch is placed and what is to be done (migration-states.ts), so
 * recovery is doing the current state's actions again: each is idempotent. The executor
 * (hypervisor/migrate/executor.ts) journals a state before it acts.
 */
import { match } from 'ts-pattern';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Probed } from './loss-probe-counts.ts';
import type { Boundary, MigrationCost } from './migration-costs.ts';

export type Strategy = 'lime' | 'freeze';
/** `auto`: freeze where nothing flows, for each vswitch. */
export type AskedStrategy = Strategy | 'auto';
export const strategies: readonly Strategy[] = ['lime', 'freeze'];
export const askedStrategies: readonly AskedStrategy[] = [...strategies, 'auto'];

/** `moved` counts the vports, in ascending order, whose home is the new body. */
export type State =
  | { readonly type: 'tunnels' }
  | { readonly type: 'clone' }
  | { readonly type: 'ready' }
  | { readonly type: 'freeze' }
  | { readonly type: 'empty' }
  | { readonly type: 'emptied' }
  | { readonly type: 'copy' }
  | { readonly type: 'handOver' }
  | { readonly type: 'move'; readonly moved: number }
  | { readonly type: 'drain' }
  | { readonly type: 'arrived' }
  | { readonly type: 'retire' }
  | { readonly type: 'done' }
  | { readonly type: 'undoEmpty'; readonly why: string }
  | { readonly type: 'undoMove'; readonly why: string }
  | { readonly type: 'undoCopy'; readonly why: string }
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
  /** Of `freeze`: the old body gives its rules up before the new one gets them. */
  readonly emptiesFirst?: boolean;
  /** Why it is this strategy, where it was chosen for who asked. */
  readonly whyStrategy?: string;
  /** How many ports move in one step; absent: all. */
  readonly portsAtOnce?: number;
  /** Absent: `redirect`. */
  readonly guard?: GuardKind;
  /** What was planned, a line each; of an ensemble, that has it. */
  readonly plan?: readonly string[];
  /** Of which it is part: it waits for the others. */
  readonly ensemble?: number;
  readonly state: State;
  readonly stateSinceMs: number;
  readonly startedMs: number;
  /** Finished phases, in order. */
  readonly phases: readonly Phase[];
  /** A body that refused what the primary took, and holds nothing since then. */
  readonly aside?: { readonly body: DatapathName; readonly why: string };
  /** How many its vswitch had. */
  readonly rules?: number;
  /** How each of its datapaths acknowledged, and why not better. */
  readonly acks?: Readonly<Record<string, string>>;
  /** Of the last time that another body became the primary. */
  readonly handOver?: HandOver;
  /** Datapaths that acknowledged by a time, and why: packets may have met older rules there. */
  readonly unproved?: readonly string[];
  /** What is seen for some seconds after its end. */
  readonly watched?: Watched;
  /** Loss is measured while it is under way, by probes of ours through the vports. */
  readonly probe?: boolean;
  /** What that came to. */
  readonly probed?: Probed;
  /** What it has cost so far. */
  readonly cost?: MigrationCost;
  /** What has crossed between the two sides; of an ensemble, that has it. */
  readonly boundary?: Boundary;
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

/** What becomes of packets that enter a body which is not the primary (LIME 4.1). */
export const guardKinds = ['redirect', 'drop'] as const;
export type GuardKind = (typeof guardKinds)[number];

/** How another body became the primary. */
export interface HandOver {
  /** Changes of rules waited for so long. */
  readonly tookMs: number;
  /** Why packets came up to us meanwhile, if some had to (punt-and-forward.ts). */
  readonly why?: string;
  /** How many did. */
  readonly held: number;
  /** Packets that the old body led to the new one; known when nothing comes there any more. */
  readonly redirected?: number;
  /** Packets that it dropped, where guards do that; with those of `inDoubt`, which it did not. */
  readonly dropped?: number;
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
  /** The others are as far. */
  | { readonly type: 'go' }
  | { readonly type: 'failed'; readonly why: string }
  | { readonly type: 'undo'; readonly why: string };

/** How it is to be done, beside the strategy. */
export type How = Pick<
  Migration,
  'portsAtOnce' | 'guard' | 'emptiesFirst' | 'whyStrategy' | 'probe'
>;

export function begin(
  id: number,
  vswitch: VswitchName,
  from: DatapathName,
  to: DatapathName,
  strategy: Strategy,
  nowMs: number,
  more: How & Pick<Migration, 'ensemble' | 'plan'> = {},
): Migration {
  const state: State = { type: 'tunnels' };
  return {
    id,
    vswitch,
    from,
    to,
    strategy,
    ...more,
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
  const isProbed = migration.probe !== true || migration.probed !== undefined;
  return isOver(migration) && isProbed && migration.watched?.untilMs === undefined;
}

/** Whether it does nothing until it is told to go on. */
export function isWaiting({ state }: Migration): boolean {
  return state.type === 'ready' || state.type === 'emptied' || state.type === 'arrived';
}

/** Whether an undo is still possible; `retire` is the first action that cannot be taken back. */
export function canUndo(migration: Migration): boolean {
  // The old body does not hold the rules any more.
  if (migration.aside?.body === migration.from) return false;
  return match(migration.state.type)
    .with('tunnels', 'clone', 'ready', 'freeze', 'copy', 'handOver', () => true)
    .with('empty', 'emptied', 'move', 'drain', 'arrived', () => true)
    .with('retire', 'done', () => false)
    .with('undoEmpty', 'undoMove', 'undoCopy', () => false)
    .with('undoHandOver', 'undoDrain', 'undoRetire', 'undone', () => false)
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
    .with({ type: 'go' }, () => afterWaiting(migration))
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
function undoFrom({ strategy, emptiesFirst = false, state }: Migration, why: string): State {
  // Nothing is led to the new body yet; and what cannot be made cannot be gone back through.
  if (state.type === 'tunnels') return { type: 'undoRetire', why };
  // Where it waits to be frozen the old body is as it was, and packets meet its rules.
  if (emptiesFirst) return { type: state.type === 'ready' ? 'undoHandOver' : 'undoEmpty', why };
  const isThere = state.type === 'move' || state.type === 'drain' || state.type === 'arrived';
  const hasMoved = strategy === 'freeze' || isThere;
  return { type: hasMoved ? 'undoMove' : 'undoHandOver', why };
}

function afterReady(strategy: Strategy): State {
  return { type: strategy === 'lime' ? 'handOver' : 'freeze' };
}

function afterWaiting({ state, strategy }: Migration): State {
  if (state.type === 'ready') return afterReady(strategy);
  if (state.type === 'emptied') return { type: 'copy' };
  return state.type === 'arrived' ? { type: 'retire' } : state;
}

function afterActing(migration: Migration, vportCount: number): State {
  const { state, strategy, emptiesFirst = false, portsAtOnce = vportCount } = migration;
  const isMember = migration.ensemble !== undefined;
  const beforeMoving: State = isMember ? { type: 'ready' } : afterReady(strategy);
  const last: State = { type: isMember ? 'arrived' : 'retire' };
  const atOnce = strategy === 'lime' ? Math.max(1, portsAtOnce) : vportCount;
  const upTo = (count: number): State => ({ type: 'move', moved: Math.min(count, vportCount) });
  const firstMove = upTo(atOnce);
  return match(state)
    .with({ type: 'tunnels' }, (): State => {
      return strategy === 'lime' ? { type: 'clone' } : beforeMoving;
    })
    .with({ type: 'clone' }, () => beforeMoving)
    .with({ type: 'handOver' }, (): State => (vportCount > 0 ? firstMove : { type: 'drain' }))
    .with({ type: 'freeze' }, (): State => (emptiesFirst ? firstMove : { type: 'copy' }))
    .with({ type: 'empty' }, (): State => ({ type: isMember ? 'emptied' : 'copy' }))
    .with({ type: 'copy' }, () => (emptiesFirst ? last : firstMove))
    .with({ type: 'move' }, ({ moved }): State => {
      if (moved < vportCount) return upTo(moved + atOnce);
      if (emptiesFirst) return { type: 'empty' };
      return strategy === 'lime' ? { type: 'drain' } : last;
    })
    .with({ type: 'drain' }, () => last)
    .with({ type: 'retire' }, (): State => ({ type: 'done' }))
    .with({ type: 'undoEmpty' }, ({ why }): State => ({ type: 'undoMove', why }))
    .with({ type: 'undoMove' }, ({ why }): State => {
      return { type: emptiesFirst ? 'undoCopy' : 'undoHandOver', why };
    })
    .with({ type: 'undoCopy' }, ({ why }): State => ({ type: 'undoDrain', why }))
    .with({ type: 'undoHandOver' }, ({ why }): State => ({ type: 'undoDrain', why }))
    .with({ type: 'undoDrain' }, ({ why }): State => ({ type: 'undoRetire', why }))
    .with({ type: 'undoRetire' }, ({ why }): State => ({ type: 'undone', why }))
    .with({ type: 'done' }, { type: 'undone' }, () => state)
    .with({ type: 'ready' }, { type: 'emptied' }, { type: 'arrived' }, () => state)
    .exhaustive();
}
