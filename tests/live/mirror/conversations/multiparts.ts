/**
 * Multipart requests in several parts (OF1.3.5 section 7.3.5): frames with the MORE flag and one
 * xid. Most are refused; which frame the error quotes, and when, is what is compared.
 */
import { header } from '../../../../openflow/messages/messages.ts';
import type { MultipartRequestBody } from '../../../../openflow/values/values.ts';
import { viewOf } from '../../../openflow/hex.ts';
import { ask, awaiting, bytesOf, type Conversation, filter, send, talk } from '../conversation.ts';
import { FIRST_XID } from '../run.ts';

const MORE = 1;

function part(flags: number, request: MultipartRequestBody, xid = FIRST_XID): Uint8Array {
  const frame = bytesOf({ type: 'multipartRequest', flags, request });
  header.set.xid(viewOf(frame), 0, xid);
  return frame;
}

/** In one write, as the first thing that is said: the runner gives the first frame FIRST_XID. */
function together(...frames: readonly Uint8Array[]) {
  return send(Uint8Array.from(frames.flatMap((frame) => [...frame])));
}

const desc: MultipartRequestBody = { kind: 'desc' };
const table: MultipartRequestBody = { kind: 'table' };
const port = (portNo: number): MultipartRequestBody => ({ kind: 'portStats', portNo });
const features = (size: number): MultipartRequestBody => {
  return { kind: 'other', mpType: 12, body: new Uint8Array(size) };
};

export const multiparts: readonly Conversation[] = [
  talk(
    'parts: of flows, which have one',
    /badMultipart/,
    together(
      part(MORE, { kind: 'flow', filter: filter() }),
      part(0, { kind: 'flow', filter: filter() }),
    ),
  ),
  talk(
    'parts: the first is quoted',
    /badMultipart/,
    together(part(MORE, port(1)), part(MORE, port(2)), part(0, port(3))),
  ),
  talk(
    'parts: of another type; then the request is forgotten',
    /badMultipart/,
    together(part(MORE, desc), part(0, table), part(0, port(2))),
  ),
  talk(
    'parts: of another type, and MORE',
    /badMultipart/,
    together(part(MORE, desc), part(MORE, table), part(0, port(2))),
  ),
  talk(
    'parts: another xid is another request',
    /portStats/,
    together(part(MORE, desc), part(0, port(2), FIRST_XID + 0x1000)),
    awaiting('error'),
  ),
  talk(
    'parts: the last never comes',
    /send/,
    send(ask(port(1)), part(MORE, desc)),
    awaiting('error'),
    send(ask(port(1))),
  ),
  talk(
    'parts: other messages of the same xid between them',
    /echoReply/,
    together(
      part(MORE, port(1)),
      bytesOf({ type: 'echoRequest', data: new Uint8Array(3) }),
      part(0, port(2)),
    ),
  ),
  talk(
    'parts: one of a wrong length is refused at once',
    /badLen/,
    together(part(MORE, { kind: 'other', mpType: 0, body: new Uint8Array(8) })),
  ),
  talk(
    'parts: one of a kind that nobody knows is refused at once',
    /badMultipart/,
    together(part(MORE, { kind: 'other', mpType: 77, body: new Uint8Array(0) })),
  ),
  talk(
    'parts: of table features, the last of something else',
    /badMultipart/,
    together(part(MORE, features(0)), part(0, desc)),
  ),
  talk('flags that nobody knows are no MORE', /portStats/, together(part(2, port(1)))),
];
