/**
 * Every match field we know, one line each (OF1.3.5 section 7.2.3.7, table 12).
 *
 * A line is all there is to know about a field: its number, its size, whether it may be masked,
 * what must be matched before it, and how ovs-ofctl writes it. Validation (match.ts), printing
 * (print.ts) and packets (packet.ts) all read this table.
 */

import { oxmClass } from './constants.ts';

/** How a value is written. */
export type FieldFormat = 'decimal' | 'hex' | 'mac' | 'ipv4' | 'ipv6' | 'port';

export interface FieldRow {
  readonly oxmClass: number;
  readonly field: number;
  /** Bytes on the wire, and how many of their low bits count. */
  readonly size: number;
  readonly bits: number;
  /** How many bits a mask may have, where these are more: none of them is cut. */
  readonly maskBits?: number;
  readonly maskable: boolean;
  readonly format: FieldFormat;
  /** What ovs-ofctl prints, where that is not the specification's name. */
  readonly printed?: string;
  readonly needs?: Prerequisite;
}

/** What must be matched exactly before it: one of `values`, or (none given) whatever value. */
export interface Prerequisite {
  readonly field: string;
  readonly values: readonly number[];
  readonly and?: Prerequisite;
}

const exact = false;
const masks = true;

const ip = { field: 'eth_type', values: [0x0800, 0x86dd] };
const ipv4 = { field: 'eth_type', values: [0x0800] };
/** RARP has the same fields, as Open vSwitch sees it. */
const arp = { field: 'eth_type', values: [0x0806, 0x8035] };
const ipv6 = { field: 'eth_type', values: [0x86dd] };
const mpls = { field: 'eth_type', values: [0x8847, 0x8848] };
const nsh = { field: 'eth_type', values: [0x894f] };
const pbb = { field: 'eth_type', values: [0x88e7] };
const tagged = { field: 'vlan_vid', values: [] };
const tcp = { field: 'ip_proto', values: [6] };
const udp = { field: 'ip_proto', values: [17] };
const sctp = { field: 'ip_proto', values: [132] };
/** Table 12 names the protocol only; Open vSwitch has each in its own version of IP. */
const icmpv4 = { field: 'ip_proto', values: [1], and: ipv4 };
const icmpv6 = { field: 'ip_proto', values: [58], and: ipv6 };
const nd = { field: 'icmpv6_type', values: [135, 136] };
const ndSolicit = { field: 'icmpv6_type', values: [135] };
const ndAdvert = { field: 'icmpv6_type', values: [136] };
const inPort = { field: 'in_port', values: [] };

function basic(
  field: number,
  bits: number,
  maskable: boolean,
  format: FieldFormat,
  printed?: string,
  needs?: Prerequisite,
): FieldRow {
  const size = Math.ceil(bits / 8);
  return row(oxmClass.basic, field, size, bits, maskable, format, printed, needs);
}

function row(
  cls: number,
  field: number,
  size: number,
  bits: number,
  maskable: boolean,
  format: FieldFormat,
  printed?: string,
  needs?: Prerequisite,
): FieldRow {
  const made = { oxmClass: cls, field, size, bits, maskable, format };
  return { ...made, ...(printed && { printed }), ...(needs && { needs }) };
}

/** A Nicira register, as OVS takes it in OpenFlow 1.3 too. */
function register(field: number): FieldRow {
  return row(oxmClass.nxm1, field, 4, 32, masks, 'hex');
}

