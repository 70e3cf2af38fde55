/**
 * Fields that mean the same in both versions and have other numbers in OpenFlow 1.0.
 *
 * Values have 1.3's numbers. Ports have 16 bits in 1.0, and the reserved ones are the last of them;
 * features' bits above the speeds, and the spanning tree's states, are elsewhere in 1.3.
 * Source: OpenFlow 1.0.1, section 5.2.1.
 */

import { capability, port as ofpp } from '../values/constants.ts';
import { as, u16, u32 } from './layout.ts';

/** OFPP_MAX, and how far the reserved numbers moved in 1.1. */
const portMax = 0xff00;
const reservedShift = 0xffff0000;

/** A port's number on the wire as the values have it: OFPP_NONE is OFPP_ANY. */
export function portFrom10(port: number): number {
  return port < portMax ? port : port + reservedShift;
}

/** The number on the wire, or undefined when 1.0 has none for it. */
export function portTo10(port: number): number | undefined {
  if (port < portMax) return port;
  return port >= portMax + reservedShift ? port - reservedShift : undefined;
}

/** Why 1.0 cannot name this port; undefined when it can. */
export function whyPortNotIn10(port: number): string | undefined {
  return portTo10(port) === undefined ? `OpenFlow 1.0 has no port ${port}` : undefined;
}

/** The number on the wire, for values that our own code checked. */
function portNumber10(port: number): number {
  const number = portTo10(port);
  if (number === undefined) throw new Error(`port ${port} has no number in OpenFlow 1.0`);
  return number;
}

export const port16 = as(u16, portFrom10, portNumber10);

/** Every port: OFPP_ALL in 1.0's queue requests, OFPP_ANY in 1.3's. */
const allIn10 = 0xfffc;
export const queuePort16 = as(
  u16,
  (port) => (port === allIn10 ? ofpp.any : portFrom10(port)),
  (port) => (port === ofpp.any ? allIn10 : portNumber10(port)),
);

/** OFPPF_*: the bits of speeds that both versions have, and how far the rest moved in 1.1. */
const speedBits = 0x7f;
const mediaBits = 0xf80;
const mediaShift = 4;

/** Speeds above 10 Gbit/s cannot be said, and are left out. */
export const portFeatures10 = as(
  u32,
  (bits) => (bits & speedBits) | ((bits & mediaBits) << mediaShift),
  (bits) => (bits & speedBits) | ((bits >>> mediaShift) & mediaBits),
);

/** kbit/s of OFPPF_10MB_HD and those after it. */
const speedsKbps = [10_000, 10_000, 100_000, 100_000, 1_000_000, 1_000_000, 10_000_000] as const;

/** The fastest of some features in kbit/s, which 1.0 does not say; 0 for none. */
export function speedOf(features: number): number {
  return speedsKbps.reduce<number>((best, kbps, bit) => {
    return (features & (1 << bit)) !== 0 ? Math.max(best, kbps) : best;
  }, 0);
}

/** OFPPS_LINK_DOWN, OFPPS_STP_MASK, OFPPS_STP_BLOCK; and 1.3's OFPPS_BLOCKED. */
const stateBits = 0x301;
const stpBlock = 0x300;
const blocked = 2;

export const portState10 = as(
  u32,
  (state) => (state & stateBits) | ((state & stpBlock) === stpBlock ? blocked : 0),
  (state) => (state & stateBits) | ((state & blocked) !== 0 ? stpBlock : 0),
);

/** OFPC_STP is where 1.3 has groups; 1.3 says of a spanning tree that it blocks ports. */
const stp = 8;
const { portBlocked } = capability;

export const capabilities10 = as(
  u32,
  (bits) => (bits & ~(stp | portBlocked)) | ((bits & stp) !== 0 ? portBlocked : 0),
  (bits) => (bits & ~(stp | portBlocked)) | ((bits & portBlocked) !== 0 ? stp : 0),
);
