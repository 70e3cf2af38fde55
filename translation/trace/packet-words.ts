/**
 * A packet as a person writes it, as for ofproto/trace: `in_port=1,tcp,nw_dst=10.0.0.2`.
 */

import { bytesNumber } from '../../openflow/match/oxm.ts';
import { parseIpv4, parseIpv6, parseMac } from '../../openflow/values/addresses.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import { type FieldName, type FieldRow, fields } from '../../openflow/values/fields.ts';
import { nearNames } from '../../slices/near-names.ts';
import { emptyPacket, type Packet, seenIn, withValue } from './headers.ts';

export type ReadPacket = Packet | { readonly whyNot: string };

/** Ethertype and, where it says one, protocol. */
const kinds: Readonly<Record<string, readonly [number, number?]>> = {
  ip: [0x0800],
  arp: [0x0806],
  rarp: [0x8035],
  ipv6: [0x86dd],
  icmp: [0x0800, 1],
  tcp: [0x0800, 6],
  udp: [0x0800, 17],
  sctp: [0x0800, 132],
  icmp6: [0x86dd, 58],
  tcp6: [0x86dd, 6],
  udp6: [0x86dd, 17],
  sctp6: [0x86dd, 132],
};

/** What a word may mean; which one, the packet's other headers say. */
const meanings: ReadonlyMap<string, readonly FieldName[]> = meaningsOf();

function meaningsOf(): ReadonlyMap<string, readonly FieldName[]> {
  const found = new Map<string, FieldName[]>([
    ['nw_src', ['ipv4_src', 'arp_spa']],
    ['nw_dst', ['ipv4_dst', 'arp_tpa']],
    ['ip_src', ['ipv4_src']],
    ['ip_dst', ['ipv4_dst']],
    ['nw_proto', ['ip_proto', 'arp_op']],
  ]);
  for (const [name, row] of Object.entries(fields) as [FieldName, FieldRow][]) {
    if (/^(reg|nsh|nxm|pkt_mark|metadata|tunnel|in_phy|mpls|pbb)/.test(name)) continue;
    for (const word of new Set([name, row.printed ?? name])) {
      const known = found.get(word) ?? [];
      if (!known.includes(name)) found.set(word, [...known, name]);
    }
  }
  return found;
}

type Word = (packet: Packet, text: string) => ReadPacket;

/** What is no field by itself. */
const others: Readonly<Record<string, Word>> = {
  dl_vlan: (packet, text) =>
    ofNumber(text, 0xfff, (vid) => withValue(packet, 'vlan_vid', BigInt(vid))),
  nw_ttl: (packet, text) => ofNumber(text, 0xff, (ttl) => ({ ...packet, ttl })),
  nw_tos: (packet, text) =>
    ofNumber(text, 0xff, (tos) => withValue(packet, 'ip_dscp', BigInt(tos >> 2))),
  in_port: (packet, text) => {
    if (text.toUpperCase() === 'LOCAL') return { ...packet, inPort: ofpp.local };
    return ofNumber(text, ofpp.any, (inPort) => ({ ...packet, inPort }));
  },
};

function ofNumber(text: string, max: number, then: (value: number) => Packet): ReadPacket {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  return value <= max ? then(value) : { whyNot: `"${text}" is no number from 0 to ${max}` };
}

/** Kinds first, whatever the order: they say what other words mean. */
export function readPacketWords(text: string): ReadPacket {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  let packet: ReadPacket = emptyPacket;
  for (const word of [...words].sort((a, b) => rank(a) - rank(b))) {
    packet = readWord(packet, word);
    if ('whyNot' in packet) return { whyNot: `"${word}": ${packet.whyNot}` };
  }
  return packet;
}

/** Ethertype, then protocol, then what depends on them. */
function rank(word: string): number {
  if (Object.hasOwn(kinds, word)) return 0;
  if (/^(dl_type|eth_type)=/.test(word)) return 1;
  if (/^(nw_proto|ip_proto)=/.test(word)) return 2;
  return /^(icmp_type|icmpv6_type)=/.test(word) ? 3 : 4;
}

function readWord(packet: Packet, word: string): ReadPacket {
  const kind = Object.hasOwn(kinds, word) ? kinds[word] : undefined;
  if (kind !== undefined) {
    const [type, protocol] = kind;
    if (packet.type !== 0) return { whyNot: 'what kind of packet it is was said before' };
    const typed = { ...packet, type };
    return protocol === undefined ? typed : withValue(typed, 'ip_proto', BigInt(protocol));
  }
  const [, name = '', value] = /^([a-z_0-9]+)=(.*)$/i.exec(word) ?? [];
  if (value === undefined)
    return { whyNot: `no kind of packet; ${known(word, Object.keys(kinds))}` };
  const own = Object.hasOwn(others, name) ? others[name] : undefined;
  if (own !== undefined) return own(packet, value);
  const may = meanings.get(name);
  if (may === undefined) return { whyNot: `no field; ${known(name, [...meanings.keys()])}` };
  return readField(packet, may, value);
}

function known(word: string, all: readonly string[]): string {
  const near = nearNames(word, all);
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known: ${all.join(', ')}`;
}

function readField(packet: Packet, may: readonly FieldName[], text: string): ReadPacket {
  if (text.includes('/')) return { whyNot: 'a packet has a value there, and no mask' };
  const name = may.find((one) => one === 'eth_type' || seenIn(packet, one) !== undefined);
  if (name === undefined) {
    return { whyNot: 'a packet of this kind has no such field; say its kind first, as in "tcp"' };
  }
  const value = readValue(fields[name], text);
  if (value === undefined) return { whyNot: `"${text}" is no value of it` };
  if (name === 'eth_type') return { ...packet, type: Number(value) };
  const vid = name === 'vlan_vid' ? value & 0xfffn : value;
  return withValue(packet, name, vid);
}

function readValue({ format, bits, size }: FieldRow, text: string): bigint | undefined {
  const address = parseMac(text) ?? parseIpv4(text) ?? parseIpv6(text);
  if (address !== undefined) return address.length === size ? bytesNumber(address) : undefined;
  if (format === 'mac' || format === 'ipv4' || format === 'ipv6') return undefined;
  if (!/^(\d+|0x[0-9a-f]+)$/i.test(text)) return undefined;
  const value = BigInt(text);
  return value < 1n << BigInt(bits) ? value : undefined;
}
