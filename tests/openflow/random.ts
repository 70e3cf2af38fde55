/**
 * Random valid messages from a seed, for the property tests of this folder.
 *
 * Fixed parts come from the layouts themselves (random bytes, read back), so a new field is fuzzed
 * without a word here; matches come from the field table.
 */
import { canonicalMatch, matchOf, oxm } from '../../openflow/match/match.ts';
import { widthMask } from '../../openflow/match/oxm.ts';
import * as wire from '../../openflow/messages/messages.ts';
import * as is from '../../openflow/messages/statistics.ts';
import * as structs from '../../openflow/messages/structs.ts';
import { multipartType } from '../../openflow/values/constants.ts';
import { type FieldName, fields } from '../../openflow/values/fields.ts';
import type {
  Action,
  Bucket,
  FlowStats,
  Instruction,
  Match,
  Message,
  MultipartReplyBody,
  MultipartRequestBody,
  Oxm,
  PortDesc,
  QueueDesc,
  QueueProperty,
} from '../../openflow/values/values.ts';
import { randomMeter, randomMeterStats } from './random-meters.ts';

/** A small generator (mulberry32): the same seed, the same numbers. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to `below` - 1. */
  number(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.number(256));
  }

  pick<T>(from: readonly T[]): T {
    return from[this.number(from.length)] as T;
  }

  some<T>(max: number, make: () => T): T[] {
    return Array.from({ length: this.number(max + 1) }, make);
  }
}

/** Each bit random. */
function valuesOf<T>(
  random: Random,
  layout: { readonly size: number; read(dv: DataView, at: number): T },
): T {
  return layout.read(new DataView(random.bytes(layout.size).buffer), 0);
}

/** Of these Open vSwitch takes fewer bits than the specification gives them. */
const ovsBits: { readonly [N in FieldName]?: number } = { in_port: 15 };

function randomOxm(random: Random, name: FieldName): Oxm {
  const row = fields[name];
  const width = widthMask({ ...row, bits: ovsBits[name] ?? row.bits });
  const value = random.bytes(row.size).map((byte, i) => byte & (width[i] ?? 0));
  if (!row.maskable || random.number(2) === 0) return oxm(name, value);
  return oxm(name, value, random.bytes(row.size));
}

/** Prerequisites that let further fields in, and fields they let in (table 12). */
const stacks: readonly { readonly base: readonly Oxm[]; readonly more: readonly FieldName[] }[] = [
  { base: [], more: ['vlan_vid'] },
  { base: [oxm('vlan_vid', 0x1005)], more: ['vlan_pcp'] },
  { base: [oxm('eth_type', 0x0806)], more: ['arp_op', 'arp_spa', 'arp_tpa', 'arp_sha', 'arp_tha'] },
  { base: [oxm('eth_type', 0x0800)], more: ['ip_dscp', 'ip_ecn', 'ip_proto', 'ipv4_src'] },
  { base: [oxm('eth_type', 0x86dd)], more: ['ipv6_src', 'ipv6_dst', 'ipv6_flabel', 'ip_dscp'] },
  { base: [oxm('eth_type', 0x8847)], more: ['mpls_label', 'mpls_tc', 'mpls_bos'] },
  { base: ip(0x0800, 6), more: ['tcp_src', 'tcp_dst', 'ipv4_dst'] },
  { base: ip(0x86dd, 17), more: ['udp_src', 'udp_dst', 'ipv6_dst'] },
  { base: ip(0x0800, 132), more: ['sctp_src', 'sctp_dst'] },
  { base: ip(0x0800, 1), more: ['icmpv4_type', 'icmpv4_code'] },
  { base: [...ip(0x86dd, 58), oxm('icmpv6_type', 135)], more: ['ipv6_nd_target', 'ipv6_nd_sll'] },
  { base: [...ip(0x86dd, 58), oxm('icmpv6_type', 136)], more: ['ipv6_nd_target', 'ipv6_nd_tll'] },
];

function ip(ethertype: number, protocol: number): Oxm[] {
  return [oxm('eth_type', ethertype), oxm('ip_proto', protocol)];
}

/** A valid canonical match. */
export function randomMatch(random: Random): Match {
  const { base, more } = random.pick(stacks);
  const free: readonly FieldName[] = ['in_port', 'metadata', 'eth_dst', 'eth_src', 'tunnel_id'];
  const names = [...free, ...more].filter(() => random.number(2) === 0);
  const match = canonicalMatch([...base, ...names.map((name) => randomOxm(random, name))]);
  return Array.isArray(match) ? match : matchOf(...base);
}

const settable: readonly FieldName[] = ['eth_dst', 'vlan_pcp', 'ipv4_src', 'tcp_dst', 'reg3'];
const plain = ['popVlan', 'popPbb', 'copyTtlOut', 'copyTtlIn', 'decMplsTtl', 'decNwTtl'] as const;

