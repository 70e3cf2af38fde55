/**
 * A packet on paper: its headers as fields, and the state that a switch keeps with it. A field
 * without a given value is zero, as in Open vSwitch's ofproto/trace.
 *
 * A switch looks behind one tag (Open vSwitch's `vlan-limit`), and sees the ethertype of the next.
 */

import { matchOf } from '../../openflow/match/match.ts';
import { bytesNumber, numberBytes, oxm, oxmNumber } from '../../openflow/match/oxm.ts';
import type { PacketFields } from '../../openflow/packet/packet.ts';
import { printMatch } from '../../openflow/print/print-match.ts';
import { vlan } from '../../openflow/values/constants.ts';
import {
  type FieldName,
  fieldByNumber,
  fields,
  type Prerequisite,
} from '../../openflow/values/fields.ts';
import type { Match } from '../../openflow/values/values.ts';

export interface FrameTag {
  readonly tpid: number;
  readonly vid: number;
  readonly pcp: number;
}

/** An MPLS label; `ethertype` is what stands before it. */
export interface Label {
  readonly ethertype: number;
  readonly label: number;
  readonly tc: number;
  readonly ttl: number;
}

/** A network service header of ours around it; `isBare`: without the frame around that. */
export interface Wrapping {
  readonly path: number;
  readonly place: number;
  readonly isBare: boolean;
  readonly src: bigint;
  readonly dst: bigint;
}

export interface Packet {
  /** The port of the switch that looks at it. */
  readonly inPort: number;
  readonly metadata: bigint;
  /** By name; those that are not there are zero. */
  readonly registers: ReadonlyMap<string, bigint>;
  readonly src: bigint;
  readonly dst: bigint;
  /** Outermost first. */
  readonly tags: readonly FrameTag[];
  readonly labels: readonly Label[];
  /** Of what is behind tags and labels. */
  readonly type: number;
  /** Of IP. */
  readonly ttl: number;
  /** Of what that is. */
  readonly fields: ReadonlyMap<FieldName, bigint>;
  readonly wrapping?: Wrapping | undefined;
}

export const emptyPacket: Packet = {
  inPort: 0,
  metadata: 0n,
  registers: new Map(),
  src: 0n,
  dst: 0n,
  tags: [],
  labels: [],
  type: 0,
  ttl: 64,
  fields: new Map(),
};

export const NSH = 0x894f;

/** What Open vSwitch writes into one. */
export const newHeader = { path: 0, place: 255 } as const;

type Reader = (packet: Packet) => bigint | undefined;

const readers: Partial<Record<FieldName, Reader>> = {
  in_port: ({ inPort }) => BigInt(inPort),
  in_phy_port: ({ inPort }) => BigInt(inPort),
  nxm_in_port: ({ inPort }) => BigInt(inPort & 0xffff),
  metadata: ({ metadata }) => metadata,
  tunnel_id: () => 0n,
  pkt_mark: () => 0n,
  eth_src: ({ src, wrapping }) => (wrapping === undefined ? src : outer(wrapping)?.src),
  eth_dst: ({ dst, wrapping }) => (wrapping === undefined ? dst : outer(wrapping)?.dst),
  eth_type: (packet) => BigInt(typeSeen(packet)),
  vlan_vid: ({ tags: [tag], wrapping }) =>
    tag === undefined || wrapping !== undefined
      ? BigInt(vlan.none)
      : BigInt(vlan.present | tag.vid),
  vlan_pcp: ({ tags: [tag], wrapping }) =>
    tag === undefined || wrapping !== undefined ? undefined : BigInt(tag.pcp),
  mpls_label: (packet) => labelSeen(packet, ({ label }) => label),
  mpls_tc: (packet) => labelSeen(packet, ({ tc }) => tc),
  mpls_bos: (packet) => labelSeen(packet, () => (packet.labels.length === 1 ? 1 : 0)),
  nsh_spi: ({ wrapping }) => wrapping && BigInt(wrapping.path),
  nsh_si: ({ wrapping }) => wrapping && BigInt(wrapping.place),
};

function outer(wrapping: Wrapping): Wrapping | undefined {
  return wrapping.isBare ? undefined : wrapping;
}

function typeSeen({ wrapping, tags, labels, type }: Packet): number {
  if (wrapping !== undefined) return NSH;
  return tags[1]?.tpid ?? labels[0]?.ethertype ?? type;
}

function labelSeen(packet: Packet, of: (label: Label) => number): bigint | undefined {
  const [label] = packet.labels;
  const isSeen = packet.wrapping === undefined && packet.tags.length < 2;
  return label === undefined || !isSeen ? undefined : BigInt(of(label));
}

/** What a switch sees there; undefined where the packet has no such header. */
export function seenIn(packet: Packet, name: FieldName): bigint | undefined {
  const read = readers[name];
  if (read !== undefined) return read(packet);
  if (name.startsWith('reg')) return packet.registers.get(name) ?? 0n;
  const { needs }: { readonly needs?: Prerequisite } = fields[name];
  return needs !== undefined && isMet(packet, needs) ? (packet.fields.get(name) ?? 0n) : undefined;
}

