/**
 * Several moves that are one migration: it ends done or undone as a whole (DESIGN 7).
 *
 *   [join ->] clone -> move (group after group) -> retire [-> ways] -> done
 *   undo (group after group, the last that moved first) [-> leave] -> undone
 *
 * Each vswitch has a migration of its own (migration.ts), which waits for the others: nothing moves
 * before all are cloned, and nothing is given up before all have arrived. So until `retire` all of
 * it can be undone, and from there on none of it is. What one cannot do, none does: a member that
 * fails, is undone or loses its datapath takes the others back with it.
 *
 * Where hosts move to a clone of a part (partial-move.ts), that body joins before any of them
 * moves, and leaves again when all are back.
 *
 * `advance` is asked whenever something has become of a member, or of what the operator wants; what
 * it says depends on nothing else, so after a restart it is asked again. One case is left in which
 * there is no way back: a former body that had no room for a rule which the tenant has been
 * promised holds nothing any more. Then one of the others that fails is tried again, some times;
 * if that is in vain it stays where it was, as an exception that is named.
 */
import { match } from 'ts-pattern';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  type Member,
  membersNow,
  type Now,
  type Order,
  type Progress,
  type Told,
} from './ensemble-members.ts';
import type { Boundary } from './migration-costs.ts';

export { isPastUndo, type Member, type Move, type Order } from './ensemble-members.ts';

export type EnsembleState =
  /** Its vswitch gets the body that its hosts move to. */
  | { readonly type: 'join' }
  | { readonly type: 'clone' }
  | { readonly type: 'move'; readonly group: number }
  | { readonly type: 'retire' }
  /** All have moved; ways are led around the datapath that they have left. */
  | { readonly type: 'ways' }
  /** `exceptions`: what is not as the others are, and why: another file has ended it. */
  | { readonly type: 'done'; readonly exceptions?: readonly string[] }
  /** Groups from `group` on are being undone. */
  | { readonly type: 'undo'; readonly group: number; readonly why: string }
  /** All are back: the body that has joined goes. */
  | {
      readonly type: 'leave';
      readonly why: string;
      readonly exceptions?: readonly string[];
    }
  | {
      readonly type: 'undone';
      readonly why: string;
      readonly exceptions?: readonly string[];
    };

export interface EnsemblePhase {
  readonly name: EnsembleState['type'];
  readonly startedMs: number;
  readonly endedMs: number;
}

/** A second body, with a part of the rules, that a vswitch has for the hosts that move there. */
export interface JoinedBody {
  readonly vswitch: VswitchName;
  readonly on: DatapathName;
}

export interface Ensemble {
  /** Of the same numbers as migrations: each is one's or the other's. */
  readonly id: number;
  /** What was asked for, as it was typed. */
  readonly what: string;
  /** In the order in which they move. */
  readonly members: readonly Member[];
  /** The datapath that ways are to be led around when nothing lives there any more. */
  readonly drains?: DatapathName;
  /** All of them, where they are several: of a zone. */
  readonly vacates?: readonly DatapathName[];
  /** Nothing is placed there from then on. */
  readonly holds?: true;
  readonly joins?: JoinedBody;
  /** What was planned, a line each. */
  readonly plan: readonly string[];
  /** How many move at once, where what was measured decides who is next (ensemble-order.ts). */
  readonly groupMax?: number;
  /** What has crossed between the two sides. */
  readonly boundary?: Boundary;
  readonly state: EnsembleState;
  readonly stateSinceMs: number;
  readonly startedMs: number;
  /** Finished phases, in order. */
  readonly phases: readonly EnsemblePhase[];
}

/** What is said of datapaths that are left. */
export type Vacating = Pick<Ensemble, 'drains' | 'vacates' | 'holds'>;

export function vacatingOf({ drains, vacates, holds }: Vacating): Vacating {
  return {
    ...(drains !== undefined && { drains }),
    ...(vacates !== undefined && { vacates }),
    ...(holds !== undefined && { holds }),
  };
}

