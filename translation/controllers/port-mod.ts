/**
 * A tenant's PORT_MOD: whether it is permitted, and which bits it changes (OF1.3.5 section
 * 7.3.4.3).
 *
 * As Open vSwitch 3.1: the port must exist, the address must be its own, bits that the connection's
 * version does not know count as unsaid, and what is advertised stays what it is.
 */
import { portConfig, type Version, version } from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import type { Message, OfError, PortDesc } from '../../openflow/values/values.ts';
import type { Vport } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';

export type PortMod = Extract<Message, { type: 'portMod' }>;

/** Bits to set and bits to clear. */
export interface PortChange {
  readonly vport: Vport;
  readonly set: number;
  readonly clear: number;
}

const { portDown, noStp, noRecv, noRecvStp, noFlood, noFwd, noPacketIn } = portConfig;
const of13Bits = portDown | noRecv | noFwd | noPacketIn;
const knownBits: Readonly<Record<Version, number>> = {
  [version.of10]: of13Bits | noStp | noRecvStp | noFlood,
  [version.of13]: of13Bits,
};

export function portChangeOf(vswitch: Vswitch, mod: PortMod, of: Version): PortChange | OfError {
  const vport = mod.portNo as Vport;
  const portIdentity = vswitch.portIdentities.get(vport);
  if (portIdentity === undefined) {
    return ofError('portModFailed', 'badPort', `port ${mod.portNo} does not exist`);
  }
  if (!portIdentity.hwAddr.every((byte, i) => byte === mod.hwAddr[i])) {
    return ofError('portModFailed', 'badHwAddr', `port ${mod.portNo} has another hw_addr`);
  }
  const mask = mod.mask & knownBits[of];
  return { vport, set: mod.config & mask, clear: ~mod.config & mask };
}

/** The description as a connection of this version shows it. */
export function visibleDesc(desc: PortDesc, of: Version): PortDesc {
  const state = of === version.of10 ? desc.state & LINK_DOWN : desc.state;
  return { ...desc, config: desc.config & knownBits[of], state };
}

/** OpenFlow 1.0 has this bit only, and the states of a spanning tree (OF1.0.1 section 5.2.1). */
const LINK_DOWN = 1;