function isMet(packet: Packet, { field, values, and }: Prerequisite): boolean {
  const value = seenIn(packet, field as FieldName);
  if (value === undefined || (and !== undefined && !isMet(packet, and))) return false;
  return values.length === 0 || values.includes(Number(value));
}

/** The packet with another value there; the same where it has no such header. */
export function withValue(packet: Packet, name: FieldName, value: bigint): Packet {
  const number = Number(value);
  const { tags, labels, wrapping } = packet;
  const [tag = { tpid: 0x8100, vid: 0, pcp: 0 }, ...inner] = tags;
  switch (name) {
    case 'in_port':
    case 'nxm_in_port':
      return { ...packet, inPort: number };
    case 'metadata':
      return { ...packet, metadata: value };
    case 'nsh_spi':
      return wrapping ? { ...packet, wrapping: { ...wrapping, path: number } } : packet;
    case 'nsh_si':
      return wrapping ? { ...packet, wrapping: { ...wrapping, place: number } } : packet;
    case 'eth_src':
      return wrapping
        ? { ...packet, wrapping: { ...wrapping, src: value } }
        : { ...packet, src: value };
    case 'eth_dst':
      return wrapping
        ? { ...packet, wrapping: { ...wrapping, dst: value } }
        : { ...packet, dst: value };
    case 'vlan_vid':
      return { ...packet, tags: [{ ...tag, vid: number & 0xfff }, ...inner] };
    case 'vlan_pcp':
      return { ...packet, tags: [{ ...tag, pcp: number }, ...inner] };
    case 'mpls_label':
      return { ...packet, labels: withFirst(labels, { label: number }) };
    case 'mpls_tc':
      return { ...packet, labels: withFirst(labels, { tc: number }) };
    default:
      if (name.startsWith('reg')) {
        return { ...packet, registers: new Map(packet.registers).set(name, value) };
      }
      if (seenIn(packet, name) === undefined) return packet;
      return { ...packet, fields: new Map(packet.fields).set(name, value) };
  }
}

export function withFirst(labels: readonly Label[], changed: Partial<Label>): readonly Label[] {
  return labels.map((one, i) => (i === 0 ? { ...one, ...changed } : one));
}

/** Whether it meets a match. */
export function meets(packet: Packet, match: Match): boolean {
  return match.every((one) => {
    const name = fieldByNumber(one.oxmClass, one.field)?.name;
    const value = name === undefined ? undefined : seenIn(packet, name);
    if (value === undefined) return false;
    const mask = one.mask === undefined ? -1n : bytesNumber(one.mask);
    return (value & mask) === oxmNumber(one);
  });
}

const names = Object.keys(fields) as readonly FieldName[];
/** Of the switch, and not of the packet. */
const isOfSwitch = (name: FieldName): boolean =>
  /port|metadata|reg\d|tunnel_id|pkt_mark/.test(name);

/** Its own fields as rulebooks look at them. */
export function fieldsOf(packet: Packet): PacketFields {
  const seen = names.filter((name) => !isOfSwitch(name));
  return Object.fromEntries(
    seen.flatMap((name) => {
      const value = seenIn(packet, name);
      return value === undefined ? [] : [[name, numberBytes(value, fields[name].size)]];
    }),
  );
}

/** `tcp,dl_vlan=5,nw_dst=10.0.0.2`: its headers, without what is zero. */
export function packetText(packet: Packet): string {
  const told = matchOf(
    ...names.flatMap((name) => {
      const value = isOfSwitch(name) ? undefined : seenIn(packet, name);
      const isTold = value !== undefined && (value !== 0n || alwaysTold.has(name));
      return isTold && !(name === 'vlan_vid' && value === 0n) ? [oxm(name, value)] : [];
    }),
  );
  const inside = packet.wrapping === undefined ? packet.tags.slice(1) : [];
  const more = inside.map(({ vid }) => `and another tag, of VLAN ${vid}`);
  return [printMatch(told) || 'a packet of which nothing is said', ...more].join(', ');
}

const alwaysTold: ReadonlySet<FieldName> = new Set(['mpls_label', 'mpls_bos']);

/** The same for Open vSwitch, with what the switch keeps; undefined where no text says it. */
export function flowText(packet: Packet): string | undefined {
  const { tags, labels, inPort, metadata, registers, ttl, wrapping } = packet;
  if (wrapping === undefined && (tags.length > 1 || labels.length > 1)) return undefined;
  const kept = [...registers].filter(([, value]) => value !== 0n);
  const isIp = seenIn(packet, 'ip_proto') !== undefined;
  const headers = packetText(packet);
  return [
    ...(headers.startsWith('a packet') ? [] : [headers]),
    `in_port=${inPort}`,
    ...(metadata === 0n ? [] : [`metadata=0x${metadata.toString(16)}`]),
    ...kept.map(([name, value]) => `${name}=0x${value.toString(16)}`),
    ...(isIp ? [`nw_ttl=${ttl}`] : []),
  ].join(',');
}
