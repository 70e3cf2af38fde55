/**
 * Random frames of OpenFlow 1.0 from a seed: random.ts for the other version.
 *
 * Fixed parts are random bytes, matches too but for ethertypes and protocols that let fields in;
 * so they hold what no controller would send, and what the codec must bring into its normal form.
 */

import { actionList10 } from '../../openflow/actions/actions10.ts';
import type { AnyLayout } from '../../openflow/layout/layout.ts';
import { portFrom10 } from '../../openflow/layout/numbers10.ts';
import { Writer } from '../../openflow/layout/writer.ts';
import { oxm } from '../../openflow/match/match.ts';
import { match10 } from '../../openflow/match/match-layouts.ts';
import * as wire from '../../openflow/messages/messages.ts';
import * as is from '../../openflow/messages/statistics.ts';
import { port10, properties, queue10 } from '../../openflow/messages/structs.ts';
import type { Action } from '../../openflow/values/values.ts';
import type { Random } from './random.ts';

export const { messageNames10 } = wire;

/** Appends a structure of random bytes, and says where it is. */
function put(to: Writer, random: Random, layout: AnyLayout): number {
  const at = to.at;
  to.put(random.bytes(layout.size));
  for (const { kind, at: offset, size } of layout.fields) {
    if (kind === 'pad') for (let i = 0; i < size; i++) to.dv.setUint8(at + offset + i, 0);
  }
  return at;
}

function putMatch(to: Writer, random: Random, at: number): void {
  const match = new Writer();
  const start = put(match, random, match10);
  match10.set.dlType(match.dv, start, random.pick([0x800, 0x806, 0x86dd, 0x88cc]));
  match10.set.nwProto(match.dv, start, random.pick([1, 6, 17, 58, 132, 200]));
  if (random.number(4) === 0) match10.set.dlVlan(match.dv, start, 0xffff);
  // ICMP's types and codes have a byte of the ports' two.
  match10.set.tpSrc(match.dv, start, random.number(256));
  match10.set.tpDst(match.dv, start, random.number(256));
  to.bytes.set(match.finish(), at);
}

function randomPort10(random: Random): number {
  return portFrom10(random.pick([random.number(0xff00), 0xfff8, 0xfffb, 0xfffd, 0xfffe]));
}

export function randomAction10(random: Random): Action {
  const u16 = random.number(0x10000);
  const port = randomPort10(random);
  const queueId = random.number(0x100000000);
  return random.pick<() => Action>([
    () => ({ type: 'output', port, maxLen: u16 }),
    () => ({ type: 'setVlanVid', vid: u16 & 0xfff }),
    () => ({ type: 'setVlanPcp', pcp: u16 & 7 }),
    () => ({ type: 'stripVlan' }),
    () => ({ type: 'setField', oxm: oxm(random.pick(['eth_src', 'eth_dst']), random.bytes(6)) }),
    () => ({ type: random.pick(['setNwSrc', 'setNwDst']), address: random.bytes(4) }),
    () => ({ type: 'setNwTos', tos: u16 & 0xfc }),
    () => ({ type: random.pick(['setTpSrc', 'setTpDst']), port: u16 }),
    () => ({ type: 'enqueue', port: random.number(0xff00), queueId }),
    () => ({ type: 'resubmit', inPort: u16, table: u16 & 0xff }),
    () => ({ type: 'experimenter', experimenter: 77, data: random.bytes(8 * random.number(3)) }),
  ])();
}

function putActions(to: Writer, random: Random): void {
  actionList10.write(
    to,
    random.some(4, () => randomAction10(random)),
  );
}

const flowRow = is.flowRow10.layout;
const tableRow = is.tableRow10.layout;
const flowFilter = is.flowFilter10.layout;

function putFlow(to: Writer, random: Random): void {
  const at = put(to, random, flowRow);
  putActions(to, random);
  putMatch(to, random, at + flowRow.offset.match);
  to.end(flowRow, at);
}

