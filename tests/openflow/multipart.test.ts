/**
 * Replies longer than a frame are cut between rows, and nothing of them is lost.
 */

import t from 'tap';
import { decode, encodeMultipartReply } from '../../openflow/messages/codec.ts';
import { listOf, listReply, rowsOf } from '../../openflow/messages/multipart.ts';
import { multipartType, version } from '../../openflow/values/constants.ts';
import type { Message, MultipartReplyBody } from '../../openflow/values/values.ts';
import { viewOf } from './hex.ts';
import { Random, randomMessage } from './random.ts';

type Reply = Extract<Message, { readonly type: 'multipartReply' }>;

function replyOf(frame: Uint8Array): Reply {
  const message = decode(version.of13, viewOf(frame), 0, frame.length);
  if (message.type !== 'multipartReply') throw new Error(`no reply: ${JSON.stringify(message)}`);
  return message;
}

function longFlows(): MultipartReplyBody {
  const random = new Random(3);
  const flows = [];
  while (flows.length < 3000) {
    const message = randomMessage(random, 'multipartReply');
    if (message.type === 'multipartReply' && message.reply.kind === 'flow') {
      flows.push(...message.reply.flows);
    }
  }
  return { kind: 'flow', flows };
}

t.test('3000 flows go out in several frames and come back as one reply', (t) => {
  const reply = longFlows();
  const frames = encodeMultipartReply(version.of13, 9, reply);
  t.ok(frames.length > 3);
  const parts = frames.map(replyOf);
  t.strictSame(
    parts.map(({ flags }) => flags),
    parts.map((_, i) => (i === parts.length - 1 ? 0 : 1)),
  );
  t.ok(parts.every(({ xid }) => xid === 9));
  const list = listOf(version.of13, 'flow');
  if (list === undefined) throw new Error('flows are a list');
  t.same(
    listReply(
      'flow',
      list,
      parts.flatMap((one) => rowsOf(one.reply, list)),
    ),
    reply,
  );
  t.end();
});

t.test('a reply without rows is one frame', (t) => {
  const frames = encodeMultipartReply(version.of13, 1, { kind: 'flow', flows: [] });
  t.equal(frames.length, 1);
  t.equal(frames[0]?.length, 16);
  t.end();
});

t.test('kinds that stay bytes are cut between their rows, too', (t) => {
  const row = new Uint8Array(40).fill(1);
  row.set([0, 40]);
  const body = new Uint8Array(40 * 4000);
  for (let at = 0; at < body.length; at += 40) body.set(row, at);
  const reply: MultipartReplyBody = { kind: 'other', mpType: multipartType.tableFeatures, body };
  const frames = encodeMultipartReply(version.of13, 1, reply);
  t.ok(frames.every((frame) => (frame.length - 16) % 40 === 0));
  const bodies = frames.map((frame) => [...frame.subarray(16)]);
  t.same(Uint8Array.from(bodies.flat()), body);
  t.end();
});