export function randomAction(random: Random): Action {
  const u16 = random.number(0x10000);
  const u32 = random.number(0x100000000);
  const u8 = random.number(256);
  return random.pick<() => Action>([
    () => ({ type: 'output', port: u32, maxLen: u16 }),
    () => ({ type: 'group', groupId: u32 }),
    () => ({ type: 'setQueue', queueId: u32 }),
    () => ({ type: 'setField', oxm: oxm(random.pick(settable), u8 & 7) }),
    () => ({ type: random.pick(['pushVlan', 'pushMpls', 'popMpls', 'pushPbb']), ethertype: u16 }),
    () => ({ type: random.pick(plain) }),
    () => ({ type: random.pick(['setMplsTtl', 'setNwTtl']), ttl: u8 }),
    () => ({ type: 'resubmit', inPort: u16, table: u8 }),
    () => ({ type: 'move', bits: 1 + (u8 & 7), from: 0x00010204, to: 0x80000606 }),
    () => ({ type: 'move', bits: 1, from: 0x00014204, fromBit: 1 + (u8 & 15), to: 0x00011204 }),
    () => ({ type: 'load', field: 0x00000406, firstBit: u8 & 31, bits: 4, value: BigInt(u8 & 15) }),
    () => ({ type: 'decap', packetType: random.pick([0, 0xfffe]) }),
    () => ({ type: 'experimenter', experimenter: 77, data: random.bytes(8 * random.number(3)) }),
  ])();
}

function u64(random: Random): bigint {
  return new DataView(random.bytes(8).buffer).getBigUint64(0);
}

/** Each instruction at most once, as the specification wants. */
export function randomInstructions(random: Random): Instruction[] {
  const actions = (): Action[] => random.some(4, () => randomAction(random));
  const all: Instruction[] = [
    { type: 'meter', meterId: random.number(0x100000000) },
    { type: 'applyActions', actions: actions() },
    { type: 'clearActions' },
    { type: 'writeActions', actions: actions() },
    { type: 'writeMetadata', metadata: u64(random), mask: u64(random) },
    { type: 'gotoTable', table: random.number(256) },
    { type: 'experimenter', experimenter: 78, data: random.bytes(8) },
  ];
  return all.filter(() => random.number(2) === 0);
}

function randomBuckets(random: Random): Bucket[] {
  return random.some(3, () => {
    const { weight, watchPort, watchGroup } = valuesOf(random, structs.bucket.layout);
    return { weight, watchPort, watchGroup, actions: random.some(3, () => randomAction(random)) };
  });
}

function randomFlow(random: Random): FlowStats {
  const [match, instructions] = [randomMatch(random), randomInstructions(random)];
  return { ...valuesOf(random, is.flowRow.layout), match, instructions };
}

const bodiless = ['desc', 'table', 'groupDesc', 'groupFeatures', 'portDesc', 'meterFeatures'];

function randomRequest(random: Random): MultipartRequestBody {
  const filter = { ...valuesOf(random, is.flowFilter.layout), match: randomMatch(random) };
  return random.pick<MultipartRequestBody>([
    ...bodiless.map((kind) => ({ kind }) as MultipartRequestBody),
    { kind: 'flow', filter },
    { kind: 'aggregate', filter },
    { kind: 'portStats', ...valuesOf(random, is.portFilter.layout) },
    { kind: 'queueStats', ...valuesOf(random, is.queueFilter.layout) },
    { kind: 'groupStats', ...valuesOf(random, is.groupFilter.layout) },
    { kind: 'meterStats', ...valuesOf(random, is.meterFilter.layout) },
    { kind: 'meterConfig', ...valuesOf(random, is.meterFilter.layout) },
    { kind: 'other', mpType: multipartType.tableFeatures, body: random.bytes(8) },
  ]);
}

