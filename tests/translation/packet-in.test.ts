/**
 * Packet-ins: whose they are, what the tenant sees, and nothing breaks however broken they come.
 */

import t from 'tap';
import { Writer } from '../../openflow/layout/writer.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { decode } from '../../openflow/messages/codec.ts';
import { port, version } from '../../openflow/values/constants.ts';
import { cookieOf } from '../../translation/entries/pipeline.ts';
import {
  ownerOf,
  type PacketInCause,
  reasonOf,
  shownWhole,
  writePacketIn,
} from '../../translation/pipeline/packet-in.ts';
import { writePacketInOf10 } from '../../translation/pipeline/packet-in10.ts';
import { viewOf } from '../openflow/hex.ts';
import { Random } from '../openflow/random.ts';
import { entered, messageOf, packetBytes, packetIn } from './packets.ts';

function owner(frame: Uint8Array) {
  return ownerOf(viewOf(frame), 0, frame.length);
}

/** What the tenant's controller reads. */
function shown(frame: Uint8Array, cause: PacketInCause) {
  const found = owner(frame);
  if (found === undefined) throw new Error('nobody’s');
  const out = new Writer();
  out.put(new Uint8Array(24)); // There may be other frames before it.
  writePacketIn(out, viewOf(frame), 0, frame.length, found, cause, shownWhole);
  return messageOf(out.finish().slice(24));
}

t.test('metadata says whose it is, the cookie which rule it was', async (t) => {
  t.match(owner(packetIn()), { vswitchId: 3, vport: 2, serial: 9 });
  t.match(owner(packetIn({ match: entered(0xfeff, 0xfeff) })), {
    vswitchId: 0xfeff,
    vport: 0xfeff,
  });
  const large = cookieOf('rule', 3, 0xffff_ffff);
  t.match(owner(packetIn({ cookie: large })), { serial: 0xffff_ffff });
});

t.test('a cookie that names no rule of this vswitch is believed in nothing', async (t) => {
  const cookies = [0n, 0xffff_ffff_ffff_ffffn, cookieOf('rule', 4, 9), cookieOf('guard', 3, 9)];
  for (const cookie of [...cookies, cookieOf('wiring', 3, 9), 0x4cff_0003_0000_0009n]) {
    t.match(owner(packetIn({ cookie })), { vswitchId: 3, vport: 2, serial: 0 });
  }
});

t.test('without metadata it is nobody’s', async (t) => {
  t.equal(owner(packetIn({ match: [] })), undefined);
  t.equal(owner(packetIn({ match: matchOf(oxm('in_port', 4)) })), undefined);
});

t.test('other fields before and behind the metadata do not matter', async (t) => {
  const more = [oxm('in_port', 4), oxm('eth_dst', 5), oxm('tunnel_id', 7), oxm('reg0', 1)];
  const match = matchOf(...more, ...entered(3, 2).slice(1));
  t.match(owner(packetIn({ match })), { vswitchId: 3, vport: 2, serial: 9 });
  t.match(shown(packetIn({ match }), { cookie: 7n, tableId: 0, reason: 1 }), {
    data: packetBytes,
  });
});

t.test(
  'the tenant sees its own port, table, cookie and reason, and the whole packet',
  async (t) => {
    t.strictSame(shown(packetIn({ totalLen: 1000 }), { cookie: 0x77n, tableId: 0, reason: 1 }), {
      type: 'packetIn',
      xid: 0,
      bufferId: 0xffffffff,
      totalLen: 1000,
      reason: 1,
      tableId: 0,
      cookie: 0x77n,
      match: matchOf(oxm('in_port', 2)),
      data: packetBytes,
    });
    const cause = { cookie: 0n, tableId: 0, reason: 0 };
    t.match(shown(packetIn(), cause), { reason: 0 }, 'OFPR_NO_MATCH of a table-miss rule');
    const said = (frame: Uint8Array) => ({
      said: ownerOf(viewOf(frame), 0, frame.length)?.said ?? -1,
    });
    t.equal(reasonOf(said(packetIn({ reason: 2 })), false), 2, 'OFPR_INVALID_TTL stays');
    t.strictSame([reasonOf(said(packetIn()), true), reasonOf(said(packetIn()), false)], [0, 1]);
    t.match(shown(packetIn({ bufferId: 5 }), cause), { bufferId: 0xffffffff }, 'no buffers');
  },
);

