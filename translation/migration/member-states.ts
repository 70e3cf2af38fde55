/**
 * A move of one member of a big switch (member-move.ts) as a value, numbered and remembered like
 * migrations: its states, and the one step function.
 *
 *   join -> lead -> leave -> done
 *     |       |
 *     '-------'-> undo -> undone
 *
 *   join    the new member is wired, and gets all rules, groups and meters
 *   lead    ways lead to it, and what entered at the old member is processed elsewhere
 *   leave   what the old member holds of the vswitch is deleted
 *   undo    a datapath refused some of it, or a person wants it back: members are what they were
 *
 * The members are in the store when it is done, in one commit with that; so a process that ends
 * before has not moved anything.
 */
import { match } from 'ts-pattern';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';

export type MemberState =
  | { readonly type: 'join' }
  | { readonly type: 'lead' }
  | { readonly type: 'leave' }
  | { readonly type: 'done' }
  | { readonly type: 'undo'; readonly why: string }
  | { readonly type: 'undone'; readonly why: string };

/** What migrations of either kind are shown by. */
export interface MemberMigration {
  readonly id: number;
  readonly vswitch: VswitchName;
  /** Absent: none leaves. */
  readonly from?: DatapathName;
  /** Absent: none joins. */
  readonly to?: DatapathName;
  readonly strategy: 'member';
  /** Those that it has afterwards. */
  readonly members: readonly DatapathName[];
  /** What was planned, a line each. */
  readonly plan: readonly string[];
  readonly state: MemberState;
  /** Times are the wall clock's. */
  readonly stateSinceMs: number;
  readonly startedMs: number;
  /** Finished states, in order. */
  readonly phases: readonly {
    readonly name: MemberState['type'];
    readonly startedMs: number;
    readonly endedMs: number;
  }[];
}

export type MemberEvent =
  /** All that the state asks for is done, and acknowledged. */
  { readonly type: 'acted' } | { readonly type: 'failed'; readonly why: string };

export function beginMember(
  id: number,
  what: Pick<MemberMigration, 'vswitch' | 'from' | 'to' | 'members' | 'plan'>,
  nowMs: number,
): MemberMigration {
  const times = { stateSinceMs: nowMs, startedMs: nowMs, phases: [] };
  const state = { type: 'join' } as const;
  return { id, ...what, strategy: 'member', state, ...times };
}

export function stepMember(
  one: MemberMigration,
  event: MemberEvent,
  nowMs: number,
): MemberMigration {
  const { state, stateSinceMs: startedMs, phases } = one;
  const next = event.type === 'acted' ? afterActing(state) : takenBack(state, event.why);
  if (next === state) return one;
  const phase = { name: state.type, startedMs, endedMs: nowMs };
  return { ...one, state: next, stateSinceMs: nowMs, phases: [...phases, phase] };
}

function afterActing(state: MemberState): MemberState {
  return match(state)
    .with({ type: 'join' }, (): MemberState => ({ type: 'lead' }))
    .with({ type: 'lead' }, (): MemberState => ({ type: 'leave' }))
    .with({ type: 'leave' }, (): MemberState => ({ type: 'done' }))
    .with({ type: 'undo' }, ({ why }): MemberState => ({ type: 'undone', why }))
    .with({ type: 'done' }, { type: 'undone' }, () => state)
    .exhaustive();
}

function takenBack(state: MemberState, why: string): MemberState {
  return state.type === 'join' || state.type === 'lead' ? { type: 'undo', why } : state;
}

export function isMemberOver({ state }: Pick<MemberMigration, 'state'>): boolean {
  return state.type === 'done' || state.type === 'undone';
}

/** As a process that begins finds it: what had not ended has moved nothing. */
export function endedAtStart(one: MemberMigration, nowMs: number): MemberMigration {
  if (isMemberOver(one)) return one;
  const why = 'Limevisor was started again in the middle of it; its members are what they were';
  const { state, stateSinceMs: startedMs, phases } = one;
  const phase = { name: state.type, startedMs, endedMs: nowMs };
  const next = { type: 'undone', why } as const;
  return { ...one, state: next, stateSinceMs: nowMs, phases: [...phases, phase] };
}

/** `s2 -> s5`, `without s2`, `with s5`. */
export function memberWayText({ from, to }: Pick<MemberMigration, 'from' | 'to'>): string {
  if (from === undefined) return `with ${to}`;
  return to === undefined ? `without ${from}` : `${from} -> ${to}`;
}

/** Where a vswitch is, as the file would have it. */
export function placeText(on: readonly string[], partial: readonly string[] = []): string {
  const part = `, consistency: eventual, partial: [${partial.join(', ')}]`;
  return `on: [${on.join(', ')}]${partial.length > 0 ? part : ''}`;
}
