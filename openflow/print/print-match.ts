/**
 * Matches and fields as `ovs-ofctl -O OpenFlow13` prints them.
 *
 * The order and the shorthands (`tcp` for an IPv4 match on protocol 6, `dl_vlan` for a plain vid)
 * are those of Open vSwitch's match_format(); a test compares them with the tool itself.
 */

import { fieldOf } from '../match/match.ts';
import { bytesNumber, oxmNumber } from '../match/oxm.ts';
import { formatIpv4, formatIpv6, formatMac, hex, prefixLength } from '../values/addresses.ts';
import { port, vlan } from '../values/constants.ts';
import { type Field, type FieldName, fieldByNumber, fields } from '../values/fields.ts';
import type { Match, Oxm } from '../values/values.ts';

/** What stands for exact eth_type, and for eth_type and ip_proto together. */
const etherNames: Readonly<Record<number, string>> = {
  2048: 'ip',
  2054: 'arp',
  32821: 'rarp',
  34525: 'ipv6',
  34887: 'mpls',
  34888: 'mplsm',
};
const protoNames: Readonly<Record<string, string>> = {
  'ip/1': 'icmp',
  'ip/6': 'tcp',
  'ip/17': 'udp',
  'ip/132': 'sctp',
  'ipv6/6': 'tcp6',
  'ipv6/17': 'udp6',
  'ipv6/58': 'icmp6',
  'ipv6/132': 'sctp6',
};

/** Registers first, then as match_format() goes; what OVS does not know comes last. */
const order: readonly FieldName[] = [
  ...(Object.keys(fields).filter((name) => name.startsWith('reg')) as FieldName[]),
  ...(['tunnel_id', 'metadata', 'in_port', 'nxm_in_port', 'vlan_vid', 'vlan_pcp'] as const),
  ...([
    'eth_src',
    'eth_dst',
    'eth_type',
    'nsh_spi',
    'nsh_si',
    'ipv6_src',
    'ipv6_dst',
    'ipv6_flabel',
    'arp_spa',
    'arp_tpa',
  ] as const),
  ...(['ipv4_src', 'ipv4_dst', 'ip_proto', 'arp_op', 'arp_sha', 'arp_tha'] as const),
  ...(['ip_dscp', 'ip_ecn', 'mpls_label', 'mpls_tc', 'mpls_bos', 'icmpv4_type'] as const),
  ...(['icmpv4_code', 'icmpv6_type', 'icmpv6_code', 'ipv6_nd_target', 'ipv6_nd_sll'] as const),
  ...(['ipv6_nd_tll', 'tcp_src', 'tcp_dst', 'udp_src', 'udp_dst', 'sctp_src', 'sctp_dst'] as const),
  ...(['in_phy_port', 'pbb_isid', 'ipv6_exthdr'] as const),
];

/** Comma-separated; the empty string for the match of everything. */
export function printMatch(match: Match): string {
  const parts: string[] = [];
  const said = new Set<FieldName>();
  const shorthand = shorthandOf(match, said);
  if (shorthand) parts.push(shorthand);
  for (const name of order) {
    const one = fieldOf(match, name);
    if (one && !said.has(name)) parts.push(printField(name, one, match));
  }
  for (const one of match) {
    if (!fieldByNumber(one.oxmClass, one.field)) parts.push(printUnknown(one));
  }
  return parts.filter((part) => part !== '').join(',');
}

/** `tcp`, `ip`, `arp`...; notes in `said` which fields that leaves nothing to say of. */
function shorthandOf(match: Match, said: Set<FieldName>): string | undefined {
  const type = fieldOf(match, 'eth_type');
  const ether = type && etherNames[Number(oxmNumber(type))];
  if (!ether) return undefined;
  said.add('eth_type');
  const proto = fieldOf(match, 'ip_proto');
  const name = proto && protoNames[`${ether}/${oxmNumber(proto)}`];
  if (name) said.add('ip_proto');
  return name ?? ether;
}

function printField(name: FieldName, one: Oxm, match: Match): string {
  if (name === 'vlan_vid') return printVid(one, match);
  if (name === 'ip_dscp') return `nw_tos=${oxmNumber(one) << 2n}`;
  const row: Field = { ...fields[name], name };
  // A match shows labels with all their digits; a set-field does not.
  if (name === 'ipv6_flabel') return `ipv6_label=${printLabel(one)}`;
  if (row.name === 'eth_type') return `dl_type=0x${hex(one.value)}`;
  return `${row.printed ?? row.name}=${printValue(row, one)}`;
}

function printLabel({ value, mask }: Oxm): string {
  const digits = (data: Uint8Array): string => `0x${hex(data).slice(3)}`;
  // A mask may have all of its 32 bits.
  const whole = mask && `0x${hex(mask).replace(/^0{0,3}/, '')}`;
  return whole ? `${digits(value)}/${whole}` : digits(value);
}

/** As a VLAN id where it is one, else as the TCI bits that count. */
function printVid(one: Oxm, match: Match): string {
  const number = Number(oxmNumber(one));
  const mask = one.mask ? Number(bytesNumber(one.mask)) : 0x1fff;
  const isPresent = (number & mask & vlan.present) !== 0;
  if (isPresent && mask === 0x1fff) return `dl_vlan=${number & 0xfff}`;
  if (isPresent && mask === vlan.present && fieldOf(match, 'vlan_pcp')) return '';
  const digits = (tci: number): string => `0x${tci.toString(16).padStart(4, '0')}`;
  return `vlan_tci=${digits(number)}/${digits(mask)}`;
}

/** A value, and its mask if it has one, in the field's own format. */
export function printValue(row: Field, one: Oxm): string {
  const value = format(row, one.value);
  if (!one.mask) return value;
  if (row.format === 'ipv4' || row.format === 'ipv6') {
    return `${value}/${prefixLength(one.mask) ?? format(row, one.mask)}`;
  }
  const masked: Field = row.format === 'mac' ? row : { ...row, format: 'hex' };
  return `${format(masked, one.value)}/${format(masked, one.mask)}`;
}

function format(row: Field, value: Uint8Array): string {
  switch (row.format) {
    case 'mac':
      return formatMac(value);
    case 'ipv4':
      return formatIpv4(value);
    case 'ipv6':
      return formatIpv6(value);
    case 'port':
      return printPort(Number(bytesNumber(value)));
    case 'hex':
      return `0x${bytesNumber(value).toString(16)}`;
    case 'decimal':
      return bytesNumber(value).toString();
  }
}

function printUnknown(one: Oxm): string {
  const mask = one.mask ? `/0x${hex(one.mask)}` : '';
  return `oxm_${one.oxmClass.toString(16)}_${one.field}=0x${hex(one.value)}${mask}`;
}

const portNames: ReadonlyMap<number, string> = new Map([
  [port.inPort, 'IN_PORT'],
  [port.table, 'TABLE'],
  [port.normal, 'NORMAL'],
  [port.flood, 'FLOOD'],
  [port.all, 'ALL'],
  [port.controller, 'CONTROLLER'],
  [port.local, 'LOCAL'],
  [port.any, 'ANY'],
]);

/** A port's number, or its name where it is reserved. */
export function printPort(portNo: number): string {
  return portNames.get(portNo) ?? String(portNo);
}
