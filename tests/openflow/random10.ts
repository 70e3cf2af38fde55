/**
 * Random frames of OpenFlow 1.0 from a seed: random.ts for the other version.
 *
 * Fixed parts are random bytes, matches too but for ethertypes and protocols that let fields in;
 * so they hold what no controller would send, and what the codec must bring into its normal form.
 */

import type { AnyLayout } from '../../openflow/layout.ts';
import { oxm } from '../../openflow/match.ts';
import { writeActions } from '../../openflow/of10/actions.ts';
import * as wire from '../../openflow/of10/messages.ts';
import { portFrom10 } from '../../openflow/of10/ports.ts';
import * as structs from '../../openflow/of10/structs.ts';
import { writeProperties } from '../../openflow/queues.ts';
import { aggregateBody, descBody } from '../../openflow/structs.ts';
import type { Action } from '../../openflow/values.ts';
import { Writer } from '../../openflow/writer.ts';
import type { Random } from './random.ts';

export const messageNames10 = Object.keys(wire.messages) as wire.MessageName10[];

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
  const start = put(match, random, structs.match);
  structs.match.set.dlType(match.dv, start, random.pick([0x800, 0x806, 0x86dd, 0x88cc]));
  structs.match.set.nwProto(match.dv, start, random.pick([1, 6, 17, 58, 132, 200]));
  if (random.number(4) === 0) structs.match.set.dlVlan(match.dv, start, 0xffff);
  // ICMP's types and codes have a byte of the ports' two.
  structs.match.set.tpSrc(match.dv, start, random.number(256));
  structs.match.set.tpDst(match.dv, start, random.number(256));
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
  writeActions(
    to,
    random.some(4, () => randomAction10(random)),
  );
}

const { flowRow, tableRow, portRow, queueRow, flowFilter, portFilter, queueFilter } = structs;

function putFlow(to: Writer, random: Random): void {
  const at = put(to, random, flowRow);
  putActions(to, random);
  putMatch(to, random, at + flowRow.offset.match);
  to.end(flowRow, at);
}

function putTable(to: Writer, random: Random): void {
  const at = put(to, random, tableRow);
  tableRow.set.name(to.dv, at, new TextEncoder().encode(`table${random.number(100)}`));
}

function putQueue(to: Writer, random: Random): void {
  const at = put(to, random, structs.queue);
  writeProperties(to, [{ type: 'minRate', rate: random.number(2000) }]);
  to.end(structs.queue, at);
}

function putPort(to: Writer, random: Random): void {
  const at = put(to, random, structs.phyPort);
  structs.phyPort.set.name(to.dv, at, new TextEncoder().encode(`port${random.number(100)}`));
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
  (to, random) => void put(to, random, portFilter),
  (to, random) => void put(to, random, queueFilter),
];
const replies: readonly Put[] = [
  (to) => void to.room(descBody.size),
  many(putFlow),
  (to, random) => void put(to, random, aggregateBody),
  many(putTable),
  many((to, random) => void put(to, random, portRow)),
  many((to, random) => void put(to, random, queueRow)),
];

/** What a message's fixed part is followed by, or has inside. */
const tails: { readonly [N in wire.MessageName10]?: Put } = {
  error: (to, random) => to.put(random.bytes(random.number(70))),
  echoRequest: (to, random) => to.put(random.bytes(random.number(70))),
  echoReply: (to, random) => to.put(random.bytes(random.number(70))),
  experimenter: (to, random) => to.put(random.bytes(random.number(20))),
  featuresReply: many(putPort),
  packetIn: (to, random) => {
    wire.packetIn.set.reason(to.dv, 0, random.number(2));
    to.put(random.bytes(random.number(100)));
  },
  flowRemoved: (to, random) => {
    putMatch(to, random, wire.flowRemoved.offset.match);
    wire.flowRemoved.set.reason(to.dv, 0, random.number(3));
  },
  portStatus: putPort,
  packetOut: (to, random) => {
    const start = to.at;
    putActions(to, random);
    to.putSize(wire.packetOut.offset.actionsLen, start);
    to.put(random.bytes(random.number(100)));
  },
  flowMod: (to, random) => {
    putMatch(to, random, wire.flowMod.offset.match);
    wire.flowMod.set.flags(to.dv, 0, random.number(4));
    putActions(to, random);
  },
  multipartRequest: (to, random) => putBody(to, random, requests),
  multipartReply: (to, random) => putBody(to, random, replies),
  queueGetConfigReply: many(putQueue),
};

function putBody(to: Writer, random: Random, bodies: readonly Put[]): void {
  const type = random.number(bodies.length);
  wire.stats.set.mpType(to.dv, 0, type);
  bodies[type]?.(to, random);
}

/** A frame that a peer of 1.0 may send, of this type. */
export function randomFrame10(random: Random, name: wire.MessageName10): Uint8Array {
  const to = new Writer();
  const row = wire.messages[name];
  put(to, random, row.layout);
  tails[name]?.(to, random);
  wire.header.write(to.dv, 0, {
    version: 1,
    type: row.number,
    xid: random.number(0x100000000),
  });
  to.end(wire.header, 0);
  return to.finish();
}
