/**
 * Builds data-plane packets from their parts: for probes, labs and tests (packet.ts parses them).
 *
 * For our own values: an address that is none is our mistake, and throws.
 */

import { parseIpv4, parseIpv6, parseMac } from '../values/addresses.ts';
import * as head from './packet-headers.ts';

/** An address as bytes or as text. */
export type Address = Uint8Array | string;

export interface VlanParts {
  readonly vid: number;
  readonly pcp?: number;
  /** 0x8100 when not said. */
  readonly tpid?: number;
}

export interface EthernetParts {
  readonly dst: Address;
  readonly src: Address;
  /** The ethertype after the tags. */
  readonly type: number;
  /** A vid, a tag, or several tags, the outermost first. */
  readonly vlan?: number | VlanParts | readonly VlanParts[];
  readonly payload: Uint8Array;
}

export function ethernetFrame(parts: EthernetParts): Uint8Array {
  const tags = tagsOf(parts.vlan);
  const typeAt = head.ethernet.size + tags.length * head.vlanTag.size;
  const { frame, dv } = blank(typeAt + 2, parts.payload);
  head.ethernet.write(dv, 0, { dst: address(parts.dst), src: address(parts.src) });
  for (const [index, { vid, pcp, tpid }] of tags.entries()) {
    const at = head.ethernet.size + index * head.vlanTag.size;
    head.vlanTag.write(dv, at, { tpid: tpid ?? 0x8100, tci: ((pcp ?? 0) << 13) | vid });
  }
  dv.setUint16(typeAt, parts.type);
  return frame;
}

export interface IpParts {
  readonly src: Address;
  readonly dst: Address;
  readonly protocol: number;
  /** DSCP and ECN. */
  readonly tos?: number;
  readonly payload: Uint8Array;
}

export function ipv4Packet(parts: IpParts): Uint8Array {
  const { frame, dv } = blank(head.ipv4.size, parts.payload);
  head.ipv4.write(dv, 0, {
    versionAndSize: 0x45,
    tos: parts.tos ?? 0,
    totalLength: frame.length,
    id: 0,
    fragment: 0,
    ttl: 64,
    protocol: parts.protocol,
    checksum: 0,
    src: address(parts.src),
    dst: address(parts.dst),
  });
  head.ipv4.set.checksum(dv, 0, internetChecksum(frame.subarray(0, head.ipv4.size)));
  return frame;
}

export function ipv6Packet(parts: IpParts): Uint8Array {
  const { frame, dv } = blank(head.ipv6.size, parts.payload);
  head.ipv6.write(dv, 0, {
    versionClassLabel: 0x60000000 + (parts.tos ?? 0) * 0x100000,
    payloadLength: parts.payload.length,
    nextHeader: parts.protocol,
    hopLimit: 64,
    src: address(parts.src),
    dst: address(parts.dst),
  });
  return frame;
}

export interface PortParts {
  readonly src: number;
  readonly dst: number;
  readonly payload?: Uint8Array;
}

/** Without a checksum (RFC 768 allows that over IPv4). */
export function udpDatagram({ src, dst, payload }: PortParts): Uint8Array {
  const { frame, dv } = blank(head.udp.size, payload ?? new Uint8Array());
  head.udp.write(dv, 0, { src, dst, length: frame.length, checksum: 0 });
  return frame;
}

/** A bare segment without a checksum: enough for a switch, not for a host. */
export function tcpSegment({ src, dst, payload }: PortParts): Uint8Array {
  const { frame, dv } = blank(head.tcp.size, payload ?? new Uint8Array());
  head.tcp.set.src(dv, 0, src);
  head.tcp.set.dst(dv, 0, dst);
  head.tcp.set.offsetAndFlags(dv, 0, (5 << 12) | 2);
  return frame;
}

export interface ArpParts {
  /** 1 asks, 2 answers. */
  readonly op: number;
  readonly sha: Address;
  readonly spa: Address;
  readonly tha: Address;
  readonly tpa: Address;
}

export function arpPacket(parts: ArpParts): Uint8Array {
  const { frame, dv } = blank(head.arp.size, new Uint8Array());
  head.arp.write(dv, 0, {
    hardware: 1,
    protocol: 0x0800,
    hardwareSize: 6,
    protocolSize: 4,
    op: parts.op,
    sha: address(parts.sha),
    spa: address(parts.spa),
    tha: address(parts.tha),
    tpa: address(parts.tpa),
  });
  return frame;
}

/** RFC 1071, over an even number of bytes. */
export function internetChecksum(data: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i + 1 < data.length; i += 2) sum += (data[i] ?? 0) * 256 + (data[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function tagsOf(given: EthernetParts['vlan']): readonly VlanParts[] {
  if (given === undefined) return [];
  if (typeof given === 'number') return [{ vid: given }];
  return 'vid' in given ? [given] : given;
}

function address(given: Address): Uint8Array {
  if (typeof given !== 'string') return given;
  const parsed = parseMac(given) ?? parseIpv4(given) ?? parseIpv6(given);
  if (!parsed) throw new Error(`no address: ${given}`);
  return parsed;
}

/** A header's room, then the payload. */
function blank(headerSize: number, payload: Uint8Array): { frame: Uint8Array; dv: DataView } {
  const frame = new Uint8Array(headerSize + payload.length);
  frame.set(payload, headerSize);
  return { frame, dv: new DataView(frame.buffer) };
}
