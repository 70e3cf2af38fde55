/**
 * Packet-ins behind one that is dropped: only those are like it that are of the same vswitch.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { packetIn10 } from '../../openflow/messages/messages.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import type { VswitchId } from '../../slices/ids.ts';
import { type Behind, countBehind } from '../../translation/controllers/packet-ins-behind.ts';
import { cookieOf, metadataOf } from '../../translation/entries/pipeline.ts';
import { ownerOf } from '../../translation/pipeline/packet-in.ts';

const red = 1 as VswitchId;
const blue = 2 as VswitchId;

interface Made {
  readonly bufferId?: number;
  readonly port?: number;
  readonly id?: VswitchId;
  readonly serial?: number;
  readonly reason?: number;
  readonly data?: readonly number[];
}

/** A packet with these bytes from where a tag would be. */
function made(speaks: Version, one: Made = {}): Uint8Array {
  const { bufferId = 1, port = 1, id = red, serial = 1, reason = 0, data = [8, 0, 69, 0] } = one;
  const packet = new Uint8Array(60);
  packet.set(data, 12);
  const is10 = speaks === version.of10;
  const metadata = is10 ? [] : [oxm('metadata', metadataOf(id, port))];
  return encode(speaks, {
    ...{ type: 'packetIn', xid: bufferId, bufferId, totalLen: 60 + bufferId, reason, tableId: 0 },
    cookie: is10 ? 0n : cookieOf('rule', id, serial),
    match: matchOf(oxm('in_port', port), ...metadata),
    data: packet,
  });
}

function behind(speaks: Version, frames: readonly Uint8Array[], cut = 0, dataAt?: number): Behind {
  const bytes = Buffer.concat(frames);
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { length = 0 } = frames[0] ?? {};
  const packetAt = speaks === version.of10 ? packetIn10.size : ownerOf(dv, 0, length)?.dataAt;
  const found = { count: -1, bytes: -1 };
  countBehind(found, speaks, dv, 0, bytes.length - cut, dataAt ?? packetAt ?? -1);
  t.equal(found.bytes, found.count * length);
  return found;
}

for (const speaks of [version.of10, version.of13] as const) {
  const one = (what?: Made) => made(speaks, what);
  const count = (frames: readonly Uint8Array[], cut?: number, dataAt?: number) =>
    behind(speaks, frames, cut, dataAt).count;

  t.test(`${speaks}: whatever their buffers and packets are`, async (t) => {
    t.equal(count([one()]), 0);
    const more = [2, 3, 4].map((bufferId) => one({ bufferId }));
    t.equal(count([one(), ...more]), 3);
    t.equal(count([one(), ...more], 1), 2, 'the last is not whole');
  });

  t.test(`${speaks}: those of others end it`, async (t) => {
    const odd: Made[] = [{ port: 2 }, { reason: 1 }, { data: [0x81, 0, 0, 1] }];
    if (speaks === version.of13) odd.push({ id: blue }, { serial: 2 });
    for (const what of odd) {
      t.equal(count([one(), one({ bufferId: 2 }), one(what), one()]), 1, JSON.stringify(what));
    }
    const tagged = { data: [0x81, 0, 0, 5] };
    t.equal(count([one(tagged), one(tagged), one({ data: [0x81, 0, 0, 6] })]), 1, 'another tag');
    const other = encode(speaks, { type: 'barrierReply', xid: 1 });
    t.equal(count([one(), one(), other, one()]), 1);
    const longer = Buffer.concat([one(), new Uint8Array(8)]);
    longer.writeUInt16BE(longer.length, 2);
    t.equal(count([one(), longer, one()]), 0, 'of another length');
  });

  t.test(
    `${speaks}: none, where a tag of ours was taken out, or where there is no frame`,
    async (t) => {
      const all = [one(), one(), one()];
      const dataAt = speaks === version.of10 ? packetIn10.size : 50;
      t.equal(count(all, 0, dataAt), 2);
      t.equal(count(all, 0, dataAt + 4), 0);
      const short = all.map((frame) => {
        const cut = frame.slice(0, dataAt + 15);
        new DataView(cut.buffer).setUint16(2, cut.length);
        return cut;
      });
      t.equal(count(short, 0, dataAt), 0);
    },
  );
}
