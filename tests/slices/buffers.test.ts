/**
 * Buffers: one use, one connection, a limited time, and so much memory (peers.md: PktOutBufId).
 */

import t from 'tap';
import { errorName } from '../../openflow/values/constants.ts';
import { type BufferLimits, Buffers } from '../../slices/buffers.ts';

const packet = (bytes: number) => ({ inPort: 1, data: new Uint8Array(bytes) });

function buffers(limits: Partial<BufferLimits> = {}) {
  const all = new Buffers({ countMax: 3, bytesMax: 100, timeMs: 5000, ...limits });
  const refusal = (id: number | undefined, nowMs = 0): string => {
    const error = all.refuse(id ?? -1, nowMs);
    return error === undefined ? 'fine' : errorName(error.errorType, error.errorCode);
  };
  const take = (id: number | undefined) => {
    const claim = all.claim(id ?? 0);
    claim.use();
    return claim.packet;
  };
  return { all, refusal, take };
}

const unknown = 'badRequest/bufferUnknown';
const empty = 'badRequest/bufferEmpty';

t.test(
  'a packet is there once; used twice is BUFFER_EMPTY, never given BUFFER_UNKNOWN',
  async (t) => {
    const { all, refusal, take } = buffers();
    const kept = packet(10);
    const id = all.put(kept, 0);
    t.equal(refusal(id), 'fine');
    t.equal(take(id), kept);
    t.equal(refusal(id), empty);
    t.strictSame([refusal(0), refusal(77), refusal(0xffff_ffff)], [unknown, unknown, unknown]);
  },
);

t.test('for a limited time, used or not', async (t) => {
  const { all, refusal, take } = buffers();
  const [one, other] = [all.put(packet(1), 1000), all.put(packet(1), 2000)];
  take(one);
  t.strictSame([refusal(one, 5999), refusal(other, 6999)], [empty, 'fine']);
  t.strictSame([refusal(one, 6000), refusal(other, 7000)], [unknown, unknown]);
});

t.test('who claims it has it, until it is given back', async (t) => {
  const { all, refusal } = buffers();
  const id = all.put(packet(10), 0);
  const claim = all.claim(id ?? 0);
  t.equal(refusal(id), empty);
  claim.giveBack();
  t.equal(refusal(id), 'fine');
  const again = all.claim(id ?? 0);
  again.use();
  again.giveBack();
  t.equal(refusal(id), empty, 'what was used is not given back');
});

t.test('one that is claimed may go for others, and its packet is there', async (t) => {
  const { all, refusal } = buffers({ countMax: 1 });
  const id = all.put(packet(10), 0);
  const claim = all.claim(id ?? 0);
  const next = all.put(packet(20), 0);
  t.strictSame([refusal(id), refusal(next)], [unknown, 'fine']);
  t.equal(claim.packet.data.length, 10);
  claim.use();
  t.strictSame([refusal(id), refusal(next)], [empty, 'fine']);
});

t.test('so many: the oldest goes', async (t) => {
  const { all, refusal } = buffers();
  const ids = Array.from({ length: 5 }, () => all.put(packet(1), 0));
  t.equal(new Set(ids).size, 5);
  t.strictSame(
    ids.map((id) => refusal(id)),
    [unknown, unknown, 'fine', 'fine', 'fine'],
  );
});

t.test('what was used takes the place of nothing that is kept', async (t) => {
  const { all, refusal, take } = buffers();
  const early = all.put(packet(40), 0);
  const ids = Array.from({ length: 50 }, () => {
    const id = all.put(packet(60), 0) ?? 0;
    take(id);
    return id;
  });
  t.equal(refusal(early), 'fine', 'neither in number nor in bytes');
  const last = ids.slice(-4).map((id) => refusal(id));
  t.strictSame(last, [unknown, empty, empty, empty], 'as many ids are remembered as may be kept');
  t.equal(take(early).data.length, 40);
  t.strictSame([refusal(early, 4999), refusal(early, 5000)], [empty, unknown]);
});

t.test('so many bytes: the oldest goes; one that is too large is not kept', async (t) => {
  const { all, refusal } = buffers();
  const ids = [60, 30, 20].map((bytes) => all.put(packet(bytes), 0));
  t.strictSame(
    ids.map((id) => refusal(id)),
    [unknown, 'fine', 'fine'],
  );
  t.equal(all.put(packet(101), 0), undefined);
  t.equal(refusal(ids[2]), 'fine', 'and nothing went for it');
  t.type(all.put(packet(100), 0), 'number');
  t.equal(refusal(ids[2]), unknown);
});

t.test('what is over makes room before what is not', async (t) => {
  const { all, refusal } = buffers();
  all.put(packet(50), 0);
  const young = all.put(packet(40), 4000);
  t.type(all.put(packet(60), 5000), 'number');
  t.equal(refusal(young, 5000), 'fine');
});

t.test('none at all', async (t) => {
  t.equal(buffers({ countMax: 0 }).all.put(packet(1), 0), undefined);
});
