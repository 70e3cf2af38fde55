/**
 * No golden, cut short anywhere or with any one byte changed to any other, throws or hangs.
 *
 * The answer is a message, which then encodes and prints, or an error that the specification names.
 */

import type { Test } from 'tap';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { printMessage } from '../../openflow/print/print.ts';
import type { Version } from '../../openflow/values/constants.ts';
import { goldenFiles, readGoldens, versionOf } from './golden.ts';
import { viewOf } from './hex.ts';

/** Decodes it and does with the outcome what a program would. */
function survive(spoken: Version, frame: Uint8Array): void {
  const message = decode(spoken, viewOf(frame), 0, frame.length);
  if (message.type === 'ofError') return;
  printMessage(message);
  encode(spoken, message);
}

function surviveCut(spoken: Version, frame: Uint8Array): void {
  for (let size = 0; size < frame.length; size++) {
    const cut = frame.slice(0, size);
    survive(spoken, cut);
    if (size < 8) continue;
    viewOf(cut).setUint16(2, size);
    survive(spoken, cut);
  }
}

/** `bytes`: what each byte becomes, one at a time, of what it was. */
export function corruptGoldens(t: Test, bytes: (was: number) => Iterable<number>): void {
  for (const file of goldenFiles()) {
    t.test(file, async (t) => {
      const spoken = versionOf(file);
      for (const { why, frame } of readGoldens(file)) {
        surviveCut(spoken, frame);
        for (const [at, was] of frame.entries()) {
          const changed = frame.slice();
          for (const byte of bytes(was)) {
            changed[at] = byte;
            survive(spoken, changed);
          }
        }
        t.pass(why);
      }
    });
  }
}
