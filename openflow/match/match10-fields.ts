/**
 * The fields of ofp_match of OpenFlow 1.0: each converted to and from a canonical match, and which
 * of them are wildcarded (OF1.0.1 section 5.2.3).
 */

import type { ValuesOf } from '../layout/layout.ts';
import { portFrom10, portTo10 } from '../layout/numbers10.ts';
import { prefixLength, prefixMask } from '../values/addresses.ts';
import { vlan } from '../values/constants.ts';
import { ofError } from '../values/errors.ts';
import type { FieldName } from '../values/fields.ts';
import type { Match, OfError, Oxm } from '../values/structure-values.ts';
import { fieldOf, oxm, oxmNumber } from './match.ts';
import type { match10 as layout } from './match-layouts.ts';

export type Wire = ValuesOf<typeof layout>;

/** OFPFW_*. A network address is wild in as many low bits as its six bits say. */
export const wild = {
  inPort: 1 << 0,
  dlVlan: 1 << 1,
  dlSrc: 1 << 2,
  dlDst: 1 << 3,
  dlType: 1 << 4,
  nwProto: 1 << 5,
  tpSrc: 1 << 6,
  tpDst: 1 << 7,
  nwSrc: 0x3f << 8,
  nwDst: 0x3f << 14,
  dlVlanPcp: 1 << 20,
  nwTos: 1 << 21,
} as const;
export const wildAll = 0x3fffff;
export const nwShift = { nwSrc: 8, nwDst: 14 } as const;

/** OFP_VLAN_NONE: without a tag. */
export const vlanNone = 0xffff;

/** Of a field: what 1.0 says of it, read and written. */
export interface Row {
  /** The field, where it is given and can be; OfError where it cannot have this value. */
  read(wire: Wire): Oxm | OfError | undefined;
  /** Says a field in the wire's values; false when it cannot be said. */
  say(wire: Wire, field: Oxm, match: Match): boolean;
}

type NumberField = 'dlVlanPcp' | 'dlType' | 'nwTos' | 'nwProto' | 'tpSrc' | 'tpDst';

export function isGiven(wire: Wire, at: keyof typeof wild): boolean {
  return (wire.wildcards & wild[at]) === 0;
}

/** A number that is exact, and at most `max`. */
function number(name: FieldName, at: NumberField, max: number, shift = 0): Row {
  return {
    read: (wire) => {
      if (!isGiven(wire, at)) return undefined;
      const value = wire[at] >> shift;
      if (value <= max) return oxm(name, value);
      return ofError('badMatch', 'badValue', `${name} ${value} is too large`);
    },
    say: (wire, field) => {
      const value = Number(oxmNumber(field));
      if (field.mask || value > max) return false;
      wire[at] = value << shift;
      wire.wildcards &= ~wild[at];
      return true;
    },
  };
}

function mac(name: FieldName, at: 'dlSrc' | 'dlDst'): Row {
  return {
    read: (wire) => (isGiven(wire, at) ? oxm(name, wire[at]) : undefined),
    say: (wire, field) => {
      if (field.mask) return false;
      wire[at] = field.value;
      wire.wildcards &= ~wild[at];
      return true;
    },
  };
}

/** An address, or a network; of ARP, and not of RARP. */
function address(name: FieldName, at: 'nwSrc' | 'nwDst'): Row {
  return {
    read: (wire) => {
      const wildBits = (wire.wildcards >>> nwShift[at]) & 0x3f;
      return wildBits < 32 ? oxm(name, wire[at], prefixMask(32 - wildBits, 4)) : undefined;
    },
    say: (wire, field) => {
      const bits = field.mask ? prefixLength(field.mask) : 32;
      if (bits === undefined) return false;
      wire[at] = field.value;
      wire.wildcards = (wire.wildcards & ~wild[at]) | ((32 - bits) << nwShift[at]);
      return true;
    },
  };
}

/** ICMP's have 16 bits: what has more than 8 of them matches no packet, and is kept as it is. */
function icmp(name: FieldName, wide: FieldName, at: 'tpSrc' | 'tpDst'): Row {
  const [row, wider] = [number(name, at, 0xff), number(wide, at, 0xffff)];
  return { ...row, read: (wire) => (wire[at] > 0xff ? wider : row).read(wire) };
}

