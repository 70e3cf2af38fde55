/**
 * Fuzzing the wire: the framer with streams cut anywhere, the decoders with bent frames of both
 * versions, from goldens and from random valid messages.
 *
 * What a decoder takes, it must be able to print and to say again: bytes that decode to the same.
 */

import { bytesOf } from '../../openflow/layout/layout.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import { printMessage } from '../../openflow/print/print.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import { goldenFiles, readGoldens, versionOf } from '../openflow/golden.ts';
import { toHex, viewOf } from '../openflow/hex.ts';
import { messageTypes, Random, randomMessage } from '../openflow/random.ts';
import { messageNames10, randomFrame10 } from '../openflow/random10.ts';
import { bent, brokenLength } from './bend.ts';

const FRAMES = 40;

interface Spoken {
  readonly version: Version;
  readonly frame: Uint8Array;
}

const goldens: readonly Spoken[] = goldenFiles().flatMap((file) =>
  readGoldens(file).map(({ frame }) => ({ version: versionOf(file), frame })),
);

/** A frame that is as it should be: a golden, or a random message of any type. */
export function goodFrame(random: Random): Spoken {
  return random.pick<() => Spoken>([
    () => random.pick(goldens),
    () => ({
      version: version.of13,
      frame: encode(version.of13, randomMessage(random, random.pick(messageTypes))),
    }),
    () => ({ version: version.of10, frame: randomFrame10(random, random.pick(messageNames10)) }),
  ])();
}

/** The decoders of one seed. Throws when something is wrong with them. */
export function fuzzDecoders(seed: number): void {
  const random = new Random(seed);
  for (let i = 0; i < FRAMES; i++) {
    const { version: spoken, frame } = goodFrame(random);
    const bad = bent(random, frame);
    try {
      tryFrame(random.number(8) === 0 ? otherThan(spoken) : spoken, bad);
    } catch (error) {
      throw new Error(`frame ${toHex(bad)} of version ${spoken}`, { cause: error });
    }
  }
}

function otherThan(spoken: Version): Version {
  return spoken === version.of10 ? version.of13 : version.of10;
}

/** Decodes it, and does with the outcome what the product would. */
export function tryFrame(spoken: Version, frame: Uint8Array): void {
  // In the middle of a larger chunk, as it comes: nothing may be read beyond its end.
  const chunk = new Uint8Array(frame.length + 16).fill(0xa5);
  chunk.set(frame, 8);
  const message = decode(spoken, viewOf(chunk), 8, frame.length);
  if (isError(message)) {
    if (message.why === '') throw new Error('refused without a reason');
    return;
  }
  printMessage(message);
  const again = encode(spoken, message);
  const twice = decode(spoken, viewOf(again), 0, again.length);
  if (isError(twice)) throw new Error(`what we say of it nobody can read: ${twice.why}`);
  const third = encode(spoken, twice);
  if (toHex(third) !== toHex(again)) throw new Error('said twice, it is not the same');
}

/** The framer of one seed: what comes out is what went in, up to a length that is a lie. */
export function fuzzFramer(seed: number): void {
  const random = new Random(seed);
  const frames = random.some(30, () => bent(random, goodFrame(random).frame));
  const isBroken = random.number(3) === 0;
  const last = isBroken ? [brokenLength(random, goodFrame(random).frame)] : [];
  const stream = Uint8Array.from([...frames, ...last].flatMap((one) => [...one]));
  const framer = new Framer({ frameBytesMax: 0xffff });
  const seen: string[] = [];
  for (let at = 0; at < stream.length; ) {
    const size = 1 + random.number(random.pick([3, 9, 200, 5_000]));
    framer.push(stream.slice(at, at + size), (dv, from, length) => {
      seen.push(toHex(bytesOf(dv, from, length)));
    });
    at += size;
  }
  const wanted = frames.map(toHex);
  const first = seen.slice(0, wanted.length);
  if (first.join() !== wanted.join()) throw new Error('other frames came out than went in');
  // What follows a lie may be anything, but no frame is shorter than its header.
  if (seen.some((frame) => frame.length < 16)) throw new Error('a frame without a header');
}
