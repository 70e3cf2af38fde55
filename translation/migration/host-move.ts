/**
 * A host's move from one port of a datapath to another, as a value: its states, and the one step
 * function.
 *
 *   open -> run -> close -> done
 *     |      |
 *     '------'-> undo -> undone
 *
 *   open    its vport gives and takes frames at both places, as datapaths acknowledge
 *   run     a driver has the host run at the new place (hypervisor/drivers/)
 *   close   the new place only: what is on its way to the old one arrives, then that goes
 *   undo    the old place only
 *
 * In close and undo frames turn first, everywhere, and then what is left goes (`isTurned`). A
 * process that ends before has both places again at its next start, for nothing has gone: datapaths
 * come back one by one, and some may not know yet what others are told to use.
 *
 * It can be taken back until the driver says that the host runs at the new place. A driver may be
 * asked again, after a restart: it says where the host is, and that is what counts.
 */
import { match } from 'ts-pattern';
import type { Config, PhysicalEnd } from '../../slices/config/config.ts';
import { endText, isSameEnd, type VswitchName } from '../../slices/ids.ts';
import type { Probed } from './loss-probe-counts.ts';

/** Who moves hosts: a program of the operator's, a person, or what we know ourselves. */
export const driverNames = ['exec', 'manual', 'netns', 'qemu'] as const;
export type DriverName = (typeof driverNames)[number];

export type HostState =
  | { readonly type: 'open' }
  | { readonly type: 'run' }
  | { readonly type: 'close' }
  | { readonly type: 'done' }
  | { readonly type: 'undo'; readonly why: string }
  | { readonly type: 'undone'; readonly why: string };

export interface HostMove {
  readonly id: number;
  readonly host: string;
  readonly vswitch: VswitchName;
  readonly vport: number;
  readonly from: PhysicalEnd;
  readonly to: PhysicalEnd;
  readonly driver: DriverName;
  /** What was planned, a line each; of an ensemble, that has it. */
  readonly plan?: readonly string[];
  /** Of which it is part: the others of it move before and after (ensemble.ts). */
  readonly ensemble?: number;
  /** In close or undo: nothing is led to the other place any more, which may go. */
  readonly isTurned?: boolean;
  readonly state: HostState;
  readonly stateSinceMs: number;
  readonly startedMs: number;
  /** Finished states, in order. */
  readonly phases: readonly HostPhase[];
  /** What the driver said last, a line each. */
  readonly said: readonly string[];
  /** How each datapath acknowledged that was told where it is, and why not better. */
  readonly acks?: Readonly<Record<string, string>>;
  /** Those of them that acknowledged by a time, and why. */
  readonly unproved?: readonly string[];
  /** Frames for it that left at both places, as their ports have counted. */
  readonly copied?: number;
  /** Loss is measured while it is under way, by probes of ours through its vport. */
  readonly probe?: boolean;
  /** What that came to. */
  readonly probed?: Probed;
}

interface HostPhase {
  readonly name: HostState['type'];
  readonly startedMs: number;
  readonly endedMs: number;
}

export type HostEvent =
  /** All that the state asks for is done, and acknowledged. */
  | { readonly type: 'acted' }
  | { readonly type: 'failed'; readonly why: string }
  | { readonly type: 'undo'; readonly why: string };

export type WhatMoves = Pick<HostMove, 'host' | 'vswitch' | 'vport' | 'from' | 'to' | 'driver'>;

/** What is remembered of how it was asked for. */
export type HowAsked = Pick<HostMove, 'plan' | 'probe' | 'ensemble'>;

export function beginHostMove(
  id: number,
  { host, vswitch, vport, from, to, driver }: WhatMoves,
  nowMs: number,
  asked: HowAsked = {},
): HostMove {
  const what = { host, vswitch, vport, from, to, driver };
  const times = { stateSinceMs: nowMs, startedMs: nowMs };
  return { id, ...what, ...asked, state: { type: 'open' }, ...times, phases: [], said: [] };
}

