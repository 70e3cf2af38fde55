/**
 * The packets that the conversations' hosts send: one of each protocol, with what a match can see.
 */
import {
  arpPacket,
  type EthernetParts,
  ethernetFrame,
  type IpParts,
  internetChecksum,
  ipv4Packet,
  ipv6Packet,
  tcpSegment,
  udpDatagram,
} from '../../../openflow/packet/frames.ts';

export const H1 = '00:00:00:00:00:01';
export const H2 = '00:00:00:00:00:02';
export const H3 = '00:00:00:00:00:03';
export const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const text = new TextEncoder().encode('what a packet says when nobody has asked it');

export function ether(type: number, parts: Partial<EthernetParts> = {}): Uint8Array {
  return ethernetFrame({ dst: H2, src: H1, type, payload: text, ...parts });
}

/** Of an ethertype that means nothing to a switch. */
export const plain = ether(0x88b6);

export function ip4(protocol: number, payload: Uint8Array, parts: Partial<IpParts> = {}) {
  const ends = { src: '10.0.0.1', dst: '10.0.0.2' };
  return ipv4Packet({ ...ends, protocol, tos: (10 << 2) | 1, payload, ...parts });
}

export function ip6(protocol: number, payload: Uint8Array, parts: Partial<IpParts> = {}) {
  const ends = { src: '2001:db8::1', dst: '2001:db8::2' };
  return ipv6Packet({ ...ends, protocol, tos: (10 << 2) | 1, payload, ...parts });
}

export type Tags = NonNullable<EthernetParts['vlan']>;

export function tcp(parts: Partial<IpParts> = {}, vlan: Tags = []): Uint8Array {
  const segment = tcpSegment({ src: 1000, dst: 80, payload: text });
  return ether(0x0800, { vlan, payload: ip4(6, segment, parts) });
}

export function udp(parts: Partial<IpParts> = {}): Uint8Array {
  const datagram = udpDatagram({ src: 1000, dst: 53, payload: text });
  return ether(0x0800, { payload: ip4(17, datagram, parts) });
}

export function sctp(dst = 5000): Uint8Array {
  return ether(0x0800, { payload: ip4(132, ports(1000, dst)) });
}

export function icmp(type: number, code: number): Uint8Array {
  return ether(0x0800, { payload: ip4(1, checked([type, code, 0, 0, 0, 1, 0, 1])) });
}

export function tcp6(parts: Partial<IpParts> = {}): Uint8Array {
  const segment = tcpSegment({ src: 1000, dst: 80, payload: text });
  return ether(0x86dd, { payload: ip6(6, segment, parts) });
}

/** With a flow label. */
export function labelled(label: number): Uint8Array {
  const frame = tcp6();
  frame.set([label >> 16, label >> 8, label], 15);
  frame[15] = ((frame[15] ?? 0) & 0x0f) | 0x10;
  return frame;
}

export function icmp6(type: number, code = 0): Uint8Array {
  return ether(0x86dd, { payload: ip6(58, Uint8Array.from([type, code, 0, 0, 0, 1, 0, 1])) });
}

/** A neighbour solicitation (135) or advertisement (136) for fe80::9, with H1's address. */
export function neighbour(type: 135 | 136): Uint8Array {
  const target = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
  const option = [type === 135 ? 1 : 2, 1, 0, 0, 0, 0, 0, 1];
  const body = Uint8Array.from([type, 0, 0, 0, 0, 0, 0, 0, ...target, ...option]);
  const ends = { src: 'fe80::1', dst: 'ff02::1:ff00:9' };
  const packet = ip6(58, body, ends);
  packet[7] = 255; // RFC 4861 section 7.1.1: hop limit, or it is no neighbour's.
  return ether(0x86dd, { dst: '33:33:ff:00:00:09', payload: packet });
}

export function arp(op = 1): Uint8Array {
  const tha = '00:00:00:00:00:00';
  const payload = arpPacket({ op, sha: H1, spa: '10.0.0.1', tha, tpa: '10.0.0.2' });
  return ether(0x0806, { dst: BROADCAST, payload });
}

/** Labels from the outermost; the last one has the bottom-of-stack bit. */
export function mpls(...labels: readonly number[]): Uint8Array {
  const entries = labels.flatMap((label, i) => {
    const bottom = i === labels.length - 1 ? 1 : 0;
    return [label >> 12, label >> 4, ((label & 15) << 4) | (3 << 1) | bottom, 64];
  });
  const inner = ip4(17, udpDatagram({ src: 1, dst: 2, payload: text }));
  return ether(0x8847, { payload: Uint8Array.from([...entries, ...inner]) });
}

export function withTtl(ttl: number): Uint8Array {
  const frame = tcp();
  frame[22] = ttl;
  frame.set([0, 0], 24);
  const sum = internetChecksum(frame.subarray(14, 34));
  frame.set([sum >> 8, sum & 0xff], 24);
  return frame;
}

function ports(src: number, dst: number): Uint8Array {
  return Uint8Array.from([src >> 8, src, dst >> 8, dst, 0, 0, 0, 0, 0, 0, 0, 0]);
}

function checked(bytes: readonly number[]): Uint8Array {
  const packet = Uint8Array.from(bytes);
  const sum = internetChecksum(packet);
  packet.set([sum >> 8, sum & 0xff], 2);
  return packet;
}
