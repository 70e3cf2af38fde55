/**
 * Packet-outs that stay bytes become what the values would make of them, or are left to the values.
 */

import t from 'tap';
import { Writer } from '../../openflow/layout/writer.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Action } from '../../openflow/values/values.ts';
import {
  type PacketOut,
  packetOutAt,
  refusePacketOut,
} from '../../translation/requests/packet-out.ts';
import { isPlainPacketOut, writePacketOut } from '../../translation/requests/packet-out-bytes.ts';
import { viewOf } from '../openflow/hex.ts';
import { Random } from '../openflow/random.ts';
import { exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { output } from '../slices/rules.ts';
import { packetBytes } from './packets.ts';

const snapshot = snapshotOf(exampleText());
const v3 = vswitchOf(snapshot, 'red/v3');
const reserved = [
  0xfffffff8, 0xfffffff9, 0xfffffffa, 0xfffffffb, 0xfffffffc, 0xfffffffd, 0xfffffffe,
];

function frameOf(
  inPort: number,
  actions: readonly Action[],
  data: Uint8Array = packetBytes,
  more = {},
) {
  const head = { type: 'packetOut', xid: 5, bufferId: 0xffffffff } as const;
  return encode(version.of13, { ...head, inPort, actions, data, ...more });
}

const isPlain = (frame: Uint8Array) => isPlainPacketOut(v3, viewOf(frame), 0, frame.length);

function below(frame: Uint8Array): Uint8Array {
  const out = new Writer(8);
  out.put(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  writePacketOut(out, 77, v3, viewOf(frame), 0, frame.length);
  return out.finish().slice(8);
}

function byValues(frame: Uint8Array): Uint8Array | string {
  const message = decode(version.of13, viewOf(frame), 0, frame.length);
  if (isError(message)) return message.why;
  const refused = refusePacketOut(message as PacketOut);
  if (refused !== undefined) return refused.why;
  const { inPort, actions, data } = message as PacketOut;
  return encode(version.of13, { ...packetOutAt(v3, inPort, actions, data), xid: 77 });
}

t.test('whatever stays bytes is what the values would have made of it', async (t) => {
  const random = new Random(20);
  let plain = 0;
  for (let run = 0; run < 2_000; run++) {
    const ports = Array.from({ length: random.number(5) }, () =>
      random.number(2) === 0 ? random.number(0x10005) : random.pick(reserved),
    );
    const inPort = random.pick([0, 1, 2, 3, 0xfffffffd, 0xffffffff]);
    const data = random.bytes(14 + random.number(300));
    const frame = frameOf(
      inPort,
      ports.map((port) => output(port)),
      data,
    );
    if (!isPlain(frame)) continue;
    plain += 1;
    t.strictSame(below(frame), byValues(frame), `in_port ${inPort}, outputs ${ports}`);
  }
  t.ok(plain > 300, `${plain} stayed bytes`);
});

t.test('the common ones do stay bytes', async (t) => {
  for (const port of [0, 1, 0xfeff, 0xfffffff8, 0xfffffff9, 0xfffffffb, 0xfffffffc, 0xfffffffd]) {
    t.ok(isPlain(frameOf(1, [output(port)])));
    t.ok(isPlain(frameOf(0xfffffffd, [output(port), output(1)])));
  }
  t.ok(isPlain(frameOf(2, [])), 'nothing to do is a drop');
});

t.test('everything else is left to the values', async (t) => {
  const lldp = Uint8Array.from(packetBytes);
  lldp.set([0x88, 0xcc], 12);
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['LLDP', frameOf(1, [output(2)], lldp)],
    ['a packet without an ethertype', frameOf(1, [output(2)], packetBytes.slice(0, 13))],
    ['a buffer', frameOf(1, [output(2)], packetBytes, { bufferId: 3 })],
    ['an in_port that is none', frameOf(3, [output(2)])],
    ['in_port 0', frameOf(0, [output(2)])],
    ['a port above all vports', frameOf(1, [output(0xff00)])],
    ['another action', frameOf(1, [{ type: 'decNwTtl' }, output(2)])],
    ['two actions in sixteen bytes', frameOf(1, [{ type: 'decNwTtl' }, { type: 'decNwTtl' }])],
  ];
  for (const [name, frame] of cases) t.notOk(isPlain(frame), name);
  const long = frameOf(1, [output(2)]);
  new DataView(long.buffer).setUint16(16, 0xfff0);
  t.notOk(isPlain(long), 'actions that are longer than the frame');
  t.notOk(isPlain(frameOf(1, [output(2)]).slice(0, 20)), 'a stump');
});
