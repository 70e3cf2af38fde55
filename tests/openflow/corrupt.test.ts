/**
 * No golden, cut short anywhere or with any one byte changed to any other, throws or hangs.
 *
 * The answer is a message, which then encodes and prints, or an error that the specification names.
 */

import t from 'tap';
import { decode, encode } from '../../openflow/codec.ts';
import { type Version, version } from '../../openflow/constants.ts';
import { printMessage } from '../../openflow/print.ts';
import { goldenFiles, readGoldens, versionOf } from './golden.ts';
import { viewOf } from './hex.ts';

/** Decodes it and does with the outcome what a program would. */
function survive(spoken: Version, frame: Uint8Array): void {
  const message = decode(spoken, viewOf(frame), 0, frame.length);
  if (message.type === 'ofError') return;
  printMessage(message);
  encode(spoken, message);
}

for (const file of goldenFiles()) {
  t.test(file, (t) => {
    const spoken = versionOf(file);
    for (const { why, frame } of readGoldens(file)) {
      for (let size = 0; size < frame.length; size++) {
        const cut = frame.slice(0, size);
        survive(spoken, cut);
        if (size < 8) continue;
        viewOf(cut).setUint16(2, size);
        survive(spoken, cut);
      }
      for (let at = 0; at < frame.length; at++) {
        const changed = frame.slice();
        for (let byte = 0; byte < 256; byte++) {
          changed[at] = byte;
          survive(spoken, changed);
        }
      }
      t.pass(why);
    }
    t.end();
  });
}

t.test('a frame longer than the bytes there are', (t) => {
  const answer = decode(version.of13, new DataView(new ArrayBuffer(10)), 4, 8);
  t.match(answer, { type: 'ofError', errorType: 1, errorCode: 6 });
  t.end();
});
