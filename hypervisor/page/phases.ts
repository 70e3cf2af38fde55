/**
 * A migration's phases as a lane with times, and the picture of any moment, so that a running
 * migration and a replayed one are drawn by the same function.
 */
import type { Migrated } from './documents.ts';

/** What a body does in a phase. */
export type Role = 'absent' | 'filling' | 'waiting' | 'primary' | 'leading' | 'frozen' | 'leaving';

interface Picture {
  readonly title: string;
  /** What happens, for who has never seen one. */
  readonly says: string;
  readonly from: Role;
  readonly to: Role;
  /** At which body ports enter. */
  readonly ports: 'from' | 'to' | 'moving' | 'returning';
}

/** By the states of translation/migration/migration.ts. */
export const pictures = {
  tunnels: {
    ...{ title: 'Ways', says: 'Ways to the new place are laid; nothing uses them yet.' },
    ...{ from: 'primary', to: 'absent', ports: 'from' },
  },
  clone: {
    ...{ title: 'Clone', says: 'All rules, groups and meters are copied to a second body.' },
    ...{ from: 'primary', to: 'filling', ports: 'from' },
  },
  ready: {
    ...{ title: 'Ready', says: 'The second body is complete, and waits for the ensemble.' },
    ...{ from: 'primary', to: 'waiting', ports: 'from' },
  },
  freeze: {
    ...{ title: 'Freeze', says: 'The vswitch stands still; its packets are lost meanwhile.' },
    ...{ from: 'frozen', to: 'absent', ports: 'from' },
  },
  copy: {
    ...{ title: 'Copy', says: 'All rules are copied while nothing is processed.' },
    ...{ from: 'frozen', to: 'filling', ports: 'from' },
  },
  empty: {
    ...{ title: 'Empty', says: 'The old body gives its rules up, to make room for others.' },
    ...{ from: 'leaving', to: 'frozen', ports: 'to' },
  },
  emptied: {
    ...{ title: 'Emptied', says: 'The old body is empty; it waits until all have made room.' },
    ...{ from: 'absent', to: 'frozen', ports: 'to' },
  },
  handOver: {
    ...{
      title: 'Hand over',
      says: 'The new body takes over, and the old one leads packets to it.',
    },
    ...{ from: 'leading', to: 'primary', ports: 'from' },
  },
  move: {
    ...{ title: 'Move', says: 'What enters by each port goes straight to the new body.' },
    ...{ from: 'leading', to: 'primary', ports: 'moving' },
  },
  drain: {
    ...{ title: 'Drain', says: 'The old body leads on what was still on its way.' },
    ...{ from: 'leading', to: 'primary', ports: 'to' },
  },
  arrived: {
    ...{ title: 'Arrived', says: 'All ports are there; it waits for the ensemble.' },
    ...{ from: 'waiting', to: 'primary', ports: 'to' },
  },
  retire: {
    ...{ title: 'Retire', says: 'The old body and its ways are taken down.' },
    ...{ from: 'leaving', to: 'primary', ports: 'to' },
  },
  done: {
    ...{ title: 'Done', says: 'It lives at its new place.' },
    ...{ from: 'absent', to: 'primary', ports: 'to' },
  },
  undoEmpty: {
    ...{ title: 'Empty', says: 'The second body gives its rules up; nothing is processed.' },
    ...{ from: 'frozen', to: 'leaving', ports: 'to' },
  },
  undoCopy: {
    ...{ title: 'Copy back', says: 'The old body gets its rules back, and takes over.' },
    ...{ from: 'filling', to: 'frozen', ports: 'from' },
  },
  undoMove: {
    ...{ title: 'Ports back', says: 'Ports go back to the old body.' },
    ...{ from: 'leading', to: 'primary', ports: 'returning' },
  },
  undoHandOver: {
    ...{ title: 'Hand back', says: 'The old body takes over again.' },
    ...{ from: 'primary', to: 'leading', ports: 'from' },
  },
  undoDrain: {
    ...{ title: 'Drain', says: 'The second body leads back what was on its way.' },
    ...{ from: 'primary', to: 'leading', ports: 'from' },
  },
  undoRetire: {
    ...{ title: 'Retire', says: 'The second body and its ways are taken down.' },
    ...{ from: 'primary', to: 'leaving', ports: 'from' },
  },
  undone: {
    ...{ title: 'Undone', says: 'It lives where it was, as if nothing had happened.' },
    ...{ from: 'primary', to: 'absent', ports: 'from' },
  },
} as const satisfies Record<string, Picture>;

export type PhaseName = keyof typeof pictures;

