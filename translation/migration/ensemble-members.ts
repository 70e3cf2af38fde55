/**
 * The members of an ensemble (ensemble.ts): vswitches, each with a migration of its own, and hosts,
 * each with a move of its own (host-move.ts). Both have the same interface here: the progress of
 * each, why it goes back if it does, and the orders that it takes.
 *
 * A host has nothing to prepare, so it is ready from the beginning; a move of a host cannot be
 * taken back once it runs at its new place, so taking it back is another move, the other way.
 */
import { match } from 'ts-pattern';
import { type DatapathName, endText, isSameEnd, type VswitchName } from '../../slices/ids.ts';
import { type HostMove, isHostMoveOver, type WhatMoves } from './host-move.ts';
import type { How, Migration, State, Strategy } from './migration.ts';

/** What moves, and where to. Each kind has a move of its own kind. */
export type Move = VswitchMove | HostsMove;

export interface VswitchMove extends How {
  readonly type: 'vswitch';
  readonly vswitch: VswitchName;
  readonly from: DatapathName;
  readonly to: DatapathName;
  readonly strategy: Strategy;
}

export interface HostsMove extends WhatMoves {
  readonly type: 'host';
}

export type Member = VswitchMember | HostMember;

interface Grouped {
  /** Those of one group move at once, those of the next when they have arrived. */
  readonly group: number;
}

export interface VswitchMember extends Grouped {
  readonly move: VswitchMove;
  /** Its migration's id. */
  readonly migration: number;
}

/** Its moves are found by the ensemble's number. */
export interface HostMember extends Grouped {
  readonly move: HostsMove;
}

/** Of whose members it is told how far they are. */
export interface Whole {
  readonly id: number;
  readonly members: readonly Member[];
  readonly phases: readonly unknown[];
}

/** Everything of its members, as it is now. */
export interface Progress {
  readonly migrations: ReadonlyMap<number, Migration>;
  readonly hostMoves: readonly HostMove[];
}

/** What is to be done about a member. */
export type Order =
  | { readonly type: 'go' | 'undo' | 'again'; readonly migration: Migration }
  /** A host is to move there, or back; or the move that is under way is to be taken back. */
  | { readonly type: 'moveHost' | 'returnHost' | 'abortHost'; readonly host: HostsMove }
  | { readonly type: 'hostAgain'; readonly host: HostsMove };

export type Told = 'go' | 'undo' | 'again';

type Stage =
  | 'preparing'
  | 'ready'
  | 'moving'
  /** Its old body is empty, and it waits until all have made room. */
  | 'emptied'
  | 'arrived'
  | 'retiring'
  | 'done'
  | 'returning'
  | 'back';

/** A member as it is now. */
export interface Now {
  readonly kind: Move['type'];
  readonly name: string;
  readonly group: number;
  readonly stage: Stage;
  /** Why it goes back, or went. */
  readonly why?: string;
  /** It can only go on. */
  readonly isPastUndo: boolean;
  /** Whether it has a copy where it gives one up first, for others that come there. */
  readonly isInTheWay: boolean;
  /** How often it was begun. */
  readonly tries: number;
  /** How often taking it back was begun, where that is a move of its own. */
  readonly returns: number;
  /** Where it is in the end, in words. */
  readonly where: string;
  readonly orders: Readonly<Record<Told, Order>>;
}

export function membersNow(whole: Whole, progress: Progress): readonly Now[] {
  return whole.members.flatMap((member): readonly Now[] => {
    if (!('migration' in member)) return [hostNow(whole, member, progress)];
    const migration = progress.migrations.get(member.migration);
    return migration === undefined ? [] : [vswitchNow(whole, member, migration, progress)];
  });
}