function putTable(to: Writer, random: Random): void {
  const at = put(to, random, tableRow);
  const of10 = { wildcards: random.number(99), maxEntries: random.number(99) };
  tableRow.set.of10(to.dv, at, { ...of10, name: `table${random.number(100)}` });
}

function putQueue(to: Writer, random: Random): void {
  const at = put(to, random, queue10.layout);
  properties.write(to, [{ type: 'minRate', rate: random.number(2000) }]);
  to.end(queue10.layout, at);
}

function putPort(to: Writer, random: Random): void {
  const at = put(to, random, port10.layout);
  port10.layout.set.name(to.dv, at, `port${random.number(100)}`);
}

type Put = (to: Writer, random: Random) => void;

function many(row: Put): Put {
  return (to, random) => {
    random.some(3, () => row(to, random));
  };
}

/** Requests' and replies' bodies, by OFPST_*. */
const requests: readonly Put[] = [
  () => undefined,
  (to, random) => putMatch(to, random, put(to, random, flowFilter)),
  (to, random) => putMatch(to, random, put(to, random, flowFilter)),
  () => undefined,
  (to, random) => void put(to, random, is.portFilter10.layout),
  (to, random) => void put(to, random, is.queueFilter10.layout),
];
const replies: readonly Put[] = [
  (to) => void to.room(is.desc.layout.size),
  many(putFlow),
  (to, random) => void put(to, random, is.aggregate.layout),
  many(putTable),
  many((to, random) => void put(to, random, is.portRow10.layout)),
  many((to, random) => void put(to, random, is.queueRow10.layout)),
];

/** What a message's fixed part is followed by, or has inside. */
const tails: { readonly [N in wire.MessageName10]?: Put } = {
  error: (to, random) => to.put(random.bytes(random.number(70))),
  echoRequest: (to, random) => to.put(random.bytes(random.number(70))),
  echoReply: (to, random) => to.put(random.bytes(random.number(70))),
  experimenter: (to, random) => to.put(random.bytes(random.number(20))),
  featuresReply: (to, random) => {
    to.put(random.bytes(4));
    many(putPort)(to, random);
  },
  packetIn: (to, random) => {
    wire.packetIn10.set.reason(to.dv, 0, random.number(2));
    to.put(random.bytes(random.number(100)));
  },
  flowRemoved: (to, random) => {
    putMatch(to, random, wire.flowRemoved10.offset.match);
    wire.flowRemoved10.set.reason(to.dv, 0, random.number(3));
  },
  portStatus: putPort,
  packetOut: (to, random) => {
    const start = to.at;
    putActions(to, random);
    to.putSize(wire.packetOut10.offset.actionsLen, start);
    to.put(random.bytes(random.number(100)));
  },
  flowMod: (to, random) => {
    putMatch(to, random, wire.flowMod10.offset.match);
    wire.flowMod10.set.flags(to.dv, 0, random.number(4));
    putActions(to, random);
  },
  multipartRequest: (to, random) => putBody(to, random, requests),
  multipartReply: (to, random) => putBody(to, random, replies),
  queueGetConfigReply: many(putQueue),
};

function putBody(to: Writer, random: Random, bodies: readonly Put[]): void {
  const type = random.number(bodies.length);
  wire.multipart10.set.mpType(to.dv, 0, type);
  bodies[type]?.(to, random);
}

/** A frame that a peer of 1.0 may send, of this type. */
export function randomFrame10(random: Random, name: wire.MessageName10): Uint8Array {
  const to = new Writer();
  const row = wire.messages10[name];
  put(to, random, row.layout);
  tails[name]?.(to, random);
  wire.header.set.version(to.dv, 0, 1);
  wire.header.set.type(to.dv, 0, row.number);
  wire.header.set.xid(to.dv, 0, random.number(0x100000000));
  to.end(wire.header, 0);
  return to.finish();
}