const orders: Readonly<Record<string, readonly PhaseName[]>> = {
  lime: ['tunnels', 'clone', 'handOver', 'move', 'drain', 'retire', 'done'],
  freeze: ['tunnels', 'freeze', 'copy', 'move', 'retire', 'done'],
};
const emptying: readonly PhaseName[] = [
  'tunnels',
  'freeze',
  'move',
  'empty',
  'copy',
  'retire',
  'done',
];
const undoing: readonly PhaseName[] = ['undoMove', 'undoHandOver', 'undoDrain', 'undoRetire'];
const refilling: readonly PhaseName[] = [
  ...(['undoEmpty', 'undoMove', 'undoCopy', 'undoDrain', 'undoRetire'] as const),
];

export interface Segment {
  readonly name: PhaseName;
  readonly when: 'past' | 'now' | 'coming';
  /** Absent while it is to come. */
  readonly tookMs?: number;
}

/** What was, in the order in which it was; what is; and what comes if nothing goes wrong. */
export function laneOf(migration: Migrated, nowMs: number): readonly Segment[] {
  const { phases, state, stateSinceMs, strategy, emptiesFirst = false } = migration;
  const past = phases.map(({ name, startedMs, endedMs }): Segment => {
    return { name: nameOf(name), when: 'past', tookMs: endedMs - startedMs };
  });
  const now = nameOf(state.type);
  if (hasEnded(migration)) return [...past, { name: now, when: 'past' }];
  const order = emptiesFirst ? emptying : (orders[strategy] ?? []);
  const back = emptiesFirst && refilling.includes(now) ? refilling : undoing;
  const all = back.includes(now) ? [...back, 'undone' as const] : order;
  const seen = new Set(past.map(({ name }) => name));
  const coming = all.slice(all.indexOf(now) + 1).filter((name) => !seen.has(name));
  const current: Segment = { name: now, when: 'now', tookMs: Math.max(0, nowMs - stateSinceMs) };
  return [...past, current, ...coming.map((name): Segment => ({ name, when: 'coming' }))];
}

function nameOf(name: string): PhaseName {
  return name in pictures ? (name as PhaseName) : 'tunnels';
}

export function hasEnded({ state }: { readonly state: { readonly type: string } }): boolean {
  return state.type === 'done' || state.type === 'undone';
}

/** `retire` cannot be taken back, and what is being undone is undone already. */
export function mayUndo({ state, aside, from }: Migrated): boolean {
  if (aside?.body === from) return false;
  return !['retire', 'done', 'undone'].includes(state.type) && !state.type.startsWith('undo');
}

/** Until its members give up where they were, all of an ensemble can be taken back. */
export function mayUndoAll({ state }: Pick<Migrated, 'state'>): boolean {
  return ['join', 'clone', 'move'].includes(state.type);
}

export interface Moment {
  readonly name: PhaseName;
  readonly picture: Picture;
  /** Of this phase, 0 to 1. */
  readonly progress: number;
}

/** From a migration's beginning to its end, or to now. */
export function spanOf(
  migration: Pick<Migrated, 'state' | 'stateSinceMs' | 'startedMs'>,
  nowMs: number,
): readonly [number, number] {
  const end = hasEnded(migration) ? migration.stateSinceMs : nowMs;
  return [migration.startedMs, Math.max(end, migration.startedMs + 1)];
}

/** What the stage showed at a moment. */
export function momentOf(migration: Migrated, atMs: number): Moment {
  const phase = migration.phases.find(({ endedMs }) => atMs < endedMs);
  const name = nameOf(phase?.name ?? migration.state.type);
  const picture = pictures[name];
  if (phase === undefined) return { name, picture, progress: hasEnded(migration) ? 1 : 0.5 };
  const took = Math.max(1, phase.endedMs - phase.startedMs);
  return { name, picture, progress: Math.min(1, Math.max(0, (atMs - phase.startedMs) / took)) };
}

export interface Count {
  readonly label: string;
  readonly value: string;
  readonly says: string;
  readonly isBad: boolean;
}

/** What became of packets. Nothing is said that was not counted. */
export function countsOf({ handOver, watched, rules }: Migrated): readonly Count[] {
  const row = (label: string, value: number | undefined, says: string, isBad = false): Count[] =>
    value === undefined ? [] : [{ label, value: value.toLocaleString('en'), says, isBad }];
  const { held, redirected, dropped, shared, inDoubt } = handOver ?? {};
  return [
    ...row('rules copied', rules, 'that the vswitch had'),
    ...row('redirected', redirected, 'packets that the old body led to the new one'),
    ...row('dropped', dropped, 'packets that the guard of the old body dropped', !!dropped),
    ...row('held', held, 'packets that waited for the hand-over with us'),
    ...row('lost', watched?.stale, 'packets that came the old way afterwards', !!watched?.stale),
    ...row('shared out', shared, 'packets that were credited to no rule at first'),
    ...row('in doubt', inDoubt, 'counters of rules may be wrong by so many packets', !!inDoubt),
  ];
}
