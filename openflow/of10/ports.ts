/**
 * Ports of OpenFlow 1.0, bytes to values and back (OF1.0.1 section 5.2.1).
 *
 * Numbers have 16 bits, and the reserved ones are the last of them; in values they have 1.3's 32.
 * Features' bits above the speeds, and the spanning tree's states, are elsewhere in 1.3.
 */

import { cBytes, cString } from '../ports.ts';
import type { PortDesc } from '../values.ts';
import type { Writer } from '../writer.ts';
import { phyPort as layout } from './structs.ts';

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
export function unsaidPort(port: number): string | undefined {
  return portTo10(port) === undefined ? `OpenFlow 1.0 has no port ${port}` : undefined;
}

/** The number on the wire, for values that our own code checked. */
export function portNumber10(port: number): number {
  const number = portTo10(port);
  if (number === undefined) throw new Error(`port ${port} has no number in OpenFlow 1.0`);
  return number;
}

/** OFPPF_*: the bits of speeds that both versions have, and how far the rest moved in 1.1. */
const speedBits = 0x7f;
const mediaBits = 0xf80;
const mediaShift = 4;

export function featuresFrom10(bits: number): number {
  return (bits & speedBits) | ((bits & mediaBits) << mediaShift);
}

/** Speeds above 10 Gbit/s cannot be said, and are left out. */
export function featuresTo10(bits: number): number {
  return (bits & speedBits) | ((bits >>> mediaShift) & mediaBits);
}

/** kbit/s of OFPPF_10MB_HD and those after it (section 5.2.1). */
const speedsKbps = [10_000, 10_000, 100_000, 100_000, 1_000_000, 1_000_000, 10_000_000] as const;

/** The fastest of some features in kbit/s; 0 for none. */
function speedOf(features: number): number {
  return speedsKbps.reduce<number>((best, kbps, bit) => {
    return (features & (1 << bit)) !== 0 ? Math.max(best, kbps) : best;
  }, 0);
}

/** OFPPS_LINK_DOWN, OFPPS_STP_MASK, OFPPS_STP_BLOCK; and 1.3's OFPPS_BLOCKED. */
const stateBits = 0x301;
const stpBlock = 0x300;
const blocked = 2;

export function readPort(dv: DataView, at: number): PortDesc {
  const { name, state, ...rest } = layout.read(dv, at);
  const isBlocked = (state & stpBlock) === stpBlock;
  return {
    ...rest,
    portNo: portFrom10(rest.portNo),
    name: cString(name),
    state: (state & stateBits) | (isBlocked ? blocked : 0),
    curr: featuresFrom10(rest.curr),
    advertised: featuresFrom10(rest.advertised),
    supported: featuresFrom10(rest.supported),
    peer: featuresFrom10(rest.peer),
    currSpeed: speedOf(rest.curr),
    maxSpeed: speedOf(rest.supported),
  };
}

export function writePort(to: Writer, port: PortDesc): void {
  const at = to.room(layout.size);
  layout.write(to.dv, at, {
    ...port,
    portNo: portNumber10(port.portNo),
    name: cBytes(port.name, layout.offset.config - layout.offset.name),
    state: (port.state & stateBits) | ((port.state & blocked) !== 0 ? stpBlock : 0),
    curr: featuresTo10(port.curr),
    advertised: featuresTo10(port.advertised),
    supported: featuresTo10(port.supported),
    peer: featuresTo10(port.peer),
  });
}

/** The ports in [at, end), of which there must be whole ones. */
export function readPorts(dv: DataView, at: number, end: number): PortDesc[] | undefined {
  if ((end - at) % layout.size !== 0) return undefined;
  const ports: PortDesc[] = [];
  for (let next = at; next < end; next += layout.size) ports.push(readPort(dv, next));
  return ports;
}