/** The datapaths that ways are led around in the end. */
export function leftBehind({ drains, vacates }: Vacating): readonly DatapathName[] {
  return vacates ?? (drains === undefined ? [] : [drains]);
}

export interface Advanced {
  readonly ensemble: Ensemble;
  /** Given again as long as they are not carried out. */
  readonly orders: readonly Order[];
}

/** What is asked for besides, and what others have done for it, or could not do, and why. */
export interface Wanted {
  readonly undo?: string;
  /** A body has joined, or left; ways were led around. */
  readonly acted?: { readonly trouble?: string };
}

export function beginEnsemble(
  id: number,
  what: string,
  parts: Pick<Ensemble, 'members' | 'plan' | 'groupMax' | 'joins'> & Vacating,
  nowMs: number,
): Ensemble {
  const times = { stateSinceMs: nowMs, startedMs: nowMs };
  const state = { type: parts.joins === undefined ? 'clone' : 'join' } as const;
  return { id, what, ...parts, state, ...times, phases: [] };
}

export function isEnded({ state }: Ensemble): boolean {
  return state.type === 'done' || state.type === 'undone';
}

/** Whether there is no way back any more. */
export function isDecided({ state }: Ensemble): boolean {
  return state.type === 'retire' || state.type === 'ways' || state.type === 'done';
}

/** `progress`: how far its members are now. */
export function advance(
  ensemble: Ensemble,
  progress: Progress,
  wanted: Wanted,
  nowMs: number,
): Advanced {
  const all = membersNow(ensemble, progress);
  const { state, orders } = match(ensemble.state)
    .with({ type: 'join' }, (now) => joining(now, wanted))
    .with({ type: 'clone' }, { type: 'move' }, (now) => forward(now, all, wanted.undo))
    .with({ type: 'retire' }, () => retiring(ensemble, all))
    .with({ type: 'ways' }, (now) => {
      return to(wanted.acted === undefined ? now : ended(all, wanted.acted.trouble));
    })
    .with({ type: 'undo' }, (now) => backward(ensemble, now, all))
    .with({ type: 'leave' }, (now) => leaving(ensemble, now, wanted))
    .with({ type: 'done' }, { type: 'undone' }, (now) => to(now))
    .exhaustive();
  return { ensemble: entering(ensemble, state, nowMs), orders };
}

interface Next {
  readonly state: EnsembleState;
  readonly orders: readonly Order[];
}

function to(state: EnsembleState, orders: readonly Order[] = []): Next {
  return { state, orders };
}

function entering(ensemble: Ensemble, state: EnsembleState, nowMs: number): Ensemble {
  if (state === ensemble.state) return ensemble;
  const { type: name } = ensemble.state;
  const phase = { name, startedMs: ensemble.stateSinceMs, endedMs: nowMs };
  return { ...ensemble, state, stateSinceMs: nowMs, phases: [...ensemble.phases, phase] };
}

/** Whoever wants it back waits until the body is there, or is not. */
function joining(
  state: Extract<EnsembleState, { readonly type: 'join' }>,
  { acted, undo }: Wanted,
): Next {
  if (acted === undefined) return to(state);
  if (acted.trouble !== undefined) return to({ type: 'undone', why: acted.trouble });
  return to(undo === undefined ? { type: 'clone' } : { type: 'leave', why: undo });
}

function leaving(
  { joins }: Ensemble,
  state: Extract<EnsembleState, { readonly type: 'leave' }>,
  { acted }: Wanted,
): Next {
  if (acted === undefined) return to(state);
  const stays = `${joins?.vswitch} keeps its body on ${joins?.on}: ${acted.trouble}`;
  const more = acted.trouble === undefined ? [] : [stays];
  return to(undone(state.why, [...(state.exceptions ?? []), ...more]));
}

function undone(why: string, exceptions: readonly string[]): EnsembleState {
  return { type: 'undone', why, ...(exceptions.length > 0 && { exceptions }) };
}

