/**
 * The fields that a match sees of a data-plane packet, and whether a match matches it.
 *
 * Extraction follows OF1.3.5 section 7.2.3.7: a field whose header is absent (or cut off) has no
 * value, and no match on it matches, masked or not. Used by the simulator's switches, by proofs
 * about rules, and for packet-outs that do more than output. Bytes are a host's: nothing here
 * throws on them.
 */

import { type AnyLayout, bytesOf } from '../layout/layout.ts';
import { numberBytes } from '../match/oxm.ts';
import { vlan } from '../values/constants.ts';
import { type FieldName, fieldByNumber } from '../values/fields.ts';
import type { Match, Oxm } from '../values/values.ts';
import * as head from './packet-headers.ts';

export { type EthernetParts, ethernetFrame } from './frames.ts';

/** A packet's fields, each of the size it has in a match. Those it has not are absent. */
export type PacketFields = { readonly [N in FieldName]?: Uint8Array };
type Found = { -readonly [N in FieldName]?: Uint8Array };

/** What a packet has besides its bytes. Registers and tunnel id are zero when not said. */
export interface PipelineFields {
  readonly inPort: number;
  readonly metadata: bigint;
  readonly inPhyPort?: number;
  readonly tunnelId?: bigint;
  readonly registers?: readonly number[];
}

/** A place in a packet: what is left of it starts at `at`. */
interface Cursor {
  readonly dv: DataView;
  readonly at: number;
}

/** ethertypes that are VLAN tags. */
const tagTypes: readonly number[] = [0x8100, 0x88a8];
/** What OVS says of an 802.3 frame without SNAP: no ethertype has this number. */
const noEthertype = 0x05ff;

export function parsePacket(packet: Uint8Array): PacketFields {
  const dv = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const found: Found = {};
  if (!has({ dv, at: 0 }, head.ethernet)) return found;
  found.eth_dst = head.ethernet.get.dst(dv, 0);
  found.eth_src = head.ethernet.get.src(dv, 0);
  found.vlan_vid = numberBytes(BigInt(vlan.none), 2);
  let at: number = head.ethernet.size;
  let tags = 0;
  for (; tags < 2 && has({ dv, at }, head.vlanTag); tags++) {
    const { tpid, tci } = head.vlanTag.read(dv, at);
    if (!tagTypes.includes(tpid)) break;
    if (tags === 0) {
      found.vlan_vid = numberBytes(BigInt((tci & 0xfff) | vlan.present), 2);
      found.vlan_pcp = Uint8Array.of(tci >> 13);
    }
    at += head.vlanTag.size;
  }
  if (at + 2 > dv.byteLength) return found;
  const type = dv.getUint16(at);
  const snap = type < 0x600 && isSnap({ dv, at: at + 2 });
  const ethertype = type >= 0x600 ? type : snap ? dv.getUint16(at + 8) : noEthertype;
  found.eth_type = numberBytes(BigInt(ethertype), 2);
  parsers[ethertype]?.({ dv, at: at + (snap ? 10 : 2) }, found);
  return found;
}

type Parser = (from: Cursor, found: Found) => void;

const parsers: Readonly<Record<number, Parser>> = {
  2048: parseIpv4,
  2054: parseArp,
  34525: parseIpv6,
  34887: parseMpls,
  34888: parseMpls,
  35047: parsePbb,
};

function has(from: Cursor, layout: AnyLayout): boolean {
  return from.at + layout.size <= from.dv.byteLength;
}

/** LLC aa aa 03 and organisation zero, then an ethertype (RFC 1042). */
function isSnap({ dv, at }: Cursor): boolean {
  if (at + 8 > dv.byteLength) return false;
  return dv.getUint32(at) === 0xaaaa0300 && dv.getUint16(at + 4) === 0;
}

function parseArp(from: Cursor, found: Found): void {
  if (!has(from, head.arp)) return;
  const { hardwareSize, protocolSize, op, sha, spa, tha, tpa } = head.arp.read(from.dv, from.at);
  if (hardwareSize !== 6 || protocolSize !== 4) return;
  found.arp_op = numberBytes(BigInt(op), 2);
  found.arp_sha = sha;
  found.arp_spa = spa;
  found.arp_tha = tha;
  found.arp_tpa = tpa;
}

function parseIpv4(from: Cursor, found: Found): void {
  if (!has(from, head.ipv4)) return;
  const { dv, at } = from;
  const { versionAndSize, tos, fragment, protocol, src, dst } = head.ipv4.read(dv, at);
  const size = (versionAndSize & 15) * 4;
  if (versionAndSize >> 4 !== 4 || size < head.ipv4.size || at + size > dv.byteLength) return;
  putIp(found, tos, protocol);
  found.ipv4_src = src;
  found.ipv4_dst = dst;
  const isFirst = (fragment & 0x1fff) === 0;
  if (isFirst) transports[protocol]?.({ dv, at: at + size }, found);
  if (isFirst && protocol === 1) parseIcmp4({ dv, at: at + size }, found);
}

