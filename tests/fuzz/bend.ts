/**
 * Frames bent from a seed: what a broken or hostile peer makes of a message.
 *
 * A bent frame still says how long it is, so that what follows is framed; who wants the framing
 * itself broken says so (`brokenLength`).
 */
import { header } from '../../openflow/messages/messages.ts';
import type { Random } from '../openflow/random.ts';

type Bend = (random: Random, frame: Uint8Array) => Uint8Array;

const bends: readonly Bend[] = [
  /** One byte is another. */
  (random, frame) => changed(frame, random.number(frame.length), random.number(256)),
  /** One bit is another. */
  (random, frame) => {
    const at = random.number(frame.length);
    return changed(frame, at, (frame[at] ?? 0) ^ (1 << random.number(8)));
  },
  /** A 16-bit field, of which many are lengths and types, is an edge. */
  (random, frame) => {
    const at = random.number(frame.length - 1) & ~1;
    const edge = random.pick([0, 1, 4, 7, 8, 0x7fff, 0xff00, 0xfffd, 0xffff, frame.length]);
    return changed(changed(frame, at, edge >> 8), at + 1, edge & 0xff);
  },
  /** A 32-bit field is an edge. */
  (random, frame) => {
    const at = random.number(Math.max(1, frame.length - 3)) & ~3;
    const out = frame.slice();
    out.fill(random.pick([0, 0x7f, 0xff]), at, at + 4);
    return out;
  },
  /** The end is missing. */
  (random, frame) => frame.slice(0, header.size + random.number(frame.length - header.size + 1)),
  /** There is more than the message has. */
  (random, frame) => joined(frame, random.bytes(1 + random.number(40))),
  /** A piece is there twice. */
  (random, frame) => {
    const at = header.size + random.number(frame.length - header.size + 1);
    const end = at + random.number(frame.length - at + 1);
    return joined(frame.slice(0, end), frame.slice(at));
  },
  /** It says that it is something else. */
  (random, frame) => changed(frame, 1, random.number(40)),
  /** In another version. */
  (random, frame) => changed(frame, 0, random.pick([0, 1, 2, 3, 4, 5, 6, 0xff])),
];

/** The frame, bent once or a few times; its length field is right. */
export function bent(random: Random, frame: Uint8Array): Uint8Array {
  let out = frame;
  for (let i = random.number(3); i >= 0; i--) out = random.pick(bends)(random, out);
  return sized(out.length < header.size ? frame : out);
}

/** A frame whose length field is a lie. */
export function brokenLength(random: Random, frame: Uint8Array): Uint8Array {
  const length = random.pick([0, 1, 7, 0xffff, frame.length + 1, random.number(0x1_0000)]);
  return changed(changed(frame, 2, length >> 8), 3, length & 0xff);
}

/** Says how long it is, cut to what a frame may be. */
export function sized(frame: Uint8Array): Uint8Array {
  const out = frame.slice(0, 0xffff);
  new DataView(out.buffer).setUint16(header.offset.length, out.length);
  return out;
}

export function withXid(frame: Uint8Array, xid: number): Uint8Array {
  const out = frame.slice();
  header.set.xid(new DataView(out.buffer), 0, xid);
  return out;
}

function changed(frame: Uint8Array, at: number, byte: number): Uint8Array {
  const out = frame.slice();
  out[at] = byte;
  return out;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const out = new Uint8Array(one.length + other.length);
  out.set(one);
  out.set(other, one.length);
  return out;
}