t.test('from a packet-out, in_port is the one that it said, reserved ones too', async (t) => {
  const cause = { cookie: 0n, tableId: 0, reason: 1 };
  for (const inPort of [0, 77, 0xfeff, 0xfffffffd, 0xfffffffe, 0xffffffff]) {
    const frame = packetIn({ match: entered(3, inPort & 0xffff) });
    t.match(shown(frame, cause), { match: matchOf(oxm('in_port', inPort)) });
  }
});

t.test('a packet of no bytes, and one in the middle of a chunk', async (t) => {
  t.match(shown(packetIn({ data: new Uint8Array(0) }), { cookie: 1n, tableId: 0, reason: 0 }), {
    data: new Uint8Array(0),
  });
  const frame = packetIn();
  const chunk = new Uint8Array(frame.length + 20).fill(0xee);
  chunk.set(frame, 7);
  const found = ownerOf(viewOf(chunk), 7, frame.length);
  if (found === undefined) throw new Error('nobody’s');
  const out = new Writer();
  writePacketIn(out, viewOf(chunk), 7, frame.length, found, one, shownWhole);
  t.match(messageOf(out.finish()), { data: packetBytes });
});

const one: PacketInCause = { cookie: 1n, tableId: 0, reason: 1 };

t.test('cut anywhere: nobody’s, or a packet cut as well; never an exception', async (t) => {
  const frame = packetIn();
  for (let length = 0; length < frame.length; length++) {
    const found = owner(frame.slice(0, length));
    if (found === undefined) continue;
    if (found.dataAt > length) t.fail(`${length} bytes: data at ${found.dataAt}`);
  }
  t.equal(owner(frame.slice(0, 33)), undefined);
});

t.test('seeded corruption: never an exception, never bytes beyond the frame', async (t) => {
  const random = new Random(11);
  let readable = 0;
  for (let round = 0; round < 20_000; round++) {
    const whole = packetIn({ data: random.bytes(random.number(20)) });
    const frame = whole.slice(
      0,
      random.number(4) === 0 ? random.number(whole.length) : whole.length,
    );
    for (let hit = random.number(5); hit > 0 && frame.length > 8; hit--) {
      frame[8 + random.number(frame.length - 8)] = random.pick([0, 1, 0xff, random.number(256)]);
    }
    // The frame stands at the end of its buffer: a read beyond it throws.
    const found = owner(frame);
    if (found === undefined) continue;
    readable += 1;
    const out = new Writer();
    writePacketIn(out, viewOf(frame), 0, frame.length, found, one, shownWhole);
    const message = messageOf(out.finish());
    const bytes = message.type === 'packetIn' ? message.data : undefined;
    if (bytes?.length !== frame.length - found.dataAt) t.fail(`round ${round}`);
  }
  t.ok(readable > 1_000, `${readable} were readable still`);
});

t.test('1.0 has a word for each port that a packet may come from', async (t) => {
  for (const [low, inPort] of [
    [2, 2],
    [0xfffe, port.local],
    [0xfffd, port.controller],
    [0xffff, port.any],
  ] as const) {
    const out = new Writer();
    writePacketInOf10(out, low, packetBytes);
    const frame = out.finish();
    t.equal(viewOf(frame).getUint16(14), low);
    const message = decode(version.of10, viewOf(frame), 0, frame.length);
    t.match(message, { type: 'packetIn', match: matchOf(oxm('in_port', inPort)) });
  }
});
