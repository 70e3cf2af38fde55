/**
 * ofp_match of OpenFlow 1.0, to and from a canonical match (OF1.0.1 section 5.2.3).
 *
 * What 1.0 can say comes back as it was. Fields that a packet of this kind does not have mean
 * nothing in 1.0; Open vSwitch leaves them out, and so do we. For other versions' matches
 * `unsaidInMatch` names what 1.0 cannot say, and `matchPart10` leaves that wild.
 */

import type { At, Part } from '../layout/struct.ts';
import { isError } from '../values/errors.ts';
import { type FieldName, fieldByNumber } from '../values/fields.ts';
import type { Match, OfError, Oxm } from '../values/structure-values.ts';
import { normalMatch } from './match.ts';
import { match10 as layout } from './match-layouts.ts';
import {
  isGiven,
  nwShift,
  type Row,
  rows,
  vlanNone,
  type Wire,
  wild,
  wildAll,
} from './match10-fields.ts';

/** The rows that are read of packets of an ethertype; of a protocol, where that is given. */
interface Reads {
  readonly rows: readonly Row[];
  readonly byProtocol: ReadonlyMap<number, readonly Row[]>;
}

function rowsNamed(...names: readonly FieldName[]): readonly Row[] {
  return names.flatMap((name) => rows[name] ?? []);
}

/** What packets of every kind have; others' fields mean nothing in 1.0. */
const untyped = rowsNamed('in_port', 'eth_src', 'eth_dst', 'vlan_vid', 'vlan_pcp');
const typed = [...untyped, ...rowsNamed('eth_type')];
const ports = {
  6: ['tcp_src', 'tcp_dst'],
  17: ['udp_src', 'udp_dst'],
  132: ['sctp_src', 'sctp_dst'],
} as const;

const byType: ReadonlyMap<number, Reads> = new Map([
  [
    0x0800,
    reads(['ipv4_src', 'ipv4_dst', 'ip_dscp', 'ip_proto'], {
      ...ports,
      1: ['icmpv4_type', 'icmpv4_code'],
    }),
  ],
  [0x0806, reads(['arp_op', 'arp_spa', 'arp_tpa'])],
  [0x86dd, reads(['ip_dscp', 'ip_proto'], { ...ports, 58: ['icmpv6_type', 'icmpv6_code'] })],
]);

function reads(
  names: readonly FieldName[],
  protocols: Readonly<Record<number, readonly FieldName[]>> = {},
): Reads {
  const own = [...typed, ...rowsNamed(...names)];
  const byProtocol = Object.entries(protocols).map(
    ([number, more]) => [Number(number), [...own, ...rowsNamed(...more)]] as const,
  );
  return { rows: own, byProtocol: new Map(byProtocol) };
}

function rowsOf(wire: Wire): readonly Row[] {
  if (!isGiven(wire, 'dlType')) return untyped;
  const reads = byType.get(wire.dlType);
  if (reads === undefined) return typed;
  const more = isGiven(wire, 'nwProto') ? reads.byProtocol.get(wire.nwProto) : undefined;
  return more ?? reads.rows;
}

/** Is every field of the match at `at` given? Then its priority is the highest (section 3.4). */
export function isExact(dv: DataView, at: number): boolean {
  return (layout.get.wildcards(dv, at) & wildAll) === 0;
}

export const matchPart10: Part<Match> = {
  minimum: layout.size,
  isExact: true,
  read: readMatch10,
  write: (to, match) => {
    const at = to.room(layout.size);
    layout.write(to.dv, at, toWire(match).wire);
  },
};

/**
 * As a rule's is asked for: where no tag is to be there the tag's priority is left open, which
 * changes nothing but this, that the rule is not one that leaves nothing open. A switch puts those
 * above all others, whatever their priority (section 3.4): above what keeps packets from rules.
 */
export const askedMatchPart10: Part<Match> = {
  ...matchPart10,
  write: (to, match) => {
    const at = to.room(layout.size);
    layout.write(to.dv, at, asked(toWire(match).wire));
  },
};

function asked(wire: Wire): Wire {
  const isUntagged = isGiven(wire, 'dlVlan') && wire.dlVlan === vlanNone;
  if (isUntagged) wire.wildcards |= wild.dlVlanPcp;
  return wire;
}

function readMatch10(dv: DataView, at: number): At<Match> | OfError {
  const wire = layout.read(dv, at);
  const match: Oxm[] = [];
  for (const row of rowsOf(wire)) {
    const found = row.read(wire);
    if (isError(found)) return found;
    if (found !== undefined) match.push(found);
  }
  return { value: normalMatch(match), size: layout.size };
}

/** Why 1.0 cannot say this match; undefined when it can. */
export function whyMatchNotIn10(match: Match): string | undefined {
  return toWire(match).unsaid;
}

/** Whether 1.0 asks for the match with every field given: its priority is then the highest. */
export function isExactMatch(match: Match): boolean {
  return (asked(toWire(match).wire).wildcards & wildAll) === 0;
}

const noMac = new Uint8Array(6);
const noAddress = new Uint8Array(4);

/** What 1.0 says of a match, and why it cannot say all of it. */
function toWire(match: Match): { readonly wire: Wire; readonly unsaid: string | undefined } {
  const wire: Wire = {
    // Nothing is given: addresses are wild in 32 bits.
    wildcards:
      (wildAll & ~(wild.nwSrc | wild.nwDst)) | (32 << nwShift.nwSrc) | (32 << nwShift.nwDst),
    inPort: 0,
    dlSrc: noMac,
    dlDst: noMac,
    dlVlan: 0,
    dlVlanPcp: 0,
    dlType: 0,
    nwTos: 0,
    nwProto: 0,
    nwSrc: noAddress,
    nwDst: noAddress,
    tpSrc: 0,
    tpDst: 0,
  };
  let unsaid: string | undefined;
  for (const field of match) {
    const name = fieldByNumber(field.oxmClass, field.field)?.name;
    const isSaid = name !== undefined && rows[name]?.say(wire, field, match) === true;
    if (!isSaid) unsaid ??= `OpenFlow 1.0 cannot match ${name ?? `field ${field.field}`} so`;
  }
  return { wire, unsaid };
}
