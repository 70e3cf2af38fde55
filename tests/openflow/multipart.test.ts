/**
 * Replies longer than a frame are cut between rows, joined again, and joining has limits.
 */

import t from 'tap';
import { decode, encodeMultipartReply } from '../../openflow/codec.ts';
import { multipartType, version } from '../../openflow/constants.ts';
import { MultipartAssembler } from '../../openflow/parts.ts';
import type { Message, MultipartReplyBody } from '../../openflow/values.ts';
import { viewOf } from './hex.ts';
import { Random, randomMessage } from './random.ts';

type Reply = Extract<Message, { readonly type: 'multipartReply' }>;
const limits = { repliesMax: 4, replyBytesMax: 4_000_000 };

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
  const assembler = new MultipartAssembler(limits);
  for (const [index, frame] of frames.entries()) {
    const message = replyOf(frame);
    const isLast = index === frames.length - 1;
    t.equal(message.flags, isLast ? 0 : 1);
    const whole = assembler.push(message, frame.length);
    if (isLast) t.same(whole, { type: 'multipartReply', xid: 9, flags: 0, reply });
    else t.equal(whole, undefined);
  }
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
  const assembler = new MultipartAssembler(limits);
  const joined = frames.map((frame) => assembler.push(replyOf(frame), frame.length)).at(-1);
  t.same(joined, { type: 'multipartReply', xid: 1, flags: 0, reply });
  t.end();
});

const part: Reply = {
  type: 'multipartReply',
  xid: 1,
  flags: 1,
  reply: { kind: 'flow', flows: [] },
};

t.test('a reply that never ends is refused at its limit, and forgotten', (t) => {
  const assembler = new MultipartAssembler({ repliesMax: 1, replyBytesMax: 100 });
  t.equal(assembler.push(part, 60), undefined);
  t.match(assembler.push(part, 60), { type: 'ofError', errorType: 1, errorCode: 13 });
  t.equal(assembler.push(part, 60), undefined);
  t.end();
});

t.test('too many unfinished replies are refused', (t) => {
  const assembler = new MultipartAssembler({ repliesMax: 2, replyBytesMax: 100 });
  t.equal(assembler.push({ ...part, xid: 1 }, 16), undefined);
  t.equal(assembler.push({ ...part, xid: 2 }, 16), undefined);
  t.match(assembler.push({ ...part, xid: 3 }, 16), { type: 'ofError' });
  assembler.forget(1);
  t.equal(assembler.push({ ...part, xid: 3 }, 16), undefined);
  t.end();
});

t.test('a reply may not change its type half way', (t) => {
  const assembler = new MultipartAssembler(limits);
  assembler.push(part, 16);
  const other: Reply = { ...part, flags: 0, reply: { kind: 'table', tables: [] } };
  t.match(assembler.push(other, 16), { type: 'ofError', errorType: 1, errorCode: 2 });
  t.end();
});