function vswitchNow(
  whole: Whole,
  { group }: VswitchMember,
  migration: Migration,
  { migrations }: Progress,
): Now {
  const { vswitch, from, to, state } = migration;
  const why = whyBack(migration);
  const order = (type: Told): Order => ({ type, migration });
  return {
    kind: 'vswitch',
    name: vswitch,
    group,
    stage: stageIn(state),
    ...(why !== undefined && { why }),
    isPastUndo: isPastUndo(migration),
    isInTheWay: migration.emptiesFirst === true && !hasEmptied(state),
    tries: triesOf(whole, migration, migrations),
    returns: 0,
    where: `${vswitch} lives on ${state.type === 'done' ? to : from}`,
    orders: { go: order('go'), undo: order('undo'), again: order('again') },
  };
}

function stageIn({ type }: State): Stage {
  return match(type)
    .with('tunnels', 'clone', (): Stage => 'preparing')
    .with('ready', 'emptied', 'arrived', 'done', (stage): Stage => stage)
    .with('freeze', 'empty', 'copy', 'handOver', 'move', 'drain', (): Stage => 'moving')
    .with('retire', (): Stage => 'retiring')
    .with('undoEmpty', 'undoMove', 'undoCopy', (): Stage => 'returning')
    .with('undoHandOver', 'undoDrain', 'undoRetire', (): Stage => 'returning')
    .with('undone', (): Stage => 'back')
    .exhaustive();
}

function hasEmptied({ type }: State): boolean {
  return ['emptied', 'copy', 'arrived', 'retire', 'done'].includes(type);
}

function triesOf(
  { id, phases }: Whole,
  { vswitch, state }: Migration,
  migrations: ReadonlyMap<number, Migration>,
): number {
  if (state.type !== 'undone' || phases.length === 0) return 1;
  const own = [...migrations.values()].filter((one) => one.ensemble === id);
  return own.filter((one) => one.vswitch === vswitch).length;
}

/** Whether it can only go on: its former body holds nothing any more. */
export function isPastUndo({ aside, from, state }: Migration): boolean {
  return aside?.body === from || state.type === 'retire' || state.type === 'done';
}

/** Why it goes back, or went; undefined when it does not. */
function whyBack({ state }: Migration): string | undefined {
  return state.type !== 'done' && 'why' in state ? state.why : undefined;
}

function hostNow({ id }: Whole, { group, move }: HostMember, { hostMoves }: Progress): Now {
  const { host, from, to } = move;
  const own = hostMoves.filter((one) => one.ensemble === id && one.host === host);
  const last = own.at(-1);
  const isThere = (one: HostMove): boolean => isSameEnd(one.to, to);
  const stage = hostStage(last, isThere);
  const why = last && isThere(last) && 'why' in last.state ? last.state.why : undefined;
  const isAway = stage === 'arrived';
  const stuck = isAway && last && 'why' in last.state ? `: ${last.state.why}` : '';
  const order = (type: 'moveHost' | 'returnHost' | 'abortHost' | 'hostAgain'): Order => {
    return { type, host: move };
  };
  return {
    kind: 'host',
    name: host,
    group,
    stage,
    ...(why !== undefined && { why }),
    isPastUndo: false,
    isInTheWay: false,
    tries: own.filter(isThere).length,
    returns: own.filter((one) => !isThere(one)).length,
    where: `${host} is at ${endText(isAway ? to : from)}${stuck}`,
    orders: {
      go: order('moveHost'),
      undo: order(stage === 'moving' ? 'abortHost' : 'returnHost'),
      again: order('hostAgain'),
    },
  };
}

/** `isThere`: whether a move leads to where the ensemble wants it, and not back. */
function hostStage(last: HostMove | undefined, isThere: (one: HostMove) => boolean): Stage {
  if (last === undefined) return 'ready';
  const { type } = last.state;
  if (isThere(last)) {
    if (isHostMoveOver(last)) return type === 'done' ? 'arrived' : 'back';
    return type === 'undo' ? 'returning' : 'moving';
  }
  if (!isHostMoveOver(last)) return 'returning';
  return type === 'done' ? 'back' : 'arrived';
}