function randomReply(random: Random): MultipartReplyBody {
  const text = (): string => 'x'.repeat(random.number(31));
  const counters = valuesOf(random, is.groupRow.layout);
  return random.pick<() => MultipartReplyBody>([
    () => ({
      kind: 'desc',
      manufacturer: text(),
      hardware: text(),
      software: text(),
      serial: text(),
      datapath: text(),
    }),
    () => ({ kind: 'flow', flows: random.some(4, () => randomFlow(random)) }),
    () => ({ kind: 'aggregate', ...valuesOf(random, is.aggregate.layout) }),
    () => ({
      kind: 'table',
      tables: random.some(4, () => valuesOf(random, is.tableRow.layout)),
    }),
    () => ({
      kind: 'portStats',
      ports: random.some(4, () => valuesOf(random, is.portRow.layout)),
    }),
    () => ({
      kind: 'groupStats',
      groups: random.some(3, () => ({
        ...counters,
        buckets: random.some(3, () => valuesOf(random, is.counter.layout)),
      })),
    }),
    () => ({
      kind: 'groupDesc',
      groups: random.some(3, () => ({
        groupType: random.number(4),
        groupId: random.number(1000),
        buckets: randomBuckets(random),
      })),
    }),
    () => ({ kind: 'groupFeatures', ...valuesOf(random, is.groupFeatures.layout) }),
    () => ({ kind: 'portDesc', ports: random.some(4, () => randomPort(random)) }),
    () => ({ kind: 'queueStats', queues: random.some(4, () => queueRow(random)) }),
    () => ({ kind: 'meterStats', meters: random.some(3, () => randomMeterStats(random)) }),
    () => ({ kind: 'meterConfig', meters: random.some(3, () => randomMeter(random)) }),
    () => ({ kind: 'meterFeatures', ...valuesOf(random, is.meterFeatures.layout) }),
    () => ({ kind: 'other', mpType: multipartType.experimenter, body: random.bytes(16) }),
  ])();
}

const queueRow = (random: Random) => valuesOf(random, is.queueRow.layout);

function randomQueue(random: Random): QueueDesc {
  const { queueId, portNo } = valuesOf(random, structs.queue.layout);
  const rate = random.number(0x10000);
  const every: QueueProperty[] = [
    { type: 'minRate', rate },
    { type: 'maxRate', rate },
    { type: 'other', number: 0xffff, data: random.bytes(8) },
  ];
  return { queueId, portNo, properties: every.filter(() => random.number(2) === 0) };
}

function randomPort(random: Random): PortDesc {
  return { ...valuesOf(random, structs.port.layout), name: `port${random.number(1000)}` };
}

type Makers = { readonly [T in Message['type']]: (random: Random) => object };

/** What follows the header, by type of message. */
const makers: Makers = {
  hello: (random) => ({ versions: [1, 2, 3, 4, 5, 6].filter(() => random.number(2) === 0) }),
  error: (random) => ({ ...valuesOf(random, wire.error), data: random.bytes(random.number(70)) }),
  echoRequest: (random) => ({ data: random.bytes(random.number(70)) }),
  echoReply: (random) => ({ data: random.bytes(random.number(70)) }),
  experimenter: (random) => ({ ...valuesOf(random, wire.experimenter), data: random.bytes(9) }),
  featuresRequest: () => ({}),
  featuresReply: (random) => valuesOf(random, wire.features),
  getConfigRequest: () => ({}),
  getConfigReply: (random) => valuesOf(random, wire.switchConfig),
  setConfig: (random) => valuesOf(random, wire.switchConfig),
  packetIn: (random) => ({
    ...valuesOf(random, wire.packetIn),
    match: randomMatch(random),
    data: random.bytes(random.number(100)),
  }),
  flowRemoved: (random) => ({ ...valuesOf(random, wire.flowRemoved), match: randomMatch(random) }),
  portStatus: (random) => ({ reason: random.number(3), desc: randomPort(random) }),
  packetOut: (random) => ({
    bufferId: random.number(0x100000000),
    inPort: random.number(0x100000000),
    actions: random.some(4, () => randomAction(random)),
    data: random.bytes(random.number(100)),
  }),
  flowMod: (random) => ({
    ...valuesOf(random, wire.flowMod),
    match: randomMatch(random),
    instructions: randomInstructions(random),
  }),
  groupMod: (random) => ({ ...valuesOf(random, wire.groupMod), buckets: randomBuckets(random) }),
  portMod: (random) => valuesOf(random, wire.portMod),
  queueGetConfigRequest: (random) => valuesOf(random, wire.queuesOf),
  queueGetConfigReply: (random) => {
    return { portNo: random.number(99), queues: random.some(3, () => randomQueue(random)) };
  },
  multipartRequest: (random) => ({ flags: 0, request: randomRequest(random) }),
  multipartReply: (random) => ({ flags: random.number(2), reply: randomReply(random) }),
  barrierRequest: () => ({}),
  barrierReply: () => ({}),
  roleRequest: (random) => valuesOf(random, wire.role),
  roleReply: (random) => valuesOf(random, wire.role),
  getAsyncRequest: () => ({}),
  getAsyncReply: (random) => valuesOf(random, wire.asyncConfig),
  setAsync: (random) => valuesOf(random, wire.asyncConfig),
  tableMod: (random) => valuesOf(random, wire.tableMod),
  meterMod: (random) => ({ ...randomMeter(random), command: random.number(2) }),
};

export const messageTypes = Object.keys(makers) as readonly Message['type'][];

/** A valid message, of this type or any. */
export function randomMessage(random: Random, type = random.pick(messageTypes)): Message {
  return { ...makers[type](random), type, xid: random.number(0x100000000) } as Message;
}