type Forward = Extract<EnsembleState, { readonly type: 'clone' | 'move' }>;

function forward(state: Forward, all: readonly Now[], undo: string | undefined): Next {
  const mayUndo = !all.some(({ isPastUndo }) => isPastUndo);
  const failed = all.find(({ why }) => why !== undefined);
  const why = undo ?? (failed && `${failed.name}: ${failed.why}`);
  if (why !== undefined && mayUndo) {
    const group = state.type === 'clone' ? 0 : state.group;
    return to({ type: 'undo', group, why });
  }
  const isOut = ({ stage, tries }: Now): boolean =>
    stage === 'back' && tries >= limits.ensembleTriesMax;
  const inside = all.filter((one) => !isOut(one));
  const again = ordersOf(inside, 'again', ({ stage }) => stage === 'back');
  const current = state.type === 'clone' ? -1 : state.group;
  const those = inside.filter(({ group }) => group <= current);
  // Those that make room do so together: none is filled where another is in the way yet.
  const mayFill = !those.some(({ isInTheWay }) => isInTheWay);
  const go = ordersOf(those, 'go', ({ stage }) => {
    return stage === 'ready' || (stage === 'emptied' && mayFill);
  });
  const isThere = ({ stage }: Now): boolean =>
    state.type === 'clone' ? stage === 'ready' : stage === 'arrived' || stage === 'done';
  const waited = state.type === 'clone' ? inside : those;
  if (!waited.every(isThere)) return to(state, [...again, ...go]);
  const isLast = current >= Math.max(...all.map(({ group }) => group));
  return to(isLast ? { type: 'retire' } : { type: 'move', group: current + 1 });
}

function retiring(ensemble: Ensemble, all: readonly Now[]): Next {
  const vswitches = all.filter(({ kind }) => kind === 'vswitch');
  if (vswitches.every(({ stage }) => stage === 'done' || stage === 'back')) {
    return to(ensemble.drains === undefined ? ended(all) : { type: 'ways' });
  }
  return to(
    ensemble.state,
    ordersOf(vswitches, 'go', ({ stage }) => stage === 'arrived'),
  );
}

/**
 * Hosts first: while one goes back the vswitches stand still, as they did when it came. One whose
 * driver does not take it back, some times, stays where it is.
 */
function backward(
  { joins }: Ensemble,
  state: Extract<EnsembleState, { readonly type: 'undo' }>,
  all: readonly Now[],
): Next {
  const those = all.filter(({ group }) => group >= state.group);
  const isOver = ({ kind, stage, returns }: Now): boolean =>
    kind === 'vswitch'
      ? stage === 'done' || stage === 'back'
      : stage === 'ready' || stage === 'back' || returns >= limits.ensembleTriesMax;
  const going = those.filter((one) => !(isOver(one) && one.stage !== 'returning'));
  const hosts = going.filter(({ kind }) => kind === 'host');
  const next = hosts.length > 0 ? hosts : going;
  if (next.length > 0) {
    return to(
      state,
      ordersOf(next, 'undo', ({ stage }) => stage !== 'returning'),
    );
  }
  if (state.group > 0) return to({ ...state, group: state.group - 1 });
  const exceptions = all.flatMap(({ kind, stage, where }) =>
    stage === 'done' || (kind === 'host' && stage === 'arrived') ? [where] : [],
  );
  const end = undone(state.why, exceptions);
  return to(joins === undefined ? end : { ...end, type: 'leave', why: state.why });
}

function ended(all: readonly Now[], trouble?: string): EnsembleState {
  const left = all.flatMap(({ stage, where, why }) =>
    stage === 'back' ? [`${where}: ${why}`] : [],
  );
  const exceptions = trouble === undefined ? left : [...left, trouble];
  return { type: 'done', ...(exceptions.length > 0 && { exceptions }) };
}

function ordersOf(all: readonly Now[], type: Told, isFor: (one: Now) => boolean): readonly Order[] {
  return all.flatMap((one) => (isFor(one) ? [one.orders[type]] : []));
}
