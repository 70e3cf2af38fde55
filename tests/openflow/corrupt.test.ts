/** What corrupt.ts says, with the bytes that are likely to matter; make soak takes all 256. */
import t from 'tap';
import { decode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import { corruptGoldens } from './corrupt.ts';

corruptGoldens(t, (was) => [
  ...[0, 1, 2, 4, 5, 7, 8, 15, 16, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff],
  ...[was - 1, was + 1, was - 8, was + 8].map((byte) => byte & 0xff),
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((bit) => was ^ (1 << bit)),
]);

t.test('a frame longer than the bytes there are', (t) => {
  const answer = decode(version.of13, new DataView(new ArrayBuffer(10)), 4, 8);
  t.match(answer, { type: 'ofError', errorType: 1, errorCode: 6 });
  t.end();
});
