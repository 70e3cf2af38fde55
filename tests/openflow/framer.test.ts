/**
 * Frames come out whole and in order, however the stream was cut; hostile lengths end it.
 */

import t from 'tap';
import { bytesOf } from '../../openflow/layout/layout.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import { version } from '../../openflow/values/constants.ts';
import { toHex } from './hex.ts';
import { Random, randomMessage } from './random.ts';

const limits = { frameBytesMax: 0xffff };

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

/** The frames that come out when `stream` is pushed in chunks of these sizes, then the rest. */
function framesOf(stream: Uint8Array, sizes: readonly number[]): string[] {
  const framer = new Framer(limits);
  const frames: string[] = [];
  let at = 0;
  for (const size of [...sizes, stream.length]) {
    const wrong = framer.push(stream.slice(at, at + size), (dv, start, length) => {
      frames.push(toHex(bytesOf(dv, start, length)));
    });
    if (wrong) throw new Error(wrong.why);
    at += size;
  }
  return frames;
}

const random = new Random(1);
const messages = Array.from({ length: 12 }, () => encode(version.of13, randomMessage(random)));
const stream = concatenated(messages);
const wanted = messages.map(toHex);

t.test('whoever takes several frames at once is not given them again', async (t) => {
  for (let cut = 0; cut <= stream.length; cut += 7) {
    const framer = new Framer(limits);
    const taken: string[] = [];
    for (const chunk of [stream.slice(0, cut), stream.slice(cut)]) {
      framer.push(chunk, (dv, start, length) => {
        taken.push(toHex(bytesOf(dv, start, length)));
        const next = start + length;
        if (next + 8 > framer.end || next + dv.getUint16(next + 2) > framer.end) return;
        const more = dv.getUint16(next + 2);
        taken.push(toHex(bytesOf(dv, next, more)));
        framer.skip(more);
      });
    }
    t.strictSame(taken, wanted, `cut at ${cut}`);
  }
});

t.test('one cut, anywhere', (t) => {
  for (let cut = 0; cut <= stream.length; cut++) t.same(framesOf(stream, [cut]), wanted);
  t.end();
});

t.test('equal chunks of every size', (t) => {
  for (let size = 1; size < 100; size++) {
    const sizes = new Array<number>(Math.ceil(stream.length / size)).fill(size);
    t.same(framesOf(stream, sizes), wanted);
  }
  t.end();
});

t.test('random chunks', (t) => {
  for (let round = 0; round < 200; round++) {
    t.same(
      framesOf(
        stream,
        random.some(60, () => random.number(90)),
      ),
      wanted,
    );
  }
  t.end();
});

t.test('frames inside one chunk are not copied', (t) => {
  const chunk = stream.slice();
  new Framer(limits).push(chunk, (dv) => t.equal(dv.buffer, chunk.buffer));
  t.end();
});

t.test('a chunk that is a view into a larger buffer', (t) => {
  const larger = new Uint8Array(stream.length + 20);
  larger.set(stream, 7);
  t.same(framesOf(larger.subarray(7, 7 + stream.length), []), wanted);
  t.end();
});

t.test('the largest frame there is, straddling', (t) => {
  const large = encode(version.of13, {
    type: 'echoRequest',
    xid: 1,
    data: new Uint8Array(0xffff - 8).fill(7),
  });
  t.same(framesOf(concatenated([large, large]), [1, 5, 40000, 50000]), [
    toHex(large),
    toHex(large),
  ]);
  t.end();
});

t.test('a length below eight loses the framing, for ever', (t) => {
  for (const length of [0, 1, 7]) {
    for (const chunk of [1, 3, 8, 100]) {
      const framer = new Framer(limits);
      const bytes = Uint8Array.from([4, 0, 0, length, 0, 0, 0, 0, 4, 0, 0, 8, 0, 0, 0, 0]);
      let count = 0;
      for (let at = 0; at < bytes.length; at += chunk) {
        framer.push(bytes.slice(at, at + chunk), () => count++);
      }
      t.equal(count, 0);
      const again = framer.push(Uint8Array.from([4, 0, 0, 8, 0, 0, 0, 0]), () => count++);
      t.match(again, { type: 'ofError', errorType: 1, errorCode: 6 });
      t.equal(count, 0);
    }
  }
  t.end();
});

t.test('a frame longer than the limit is refused from its header on', (t) => {
  const framer = new Framer({ frameBytesMax: 100 });
  let count = 0;
  const good = Uint8Array.from([4, 0, 0, 8, 0, 0, 0, 0]);
  const long = Uint8Array.from([4, 0, 0, 101, 0, 0, 0, 0]);
  t.match(
    framer.push(concatenated([good, long]), () => count++),
    { type: 'ofError' },
  );
  t.equal(count, 1);
  t.end();
});
