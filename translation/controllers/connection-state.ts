/**
 * The state of one controller's connection: its configuration, its role, and the events that it
 * asked for (OF1.3.5 sections 6.3.4, 6.3.5, 7.3.9 and 7.3.10).
 *
 * A new connection begins with what Open vSwitch gives it. The one thing that connections of a
 * vswitch share is the generation id of their masters' election (election.ts).
 */
import { role as roles } from '../../openflow/values/constants.ts';
import { Bundles } from '../../slices/bundles.ts';
import { limits } from '../../slices/limits.ts';

/** Events that nobody asked for: each has reasons, and a bit for each reason. */
export type EventKind = 'packetIn' | 'portStatus' | 'flowRemoved';

/** Bits by reason, as master or equal and as slave. */
export interface AsyncMasks {
  readonly packetIn: number;
  readonly packetInSlave: number;
  readonly portStatus: number;
  readonly portStatusSlave: number;
  readonly flowRemoved: number;
  readonly flowRemovedSlave: number;
}

/** The state of one connection; SET_CONFIG, SET_ASYNC, ROLE_REQUEST and extensions change it. */
export interface ConnectionState {
  readonly bundles: Bundles;
  missSendLen: number;
  /** OFPCR_ROLE_*: equal, master or slave. */
  role: number;
  async: AsyncMasks;
  forms: Forms;
  /** NXT_SET_CONTROLLER_ID: what is sent up is for those that have its number, 0 mostly. */
  controllerId: number;
}

/** In which form a connection of 1.0 is told of rules and packets (nicira.ts). */
export interface Forms {
  readonly flows: 'standard' | 'nicira';
  readonly packetIns: 'standard' | 'nicira';
  /** Whether the command of a flow-mod names its table, too. */
  readonly namesTables: boolean;
}

const standard: Forms = { flows: 'standard', packetIns: 'standard', namesTables: false };

/** Every reason that Open vSwitch knows; it keeps 1.4's for removals, which 1.3 never gives. */
const every: AsyncMasks = {
  packetIn: 0b111,
  packetInSlave: 0b111,
  portStatus: 0b111,
  portStatusSlave: 0b111,
  flowRemoved: 0b11_1111,
  flowRemovedSlave: 0b11_1111,
};

/** Packets but for invalid TTLs; slaves hear of ports only. */
const defaultAsync: AsyncMasks = {
  packetIn: 0b011,
  packetInSlave: 0,
  portStatus: 0b111,
  portStatusSlave: 0b111,
  flowRemoved: 0b1111,
  flowRemovedSlave: 0,
};

export function newConnectionState(missSendLen: number): ConnectionState {
  const bundles = new Bundles(limits);
  return {
    bundles,
    missSendLen,
    role: roles.equal,
    async: defaultAsync,
    forms: standard,
    controllerId: 0,
  };
}

export function isSlave({ role }: ConnectionState): boolean {
  return role === roles.slave;
}

/** Whether the connection is told of an event. */
export function hears(connectionState: ConnectionState, kind: EventKind, reason: number): boolean {
  const { async } = connectionState;
  const mask = isSlave(connectionState) ? async[`${kind}Slave`] : async[kind];
  return (mask & (1 << reason)) !== 0;
}

/** What was asked for of what there is: reasons that do not exist are passed over. */
export function asyncOf(asked: AsyncMasks): AsyncMasks {
  return {
    packetIn: asked.packetIn & every.packetIn,
    packetInSlave: asked.packetInSlave & every.packetInSlave,
    portStatus: asked.portStatus & every.portStatus,
    portStatusSlave: asked.portStatusSlave & every.portStatusSlave,
    flowRemoved: asked.flowRemoved & every.flowRemoved,
    flowRemovedSlave: asked.flowRemovedSlave & every.flowRemovedSlave,
  };
}

/** OFP_DEFAULT_MISS_SEND_LEN; none for guests, who are told nothing until they want packets. */
export function missSendLenOf(kind: 'dialled' | 'guest'): number {
  return kind === 'guest' ? 0 : 128;
}
