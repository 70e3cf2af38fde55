/**
 * The reserved ports, and numbers that no port has: the meaning of each for a tenant, in one table.
 *
 * Done or refused as Open vSwitch 3.1 does (seen there, message by message), but for TABLE in a
 * rule; its line says why. As there, a rule or a packet-out may name a vport that does
 * not exist: it outputs nothing, or matches nothing.
 */
import { port as ofpp } from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import type { OfError } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';

/** Where an action list comes from. */
export type ActionsOf = 'flowMod' | 'packetOut' | 'deletion';

interface Line {
  readonly number: number;
  /** Which action lists may output there; others get BAD_ACTION / BAD_OUT_PORT. */
  readonly output: readonly ActionsOf[];
  /** Whether a packet-out may say that its packet entered there; else BAD_REQUEST / BAD_PORT. */
  readonly entersThere: boolean;
  readonly meaning: string;
}

const both: readonly ActionsOf[] = ['flowMod', 'packetOut', 'deletion'];
const never: readonly ActionsOf[] = [];

export const reservedPorts = {
  inPort: line(ofpp.inPort, both, false, 'back by the vport where it entered'),
  // OF1.3.5 section 7.2.5.1: in packet-outs only. Open vSwitch takes it in a rule, and drops then.
  table: line(
    ofpp.table,
    ['packetOut', 'deletion'],
    false,
    'through the tenant’s tables, from the first',
  ),
  normal: line(ofpp.normal, both, false, 'where its address was learnt, or as FLOOD'),
  flood: line(ofpp.flood, both, false, 'every vport but where it entered, and but NO_FLOOD’s'),
  all: line(ofpp.all, both, false, 'every vport but where it entered'),
  controller: line(ofpp.controller, both, true, 'a packet-in; as an ingress: no vport'),
  local: line(ofpp.local, both, true, 'a port like others, with nothing behind it'),
  any: line(ofpp.any, never, true, 'no port'),
} as const satisfies Record<Exclude<keyof typeof ofpp, 'max'>, Line>;

const byNumber: ReadonlyMap<number, Line> = new Map(
  Object.values(reservedPorts).map((one) => [one.number, one]),
);

function line(
  number: number,
  output: readonly ActionsOf[],
  entersThere: boolean,
  meaning: string,
): Line {
  return { number, output, entersThere, meaning };
}

/** The error that an output deserves, or undefined. */
export function refuseOutput(port: number, of: ActionsOf): OfError | undefined {
  if (port <= limits.vportMax || byNumber.get(port)?.output.includes(of)) return undefined;
  return ofError('badAction', 'badOutPort', `${portText(port)} is not supported as an output`);
}

/** The error that a packet-out's in_port deserves, or undefined. */
export function refuseIngress(port: number): OfError | undefined {
  if (port <= limits.vportMax || byNumber.get(port)?.entersThere) return undefined;
  return (
    refusePortNumber(port) ??
    ofError('badRequest', 'badPort', `${portText(port)} is not an ingress port`)
  );
}

/** The error that a number between the ports and the reserved ones deserves, or undefined. */
export function refusePortNumber(port: number): OfError | undefined {
  if (port <= limits.vportMax || port >= ofpp.max) return undefined;
  return ofError('badAction', 'badOutPort', `port ${portText(port)} does not exist`);
}

/** The error that a match of in_port deserves: reserved ones are fine, and never match. */
export function refuseInPort(port: number): OfError | undefined {
  if (port <= limits.vportMax || port >= ofpp.max) return undefined;
  return ofError('badMatch', 'badValue', `port ${portText(port)} does not exist`);
}

/** A port's number in the 16 bits that we have for it below; OpenFlow 1.0's for reserved ones. */
export function port16(port: number): number {
  return port & 0xffff;
}

/** The port that 16 bits name. */
export function portOf16(low: number): number {
  return low >= FIRST_RESERVED_16 ? 0xffff_0000 + low : low;
}

const FIRST_RESERVED_16 = 0xff00;

function portText(port: number): string {
  return `0x${port.toString(16)}`;
}
