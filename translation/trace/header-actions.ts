/**
 * The effects of actions on a packet's headers. Actions that output it are table-trace.ts's.
 */
import { fieldOfHeader } from '../../openflow/match/nicira-match.ts';
import { bytesNumber, oxmNumber } from '../../openflow/match/oxm.ts';
import { packetType } from '../../openflow/values/constants.ts';
import { type FieldName, fieldByNumber } from '../../openflow/values/fields.ts';
import type { Action } from '../../openflow/values/values.ts';
import { newHeader, type Packet, seenIn, withFirst, withValue } from './headers.ts';

/** The packet afterwards; undefined where nobody can say what it is. */
export function changedBy(packet: Packet, action: Action): Packet | undefined {
  switch (action.type) {
    case 'setField':
      return setField(packet, action);
    case 'load':
      return withBits(packet, action.field, action.firstBit, action.bits, action.value);
    case 'move':
      return moved(packet, action);
    case 'pushVlan': {
      const [{ vid, pcp } = { vid: 0, pcp: 0 }] = packet.tags;
      return { ...packet, tags: [{ tpid: action.ethertype, vid, pcp }, ...packet.tags] };
    }
    case 'popVlan':
    case 'stripVlan':
      return { ...packet, tags: packet.tags.slice(1) };
    case 'setVlanVid':
      return withValue(packet, 'vlan_vid', BigInt(action.vid));
    case 'setVlanPcp':
      return withValue(packet, 'vlan_pcp', BigInt(action.pcp));
    case 'setNwSrc':
      return withValue(packet, 'ipv4_src', bytesNumber(action.address));
    case 'setNwDst':
      return withValue(packet, 'ipv4_dst', bytesNumber(action.address));
    case 'setNwTos':
      return withValue(packet, 'ip_dscp', BigInt(action.tos >> 2));
    case 'setTpSrc':
    case 'setTpDst':
      return withPort(packet, places[action.type], action.port);
    case 'setNwTtl':
      return { ...packet, ttl: action.ttl };
    case 'decNwTtl':
      return packet.ttl > 1 ? { ...packet, ttl: packet.ttl - 1 } : undefined;
    case 'pushMpls':
    case 'popMpls':
    case 'setMplsTtl':
    case 'decMplsTtl':
    case 'copyTtlOut':
    case 'copyTtlIn':
      return labelled(packet, action);
    case 'encap':
      return wrapped(packet, action.packetType);
    case 'decap':
      return unwrapped(packet);
    case 'learn':
    case 'note':
    case 'controller':
    case 'controller2':
    case 'setQueue':
      return packet;
    case 'pushPbb':
    case 'popPbb':
    case 'experimenter':
    case 'output':
    case 'enqueue':
    case 'group':
    case 'resubmit':
    case 'clone':
      return undefined;
  }
}

function setField(packet: Packet, { oxm }: Extract<Action, { type: 'setField' }>): Packet {
  const name = fieldByNumber(oxm.oxmClass, oxm.field)?.name;
  if (name === undefined) return packet;
  const before = seenIn(packet, name) ?? 0n;
  const mask = oxm.mask === undefined ? -1n : bytesNumber(oxm.mask);
  return withValue(packet, name, (before & ~mask) | oxmNumber(oxm));
}

function moved(packet: Packet, action: Extract<Action, { type: 'move' }>): Packet {
  const { from, fromBit = 0, to, toBit = 0, bits } = action;
  const value = bitsOf(packet, from, fromBit, bits);
  return value === undefined ? packet : withBits(packet, to, toBit, bits, value);
}

/** Of one of them a packet has. */
const places: Readonly<Record<'setTpSrc' | 'setTpDst', readonly FieldName[]>> = {
  setTpSrc: ['tcp_src', 'udp_src', 'icmpv4_type'],
  setTpDst: ['tcp_dst', 'udp_dst', 'icmpv4_code'],
};

function withPort(packet: Packet, may: readonly FieldName[], number: number): Packet {
  const name = may.find((one) => seenIn(packet, one) !== undefined);
  return name === undefined ? packet : withValue(packet, name, BigInt(number));
}

function nameOf(header: number): FieldName | undefined {
  const known = fieldOfHeader(header);
  return known ?? fieldByNumber(Math.floor(header / 0x1_0000), (header >>> 9) & 0x7f)?.name;
}

function bitsOf(packet: Packet, header: number, first: number, bits: number): bigint | undefined {
  const name = nameOf(header);
  const value = name === undefined ? undefined : seenIn(packet, name);
  return value === undefined ? undefined : (value >> BigInt(first)) & ((1n << BigInt(bits)) - 1n);
}

function withBits(
  packet: Packet,
  header: number,
  first: number,
  bits: number,
  value: bigint,
): Packet {
  const name = nameOf(header);
  if (name === undefined) return packet;
  const mask = ((1n << BigInt(bits)) - 1n) << BigInt(first);
  const before = seenIn(packet, name) ?? 0n;
  return withValue(packet, name, (before & ~mask) | ((value << BigInt(first)) & mask));
}

type OfLabels = Extract<
  Action,
  {
    type: 'pushMpls' | 'popMpls' | 'setMplsTtl' | 'decMplsTtl' | 'copyTtlOut' | 'copyTtlIn';
  }
>;

function labelled(packet: Packet, action: OfLabels): Packet | undefined {
  const { labels, ttl } = packet;
  const [first, second] = labels;
  switch (action.type) {
    case 'pushMpls': {
      const fresh = { label: 0, tc: 0, ttl, ...first, ethertype: action.ethertype };
      return { ...packet, labels: [fresh, ...labels] };
    }
    case 'popMpls': {
      const left = labels.slice(1);
      // Behind the last label is what the action says.
      return { ...packet, labels: left, type: left.length === 0 ? action.ethertype : packet.type };
    }
    case 'setMplsTtl':
      return { ...packet, labels: withFirst(labels, { ttl: action.ttl }) };
    case 'decMplsTtl':
      if (first === undefined) return packet;
      return first.ttl > 1
        ? { ...packet, labels: withFirst(labels, { ttl: first.ttl - 1 }) }
        : undefined;
    case 'copyTtlOut':
      return { ...packet, labels: withFirst(labels, { ttl: second?.ttl ?? ttl }) };
    case 'copyTtlIn':
      if (first === undefined) return packet;
      if (second === undefined) return { ...packet, ttl: first.ttl };
      return { ...packet, labels: [first, ...withFirst(labels.slice(1), { ttl: first.ttl })] };
  }
}

function wrapped(packet: Packet, type: number): Packet | undefined {
  const { wrapping } = packet;
  if (type === packetType.nsh && wrapping === undefined) {
    return { ...packet, wrapping: { ...newHeader, isBare: true, src: 0n, dst: 0n } };
  }
  if (type !== packetType.ethernet || wrapping?.isBare !== true) return undefined;
  return { ...packet, wrapping: { ...wrapping, isBare: false } };
}

function unwrapped(packet: Packet): Packet | undefined {
  const { wrapping } = packet;
  if (wrapping === undefined) return undefined;
  return { ...packet, wrapping: wrapping.isBare ? undefined : { ...wrapping, isBare: true } };
}