const inPort: Row = {
  read: (wire) => (isGiven(wire, 'inPort') ? oxm('in_port', portFrom10(wire.inPort)) : undefined),
  say: (wire, field) => {
    const port = portTo10(Number(oxmNumber(field)));
    if (port === undefined) return false;
    wire.inPort = port;
    wire.wildcards &= ~wild.inPort;
    return true;
  },
};

const vlanVid: Row = {
  read: (wire) => {
    // A priority says that there is a tag, whichever.
    const anyTag = oxm('vlan_vid', vlan.present, vlan.present);
    if (!isGiven(wire, 'dlVlan')) return isGiven(wire, 'dlVlanPcp') ? anyTag : undefined;
    if (wire.dlVlan === vlanNone) return oxm('vlan_vid', vlan.none);
    return oxm('vlan_vid', vlan.present | (wire.dlVlan & 0xfff));
  },
  say: (wire, field, match) => {
    const value = Number(oxmNumber(field));
    // Any tag: said by the priority's being given, and not otherwise.
    if (field.mask) {
      const isAnyTag = value === vlan.present && field.mask.join() === '16,0';
      return isAnyTag && fieldOf(match, 'vlan_pcp') !== undefined;
    }
    if (value !== vlan.none && (value & vlan.present) === 0) return false;
    wire.dlVlan = value === vlan.none ? vlanNone : value & 0xfff;
    wire.wildcards &= ~wild.dlVlan;
    // Without a tag there is no priority to leave open: as Open vSwitch says it.
    if (value === vlan.none) wire.wildcards &= ~wild.dlVlanPcp;
    return true;
  },
};

const vlanPcp: Row = {
  ...number('vlan_pcp', 'dlVlanPcp', 7),
  read: (wire) => {
    // A priority without a tag is none: as Open vSwitch reads the contradiction.
    const isNoTag = isGiven(wire, 'dlVlan') && wire.dlVlan === vlanNone;
    if (isNoTag || !isGiven(wire, 'dlVlanPcp')) return undefined;
    return oxm('vlan_pcp', wire.dlVlanPcp & 7);
  },
};

export const rows: { readonly [N in FieldName]?: Row } = {
  in_port: inPort,
  eth_src: mac('eth_src', 'dlSrc'),
  eth_dst: mac('eth_dst', 'dlDst'),
  vlan_vid: vlanVid,
  vlan_pcp: vlanPcp,
  eth_type: number('eth_type', 'dlType', 0xffff),
  arp_op: number('arp_op', 'nwProto', 0xff),
  arp_spa: address('arp_spa', 'nwSrc'),
  arp_tpa: address('arp_tpa', 'nwDst'),
  ipv4_src: address('ipv4_src', 'nwSrc'),
  ipv4_dst: address('ipv4_dst', 'nwDst'),
  ip_dscp: number('ip_dscp', 'nwTos', 63, 2),
  ip_proto: number('ip_proto', 'nwProto', 0xff),
  tcp_src: number('tcp_src', 'tpSrc', 0xffff),
  tcp_dst: number('tcp_dst', 'tpDst', 0xffff),
  udp_src: number('udp_src', 'tpSrc', 0xffff),
  udp_dst: number('udp_dst', 'tpDst', 0xffff),
  sctp_src: number('sctp_src', 'tpSrc', 0xffff),
  sctp_dst: number('sctp_dst', 'tpDst', 0xffff),
  icmpv4_type: icmp('icmpv4_type', 'icmp10_type', 'tpSrc'),
  icmpv4_code: icmp('icmpv4_code', 'icmp10_code', 'tpDst'),
  icmp10_type: number('icmp10_type', 'tpSrc', 0xffff),
  icmp10_code: number('icmp10_code', 'tpDst', 0xffff),
  icmpv6_type: number('icmpv6_type', 'tpSrc', 0xff),
  icmpv6_code: number('icmpv6_code', 'tpDst', 0xff),
};