export function stepHostMove(move: HostMove, event: HostEvent, nowMs: number): HostMove {
  const { state, stateSinceMs: startedMs } = move;
  const next = event.type === 'acted' ? afterActing(state) : takenBack(state, event.why);
  if (next === state) return move;
  const phase: HostPhase = { name: state.type, startedMs, endedMs: nowMs };
  return { ...move, state: next, stateSinceMs: nowMs, phases: [...move.phases, phase] };
}

function afterActing(state: HostState): HostState {
  return match(state)
    .with({ type: 'open' }, (): HostState => ({ type: 'run' }))
    .with({ type: 'run' }, (): HostState => ({ type: 'close' }))
    .with({ type: 'close' }, (): HostState => ({ type: 'done' }))
    .with({ type: 'undo' }, ({ why }): HostState => ({ type: 'undone', why }))
    .with({ type: 'done' }, { type: 'undone' }, () => state)
    .exhaustive();
}

function takenBack(state: HostState, why: string): HostState {
  return canTakeBack(state) ? { type: 'undo', why } : state;
}

export function canTakeBack({ type }: HostState): boolean {
  return type === 'open' || type === 'run';
}

export function isHostMoveOver({ state }: Pick<HostMove, 'state'>): boolean {
  return state.type === 'done' || state.type === 'undone';
}

/** Where the host is plugged in while its move is in its state. */
export function placesIn({ from, to, state }: Pick<HostMove, 'from' | 'to' | 'state'>): {
  readonly at: PhysicalEnd;
  readonly also?: PhysicalEnd;
} {
  return match(state.type)
    .with('open', 'run', () => ({ at: from, also: to }))
    .with('close', 'done', () => ({ at: to }))
    .with('undo', 'undone', () => ({ at: from }))
    .exhaustive();
}

/** Where it is plugged in when a process starts: as long as nothing has gone, at both. */
export function placesAtStart(move: HostMove): ReturnType<typeof placesIn> {
  const { from, to, state, isTurned = false } = move;
  const isTurning = state.type === 'close' || state.type === 'undo';
  return isTurning && !isTurned ? { at: from, also: to } : placesIn(move);
}

/** Moves of hosts have numbers of their own, so they are named: `move-7`. */
export function hostMoveName({ id }: Pick<HostMove, 'id'>): string {
  return `move-${id}`;
}

/** Whether it is over, and it is known what became of probes. */
export function isHostMoveSettled(move: HostMove): boolean {
  return isHostMoveOver(move) && (move.probe !== true || move.probed !== undefined);
}

export function driverText({ driver }: Pick<HostMove, 'driver'>): string {
  return driver === 'manual' ? 'by hand' : `by ${driver}`;
}

/** `red/h1: s1:1 -> s5:4`. */
export function hostMoveText({ host, from, to }: Pick<HostMove, 'host' | 'from' | 'to'>): string {
  return `${host}: ${endText(from)} -> ${endText(to)}`;
}

/** The state; with whom it waits for, if that is a person. */
export function hostStateText({ host, to, driver, state }: HostMove): string {
  if ('why' in state) return `${state.type}: ${state.why}`;
  if (state.type !== 'run' || driver !== 'manual') return state.type;
  return `run: move it to ${endText(to)}, then type "limevisor moved ${host}"`;
}

/** Why what a file says cannot be while hosts move; a line each. */
export function whyNotApplied(moves: readonly HostMove[], file: Config): readonly string[] {
  return moves.flatMap((move) => {
    const { host, vswitch, vport, to } = move;
    if (isHostMoveOver(move)) return [];
    const what = `${host} is being moved to ${endText(to)}`;
    const next = `apply again when it is there, or "limevisor abort ${host}" first`;
    const { at } = placesIn(move);
    const now = file.hosts.find((one) => one.name === host);
    const isSame =
      now?.port.device === vswitch &&
      now.port.port === vport &&
      [now.at, ...(now.offers ?? [])].some((end) => isSameEnd(end, at));
    if (!isSame) return [`${what}, and the file changes it; ${next}`];
    const others = file.hosts.filter(({ name }) => name !== host);
    const used = [...file.links.flat(), ...others.flatMap(({ at, offers = [at] }) => offers)];
    const isUsed = used.some((end) => isSameEnd(end, to));
    return isUsed ? [`${what}, which the file uses; ${next}`] : [];
  });
}
