/**
 * ofp_match of OpenFlow 1.0, from and to a canonical match (OF1.0.1 section 5.2.3).
 *
 * What 1.0 can say comes back as it was. Fields that a packet of this kind does not have mean
 * nothing in 1.0; Open vSwitch leaves them out, and so do we. For other versions' matches
 * `unsaidInMatch` names what 1.0 cannot say, and `matchPart10` leaves that wild.
 */

import { prefixLength, prefixMask } from './addresses.ts';
import { vlan } from './constants.ts';
import { isError, ofError } from './errors.ts';
import { type FieldName, fieldByNumber } from './fields.ts';
import type { ValuesOf } from './layout.ts';
import { normalMatch, oxm, oxmNumber } from './match.ts';
import { match10 as layout } from './match-layouts.ts';
import { portFrom10, portTo10 } from './numbers10.ts';
import type { At, Part } from './struct.ts';
import type { Match, OfError, Oxm } from './structure-values.ts';

type Wire = ValuesOf<typeof layout>;

/** OFPFW_*. A network address is wild in as many low bits as its six bits say. */
const wild = {
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
const wildAll = 0x3fffff;
const nwShift = { nwSrc: 8, nwDst: 14 } as const;

/** OFP_VLAN_NONE: without a tag. */
const vlanNone = 0xffff;

const ethertype = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
const protocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;

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

function readMatch10(dv: DataView, at: number): At<Match> | OfError {
  const wire = layout.read(dv, at);
  const oxms: Oxm[] = [];
  const given = (field: keyof typeof wild): boolean => (wire.wildcards & wild[field]) === 0;
  if (given('inPort')) oxms.push(oxm('in_port', portFrom10(wire.inPort)));
  if (given('dlSrc')) oxms.push(oxm('eth_src', wire.dlSrc));
  if (given('dlDst')) oxms.push(oxm('eth_dst', wire.dlDst));
  oxms.push(...readVlan(wire, given('dlVlan'), given('dlVlanPcp')));
  if (given('dlType')) {
    oxms.push(oxm('eth_type', wire.dlType));
    const network = readNetwork(wire, given);
    if (isError(network)) return network;
    oxms.push(...network);
  }
  return { value: normalMatch(oxms), size: layout.size };
}

function readVlan(wire: Wire, hasVid: boolean, hasPcp: boolean): Oxm[] {
  // No tag, whatever the priority: as Open vSwitch reads the contradiction.
  if (hasVid && wire.dlVlan === vlanNone) return [oxm('vlan_vid', vlan.none)];
  const vid = vlan.present | (wire.dlVlan & 0xfff);
  const pcp = hasPcp ? [oxm('vlan_pcp', wire.dlVlanPcp & 7)] : [];
  if (hasVid) return [oxm('vlan_vid', vid), ...pcp];
  return hasPcp ? [oxm('vlan_vid', vlan.present, vlan.present), ...pcp] : [];
}

type Given = (field: keyof typeof wild) => boolean;

function readNetwork(wire: Wire, given: Given): Oxm[] | OfError {
  const isArp = wire.dlType === ethertype.arp;
  const isIpv4 = wire.dlType === ethertype.ipv4;
  const oxms: Oxm[] = [];
  if (isArp || isIpv4) {
    const address = (field: 'nwSrc' | 'nwDst', name: FieldName): void => {
      const wildBits = (wire.wildcards >>> nwShift[field]) & 0x3f;
      if (wildBits < 32) oxms.push(oxm(name, wire[field], prefixMask(32 - wildBits, 4)));
    };
    address('nwSrc', isArp ? 'arp_spa' : 'ipv4_src');
    address('nwDst', isArp ? 'arp_tpa' : 'ipv4_dst');
  }
  if (isArp && given('nwProto')) oxms.push(oxm('arp_op', wire.nwProto));
  if (isIpv4 || wire.dlType === ethertype.ipv6) {
    if (given('nwTos')) oxms.push(oxm('ip_dscp', wire.nwTos >> 2));
    if (given('nwProto')) {
      oxms.push(oxm('ip_proto', wire.nwProto));
      const transport = readTransport(wire, given, isIpv4);
      if (isError(transport)) return transport;
      oxms.push(...transport);
    }
  }
  return oxms;
}

/** The names of tp_src and tp_dst by protocol. */
function transportNames(
  proto: number,
  isIpv4: boolean,
): readonly [FieldName, FieldName] | undefined {
  if (proto === protocol.tcp) return ['tcp_src', 'tcp_dst'];
  if (proto === protocol.udp) return ['udp_src', 'udp_dst'];
  if (proto === protocol.sctp) return ['sctp_src', 'sctp_dst'];
  if (proto === protocol.icmp && isIpv4) return ['icmpv4_type', 'icmpv4_code'];
  if (proto === protocol.icmpv6 && !isIpv4) return ['icmpv6_type', 'icmpv6_code'];
  return undefined;
}

function readTransport(wire: Wire, given: Given, isIpv4: boolean): Oxm[] | OfError {
  const names = transportNames(wire.nwProto, isIpv4);
  if (names === undefined) return [];
  const oxms: Oxm[] = [];
  for (const [field, name] of [['tpSrc', names[0]] as const, ['tpDst', names[1]] as const]) {
    if (!given(field)) continue;
    const isIcmp = name.startsWith('icmp');
    if (isIcmp && wire[field] > 0xff) {
      return ofError('badMatch', 'badValue', `${name} ${wire[field]} is too large`);
    }
    oxms.push(oxm(name, wire[field]));
  }
  return oxms;
}

/** Why 1.0 cannot say this match; undefined when it can. */
export function unsaidInMatch(match: Match): string | undefined {
  return toWire(match).unsaid;
}

/** Whether 1.0 says the match with every field given: its priority is then the highest. */
export function isExactMatch(match: Match): boolean {
  return (toWire(match).wire.wildcards & wildAll) === 0;
}

interface Said {
  readonly wire: Wire;
  readonly unsaid: string | undefined;
}

function toWire(match: Match): Said {
  const wire: Wire = {
    wildcards:
      (wildAll & ~(wild.nwSrc | wild.nwDst)) | (32 << nwShift.nwSrc) | (32 << nwShift.nwDst),
    inPort: 0,
    dlSrc: new Uint8Array(6),
    dlDst: new Uint8Array(6),
    dlVlan: 0,
    dlVlanPcp: 0,
    dlType: 0,
    nwTos: 0,
    nwProto: 0,
    nwSrc: new Uint8Array(4),
    nwDst: new Uint8Array(4),
    tpSrc: 0,
    tpDst: 0,
  };
  let unsaid: string | undefined;
  for (const field of match) {
    const name = fieldByNumber(field.oxmClass, field.field)?.name;
    const isSaid = name !== undefined && sayers[name]?.(wire, field, match) === true;
    if (!isSaid) unsaid ??= `OpenFlow 1.0 cannot match ${name ?? `field ${field.field}`} so`;
  }
  return { wire, unsaid };
}

/** Says one field in the wire's values; false when it cannot be said. */
type Sayer = (wire: Wire, field: Oxm, match: Match) => boolean;

type NumberField = 'dlVlanPcp' | 'dlType' | 'nwTos' | 'nwProto' | 'tpSrc' | 'tpDst';

/** A field that is exact, and at most `max`. */
function exact(to: NumberField, max: number, shift = 0): Sayer {
  return (wire, field) => {
    const value = Number(oxmNumber(field));
    if (field.mask || value > max) return false;
    wire[to] = value << shift;
    wire.wildcards &= ~wild[to];
    return true;
  };
}

function mac(to: 'dlSrc' | 'dlDst'): Sayer {
  return (wire, field) => {
    if (field.mask) return false;
    wire[to] = field.value;
    wire.wildcards &= ~wild[to];
    return true;
  };
}

function address(to: 'nwSrc' | 'nwDst'): Sayer {
  return (wire, field) => {
    const bits = field.mask ? prefixLength(field.mask) : 32;
    if (bits === undefined) return false;
    wire[to] = field.value;
    wire.wildcards = (wire.wildcards & ~wild[to]) | ((32 - bits) << nwShift[to]);
    return true;
  };
}

const sayers: { readonly [N in FieldName]?: Sayer } = {
  in_port: (wire, field) => {
    const number = portTo10(Number(oxmNumber(field)));
    if (number === undefined) return false;
    wire.inPort = number;
    wire.wildcards &= ~wild.inPort;
    return true;
  },
  eth_src: mac('dlSrc'),
  eth_dst: mac('dlDst'),
  eth_type: exact('dlType', 0xffff),
  vlan_vid: (wire, field, match) => {
    const value = Number(oxmNumber(field));
    // Any tag: said by the priority's being given, and not otherwise.
    if (field.mask) {
      const isAnyTag = value === vlan.present && field.mask.join() === '16,0';
      return isAnyTag && match.some((other) => isPcp(other));
    }
    if (value !== vlan.none && (value & vlan.present) === 0) return false;
    wire.dlVlan = value === vlan.none ? vlanNone : value & 0xfff;
    wire.wildcards &= ~wild.dlVlan;
    return true;
  },
  vlan_pcp: exact('dlVlanPcp', 7),
  ip_dscp: exact('nwTos', 63, 2),
  ip_proto: exact('nwProto', 0xff),
  arp_op: exact('nwProto', 0xff),
  ipv4_src: address('nwSrc'),
  ipv4_dst: address('nwDst'),
  arp_spa: address('nwSrc'),
  arp_tpa: address('nwDst'),
  tcp_src: exact('tpSrc', 0xffff),
  tcp_dst: exact('tpDst', 0xffff),
  udp_src: exact('tpSrc', 0xffff),
  udp_dst: exact('tpDst', 0xffff),
  sctp_src: exact('tpSrc', 0xffff),
  sctp_dst: exact('tpDst', 0xffff),
  icmpv4_type: exact('tpSrc', 0xff),
  icmpv4_code: exact('tpDst', 0xff),
  icmpv6_type: exact('tpSrc', 0xff),
  icmpv6_code: exact('tpDst', 0xff),
};

function isPcp(field: Oxm): boolean {
  return fieldByNumber(field.oxmClass, field.field)?.name === 'vlan_pcp';
}
