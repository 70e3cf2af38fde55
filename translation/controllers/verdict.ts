/**
 * The context in which a controller's message is judged, and the possible verdicts: the terms of
 * policy.ts.
 */
import type { Version } from '../../openflow/values/constants.ts';
import type {
  FlowMod,
  Message,
  MultipartRequestBody,
  OfError,
} from '../../openflow/values/values.ts';
import type { GroupMod } from '../../slices/groups-meters/groups.ts';
import type { MeterMod } from '../../slices/groups-meters/meters.ts';
import type { Vport } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { Monitor } from '../../slices/rules/flow-monitors.ts';
import type { PacketOut } from '../requests/packet-out.ts';
import type { ConnectionState } from './connection-state.ts';
import type { PortChange } from './port-mod.ts';
import type { PortView } from './ports.ts';
import type { RoleRequest } from './roles.ts';
import type { CountersRequest } from './statistics.ts';

/** `why` is for people, where somebody knows. */
export type ErrorNumbers = Pick<OfError, 'errorType' | 'errorCode'> & { readonly why?: string };

/** Whose request it is, and its number: what a connection did itself it may be told by that. */
export interface Asker {
  readonly connection: object;
  readonly xid: number;
}

/** The request that an effect came from: errors quote it (OF1.3.5 section 7.4.4). */
export interface Origin {
  /** Absent: no connection's. */
  readonly asker?: Asker | undefined;
  refuse(error: ErrorNumbers): void;
}

/** What a controller's message meets: its vswitch, and what the connection agreed. */
export interface Scene {
  readonly vswitch: Vswitch;
  /** Of this connection. */
  readonly version: Version;
  portView(vport: Vport): PortView;
  /** Of this connection: SET_CONFIG, SET_ASYNC and bundles change it. */
  readonly connectionState: ConnectionState;
  /** When the message came. */
  readonly nowMs: number;
}

/** What is asked of the group table. */
export type GroupsRequest = Extract<MultipartRequestBody, { kind: 'groupStats' | 'groupDesc' }>;

/** What is asked of the meter table. */
export type MetersRequest = Extract<
  MultipartRequestBody,
  { kind: 'meterStats' | 'meterConfig' | 'meterFeatures' }
>;

/** What the shell carries out, in the order of the connection's messages. */
export type Effect =
  | { readonly type: 'changeRules'; readonly mod: FlowMod }
  | { readonly type: 'changePort'; readonly change: PortChange }
  | { readonly type: 'changeRole'; readonly request: RoleRequest }
  | { readonly type: 'sendPacket'; readonly out: PacketOut }
  | { readonly type: 'barrier'; readonly xid: number }
  | { readonly type: 'readPorts'; readonly vports: readonly Vport[]; readonly xid: number }
  | { readonly type: 'changeGroups'; readonly mod: GroupMod }
  | { readonly type: 'readGroups'; readonly request: GroupsRequest; readonly xid: number }
  | { readonly type: 'changeMeters'; readonly mod: MeterMod }
  | { readonly type: 'readMeters'; readonly request: MetersRequest; readonly xid: number }
  /** Of all these vports; `portNo` is what was asked for. */
  | {
      readonly type: 'describeQueues';
      readonly vports: readonly Vport[];
      readonly portNo: number;
      readonly xid: number;
    }
  | {
      readonly type: 'readQueues';
      readonly vports: readonly Vport[];
      readonly queueId: number;
      readonly xid: number;
    }
  /** Monitors to begin with; `wrong` is what is wrong with the one behind them. */
  | {
      readonly type: 'monitorRules';
      readonly monitors: readonly Monitor[];
      readonly wrong: OfError | undefined;
      readonly xid: number;
    }
  | { readonly type: 'cancelMonitor'; readonly id: number }
  | ReadCounters
  | CommitBundle;

/** Answered in vendors' words where it was asked in them. */
export interface ReadCounters {
  readonly type: 'readCounters';
  readonly request: CountersRequest;
  readonly xid: number;
  readonly form?: 'nicira';
}

/** All that a bundle asks for, in its order. */
export interface CommitBundle {
  readonly type: 'commitBundle';
  readonly parts: readonly BundledPart[];
  /** Said when all of it is done. */
  readonly reply: Message;
}

/** A message of a bundle. */
export interface BundledPart {
  /** The whole frame that put it in: what an error about it quotes. */
  readonly frame: Uint8Array;
  /** What it asks for now; an error when it asks for what is not there. */
  read(): BundledEffect | OfError;
}

export type BundledEffect = Extract<
  Effect,
  { type: 'changeRules' | 'changeGroups' | 'changePort' | 'sendPacket' }
>;

/** What is answered with counters or settings that the shell has to fetch. */
export type ReadEffect = Extract<
  Effect,
  { type: 'readPorts' | 'readGroups' | 'readMeters' | 'readQueues' | 'describeQueues' }
>;

/** What is answered later than at once. */
export type AnsweredEffect =
  | ReadEffect
  | Extract<
      Effect,
      { type: 'barrier' | 'monitorRules' | 'cancelMonitor' | 'readCounters' | 'commitBundle' }
    >;

export type Verdict =
  | { readonly verdict: 'answer'; readonly message: Message }
  | { readonly verdict: 'absorb' }
  | { readonly verdict: 'refuse'; readonly error: OfError }
  | { readonly verdict: 'rewrite'; readonly effect: Effect };

export function absorb(): Verdict {
  return { verdict: 'absorb' };
}

export function refused(error: OfError): Verdict {
  return { verdict: 'refuse', error };
}

export function answer(message: Message): Verdict {
  return { verdict: 'answer', message };
}
