/**
 * The goldens: every frame prints as its file says, and encodes to the same bytes again.
 *
 * `UPDATE_GOLDEN=1` rewrites the printed lines; look at the difference before you commit it.
 */

import t from 'tap';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { goldenFiles, lineOf, readGoldens, versionOf, writeGoldens } from './golden.ts';
import { toHex, viewOf } from './hex.ts';

const update = process.env.UPDATE_GOLDEN === '1';

for (const file of goldenFiles()) {
  t.test(file, (t) => {
    const goldens = readGoldens(file);
    if (update) {
      writeGoldens(
        file,
        goldens.map((golden) => ({ ...golden, line: lineOf(versionOf(file), golden.frame) })),
      );
      t.end();
      return;
    }
    for (const { why, frame, line } of goldens) {
      t.equal(lineOf(versionOf(file), frame), line, why);
      const message = decode(versionOf(file), viewOf(frame), 0, frame.length);
      const isNormal = !why.includes('(normalised)');
      if (message.type !== 'ofError' && isNormal)
        t.equal(toHex(encode(versionOf(file), message)), toHex(frame), why);
    }
    t.end();
  });
}