/** Ports and neighbours may be masked: table 12 says no, Open vSwitch has always let them be. */
export const fields = {
  in_port: basic(0, 32, exact, 'port'),
  in_phy_port: basic(1, 32, exact, 'port', undefined, inPort),
  metadata: basic(2, 64, masks, 'hex'),
  eth_dst: basic(3, 48, masks, 'mac', 'dl_dst'),
  eth_src: basic(4, 48, masks, 'mac', 'dl_src'),
  eth_type: basic(5, 16, exact, 'hex', 'dl_type'),
  vlan_vid: basic(6, 13, masks, 'hex'),
  vlan_pcp: basic(7, 3, exact, 'decimal', 'dl_vlan_pcp', tagged),
  ip_dscp: basic(8, 6, exact, 'decimal', undefined, ip),
  ip_ecn: basic(9, 2, exact, 'decimal', 'nw_ecn', ip),
  ip_proto: basic(10, 8, exact, 'decimal', 'nw_proto', ip),
  ipv4_src: basic(11, 32, masks, 'ipv4', 'nw_src', ipv4),
  ipv4_dst: basic(12, 32, masks, 'ipv4', 'nw_dst', ipv4),
  tcp_src: basic(13, 16, masks, 'decimal', 'tp_src', tcp),
  tcp_dst: basic(14, 16, masks, 'decimal', 'tp_dst', tcp),
  udp_src: basic(15, 16, masks, 'decimal', 'tp_src', udp),
  udp_dst: basic(16, 16, masks, 'decimal', 'tp_dst', udp),
  sctp_src: basic(17, 16, masks, 'decimal', 'tp_src', sctp),
  sctp_dst: basic(18, 16, masks, 'decimal', 'tp_dst', sctp),
  icmpv4_type: basic(19, 8, exact, 'decimal', 'icmp_type', icmpv4),
  icmpv4_code: basic(20, 8, exact, 'decimal', 'icmp_code', icmpv4),
  /** Of its 16 bits Open vSwitch takes 8. */
  arp_op: row(oxmClass.basic, 21, 2, 8, exact, 'decimal', undefined, arp),
  arp_spa: basic(22, 32, masks, 'ipv4', undefined, arp),
  arp_tpa: basic(23, 32, masks, 'ipv4', undefined, arp),
  arp_sha: basic(24, 48, masks, 'mac', undefined, arp),
  arp_tha: basic(25, 48, masks, 'mac', undefined, arp),
  ipv6_src: basic(26, 128, masks, 'ipv6', undefined, ipv6),
  ipv6_dst: basic(27, 128, masks, 'ipv6', undefined, ipv6),
  /** Open vSwitch keeps a mask's other bits, and says them. */
  ipv6_flabel: {
    ...row(oxmClass.basic, 28, 4, 20, masks, 'hex', 'ipv6_label', ipv6),
    maskBits: 32,
  },
  icmpv6_type: basic(29, 8, exact, 'decimal', 'icmp_type', icmpv6),
  icmpv6_code: basic(30, 8, exact, 'decimal', 'icmp_code', icmpv6),
  ipv6_nd_target: basic(31, 128, masks, 'ipv6', 'nd_target', nd),
  ipv6_nd_sll: basic(32, 48, masks, 'mac', 'nd_sll', ndSolicit),
  ipv6_nd_tll: basic(33, 48, masks, 'mac', 'nd_tll', ndAdvert),
  mpls_label: row(oxmClass.basic, 34, 4, 20, exact, 'decimal', undefined, mpls),
  mpls_tc: basic(35, 3, exact, 'decimal', undefined, mpls),
  mpls_bos: basic(36, 1, exact, 'decimal', undefined, mpls),
  pbb_isid: basic(37, 24, masks, 'hex', undefined, pbb),
  tunnel_id: basic(38, 64, masks, 'hex', 'tun_id'),
  ipv6_exthdr: basic(39, 9, masks, 'hex', undefined, ipv6),
  /** ICMP's fields have 16 bits in a match of 1.0; no packet has more than 8 of them. */
  icmp10_type: row(oxmClass.only10, 0, 2, 16, exact, 'decimal', 'icmp_type'),
  icmp10_code: row(oxmClass.only10, 1, 2, 16, exact, 'decimal', 'icmp_code'),
  /** NXM_OF_IN_PORT: unlike OXM's, Open vSwitch lets it be set to 0, "no port". */
  nxm_in_port: row(oxmClass.nxm0, 0, 2, 16, exact, 'decimal', 'in_port'),
  reg0: register(0),
  reg1: register(1),
  reg2: register(2),
  reg3: register(3),
  reg4: register(4),
  reg5: register(5),
  reg6: register(6),
  reg7: register(7),
  reg8: register(8),
  reg9: register(9),
  reg10: register(10),
  reg11: register(11),
  reg12: register(12),
  reg13: register(13),
  reg14: register(14),
  reg15: register(15),
  /** NXM_NX_PKT_MARK: the mark of the machine's own packet filter; 0 in Open vSwitch's datapath. */
  pkt_mark: register(33),
  /** Of the network service header (RFC 8300 section 2.3): the path, and the place on it. */
  nsh_spi: row(oxmClass.nsh, 4, 4, 24, exact, 'hex', undefined, nsh),
  nsh_si: row(oxmClass.nsh, 5, 1, 8, exact, 'decimal', undefined, nsh),
} as const satisfies Record<string, FieldRow>;

export type FieldName = keyof typeof fields;
/** A row with its name. */
export type Field = FieldRow & { readonly name: FieldName };

/** Rows by (class, field), as a TLV has them. */
const byNumber = new Map<number, Field>();
for (const [name, known] of Object.entries(fields)) {
  byNumber.set(known.oxmClass * 128 + known.field, { ...known, name: name as FieldName });
}

/** The field that a TLV's class and number name; undefined when we know none. */
export function fieldByNumber(cls: number, field: number): Field | undefined {
  return byNumber.get(cls * 128 + field);
}

/** A field's TLV header, without a mask: how actions name it. */
export function headerOf({
  oxmClass,
  field,
  size,
}: Pick<FieldRow, 'oxmClass' | 'field' | 'size'>): number {
  return oxmClass * 0x1_0000 + field * 0x200 + size;
}