function parseIpv6(from: Cursor, found: Found): void {
  if (!has(from, head.ipv6)) return;
  const { versionClassLabel, nextHeader, src, dst } = head.ipv6.read(from.dv, from.at);
  if (versionClassLabel >>> 28 !== 6) return;
  putIp(found, (versionClassLabel >>> 20) & 0xff, nextHeader);
  found.ipv6_src = src;
  found.ipv6_dst = dst;
  found.ipv6_flabel = numberBytes(BigInt(versionClassLabel & 0xfffff), 4);
  const next = { dv: from.dv, at: from.at + head.ipv6.size };
  transports[nextHeader]?.(next, found);
  if (nextHeader === 58) parseIcmp6(next, found);
}

function putIp(found: Found, tos: number, protocol: number): void {
  found.ip_dscp = Uint8Array.of(tos >> 2);
  found.ip_ecn = Uint8Array.of(tos & 3);
  found.ip_proto = Uint8Array.of(protocol);
}

/** Ports by IP protocol number: a header must be there as a whole to have them. */
const transports: Readonly<Record<number, Parser>> = {
  6: portsOf('tcp_src', 'tcp_dst', head.tcp.size),
  17: portsOf('udp_src', 'udp_dst', head.udp.size),
  132: portsOf('sctp_src', 'sctp_dst', 12),
};

function portsOf(src: FieldName, dst: FieldName, headerSize: number): Parser {
  return ({ dv, at }, found) => {
    if (at + headerSize > dv.byteLength) return;
    found[src] = bytesOf(dv, at + head.ports.offset.src, 2).slice();
    found[dst] = bytesOf(dv, at + head.ports.offset.dst, 2).slice();
  };
}

function parseIcmp4(from: Cursor, found: Found): void {
  if (!has(from, head.icmp)) return;
  const { type, code } = head.icmp.read(from.dv, from.at);
  found.icmpv4_type = Uint8Array.of(type);
  found.icmpv4_code = Uint8Array.of(code);
}

function parseIcmp6(from: Cursor, found: Found): void {
  if (!has(from, head.icmp)) return;
  const { type, code } = head.icmp.read(from.dv, from.at);
  found.icmpv6_type = Uint8Array.of(type);
  found.icmpv6_code = Uint8Array.of(code);
  const isNeighbour = (type === 135 || type === 136) && code === 0;
  if (!isNeighbour || !has(from, head.neighbour)) return;
  found.ipv6_nd_target = head.neighbour.get.target(from.dv, from.at);
  const { dv } = from;
  for (let at = from.at + head.neighbour.size; has({ dv, at }, head.linkOption); ) {
    const option = head.linkOption.read(dv, at);
    if (option.units === 0) return;
    if (type === 135 && option.type === 1) found.ipv6_nd_sll = option.address;
    if (type === 136 && option.type === 2) found.ipv6_nd_tll = option.address;
    at += option.units * head.linkOption.size;
  }
}

function parseMpls(from: Cursor, found: Found): void {
  if (!has(from, head.mpls)) return;
  const entry = head.mpls.get.entry(from.dv, from.at);
  found.mpls_label = numberBytes(BigInt(entry >>> 12), 4);
  found.mpls_tc = Uint8Array.of((entry >> 9) & 7);
  found.mpls_bos = Uint8Array.of((entry >> 8) & 1);
}

function parsePbb(from: Cursor, found: Found): void {
  if (has(from, head.pbb)) found.pbb_isid = head.pbb.get.isid(from.dv, from.at);
}

/** Does the match match this packet, come in as `pipeline` says? A field unknown to us: no. */
export function matchesPacket(
  match: Match,
  packet: PacketFields,
  pipeline: PipelineFields,
): boolean {
  return match.every((one) => {
    const name = fieldByNumber(one.oxmClass, one.field)?.name;
    if (!name) return false;
    const value = packet[name] ?? pipelineField(name, pipeline);
    return value !== undefined && agrees(one, value);
  });
}

/** What a packet has of a field without having it in its bytes. */
export function pipelineField(name: FieldName, pipeline: PipelineFields): Uint8Array | undefined {
  switch (name) {
    case 'in_port':
      return numberBytes(BigInt(pipeline.inPort), 4);
    case 'in_phy_port':
      return numberBytes(BigInt(pipeline.inPhyPort ?? pipeline.inPort), 4);
    case 'metadata':
      return numberBytes(pipeline.metadata, 8);
    case 'tunnel_id':
      return numberBytes(pipeline.tunnelId ?? 0n, 8);
    default:
      if (!name.startsWith('reg')) return undefined;
      return numberBytes(BigInt(pipeline.registers?.[Number(name.slice(3))] ?? 0), 4);
  }
}

function agrees({ value, mask }: Oxm, actual: Uint8Array): boolean {
  return value.every((byte, i) => ((byte ^ (actual[i] ?? 0)) & (mask?.[i] ?? 0xff)) === 0);
}
