/**
 * Requests in several parts: joined by xid, refused when they do not belong together, and bounded
 * in number, bytes and time.
 */

import t from 'tap';
import { type Joined, RequestParts } from '../../openflow/messages/request-parts.ts';
import { errorName, isError } from '../../openflow/values/constants.ts';
import type { MultipartRequestBody } from '../../openflow/values/values.ts';

const FEATURES = 12;

function features(...body: number[]): MultipartRequestBody {
  return { kind: 'other', mpType: FEATURES, body: Uint8Array.from(body) };
}

function parts(limits: Partial<ConstructorParameters<typeof RequestParts>[0]> = {}) {
  const all = new RequestParts({ partsMax: 4, bytesMax: 100, timeoutMs: 1000, ...limits });
  /** `frame` names the frame in what is answered. */
  const take = (xid: number, more: 0 | 1, request: MultipartRequestBody, frame = 1, now = 0) =>
    all.take(
      { type: 'multipartRequest', xid, flags: more, request },
      Uint8Array.of(frame, ...new Uint8Array(15)),
      now,
    );
  return { all, take };
}

function said(joined: Joined | undefined): string {
  if (joined === undefined) return 'not whole';
  const { request, frame } = joined;
  if (isError(request)) {
    return `${errorName(request.errorType, request.errorCode)} about frame ${frame[0]}`;
  }
  const { request: body, flags, xid } = request;
  const bytes = body.kind === 'other' ? [...body.body] : body.kind;
  return `xid ${xid} flags ${flags}: ${bytes} of frame ${frame[0]}`;
}

t.test('one part goes through as it is, whatever else is unfinished', async (t) => {
  const { take } = parts();
  t.equal(said(take(1, 0, { kind: 'desc' })), 'xid 1 flags 0: desc of frame 1');
  t.equal(said(take(2, 1, features(1))), 'not whole');
  t.equal(said(take(1, 0, { kind: 'desc' }, 2)), 'xid 1 flags 0: desc of frame 2');
});

t.test('table features are joined in order, and two requests are kept apart', async (t) => {
  const { take } = parts();
  t.equal(said(take(1, 1, features(1, 2), 1)), 'not whole');
  t.equal(said(take(2, 1, features(7), 2)), 'not whole');
  t.equal(said(take(1, 1, features(3), 3)), 'not whole');
  t.equal(said(take(1, 0, features(4), 4)), 'xid 1 flags 0: 1,2,3,4 of frame 1');
  t.equal(said(take(2, 0, features(8), 5)), 'xid 2 flags 0: 7,8 of frame 2');
  t.equal(said(take(1, 0, features(9), 6)), 'xid 1 flags 0: 9 of frame 6', 'all is forgotten');
});

t.test('of another kind: refused when it is whole', async (t) => {
  const { take } = parts();
  t.equal(said(take(1, 1, { kind: 'desc' }, 1)), 'not whole');
  t.equal(said(take(1, 0, { kind: 'desc' }, 2)), 'badRequest/badMultipart about frame 1');
  t.equal(said(take(1, 0, { kind: 'desc' }, 3)), 'xid 1 flags 0: desc of frame 3');
});

t.test('a part of another type: about that part, and the rest is forgotten', async (t) => {
  const { take } = parts();
  take(1, 1, features(1), 1);
  t.equal(said(take(1, 1, { kind: 'table' }, 2)), 'badRequest/badMultipart about frame 2');
  t.equal(said(take(1, 0, { kind: 'table' }, 3)), 'xid 1 flags 0: table of frame 3');
});

const overflow = 'badRequest/multipartBufferOverflow about frame';

t.test('too many parts, of one request or of several', async (t) => {
  const { take } = parts({ bytesMax: 1e6 });
  for (const xid of [1, 1, 2, 3]) t.equal(said(take(xid, 1, features())), 'not whole');
  t.equal(said(take(4, 1, features(), 5)), `${overflow} 5`);
  t.equal(said(take(1, 0, features(), 6)), `${overflow} 6`, 'this one is over, too');
  t.equal(said(take(4, 1, features(), 7)), 'not whole', 'and left room');
});

t.test('too many bytes', async (t) => {
  const { take } = parts({ partsMax: 100 });
  for (let i = 0; i < 6; i++) t.equal(said(take(1, 1, features())), 'not whole', `part ${i}`);
  t.equal(said(take(1, 1, features(), 9)), `${overflow} 9`);
  t.equal(said(take(1, 0, features(5), 2)), 'xid 1 flags 0: 5 of frame 2');
});

t.test('time: from each part to the next', async (t) => {
  const { all, take } = parts();
  t.equal(all.nextDueMs(), undefined);
  take(1, 1, features(1), 1, 0);
  take(2, 1, features(2), 2, 300);
  t.equal(all.nextDueMs(), 1000);
  take(1, 1, features(3), 3, 900);
  t.equal(all.nextDueMs(), 1300);
  t.strictSame(all.expired(1299), []);
  t.strictSame(all.expired(1300).map(said), ['onf/multipartRequestTimeout about frame 2']);
  t.strictSame(all.expired(1900).map(said), ['onf/multipartRequestTimeout about frame 1']);
  t.equal(all.nextDueMs(), undefined);
});
