/**
 * Every message, whatever it carries, comes back from its bytes as it was.
 *
 * 300 seeded random messages of each type: encode, decode, compare; then encode again.
 */

import t from 'tap';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import { toHex, viewOf } from './hex.ts';
import { messageTypes, Random, randomMessage } from './random.ts';

for (const [index, type] of messageTypes.entries()) {
  t.test(type, (t) => {
    for (let round = 0; round < 300; round++) {
      const message = randomMessage(new Random(index * 1000 + round), type);
      const frame = encode(version.of13, message);
      const back = decode(version.of13, viewOf(frame), 0, frame.length);
      if (back.type === 'ofError') {
        t.fail(`seed ${index * 1000 + round}: ${back.why}`);
        break;
      }
      if (toHex(encode(version.of13, back)) !== toHex(frame)) {
        t.equal(toHex(encode(version.of13, back)), toHex(frame), `seed ${index * 1000 + round}`);
        break;
      }
      t.strictSame(back, message, `seed ${index * 1000 + round}`);
      if (!t.passing()) break;
    }
    t.end();
  });
}
