/**
 * A long multipart reply cut into parts that fit frames.
 *
 * codec.ts cuts what we send; requests that come in parts are request-parts.ts's affair.
 * Rows are never split: "a multipart message may not break an object" (OF1.3.5 section 7.3.5).
 */

import { Writer } from '../layout/writer.ts';
import { multipartType } from '../values/constants.ts';
import type { MultipartReplyBody } from '../values/values.ts';
import { type ListRow, listReply, rowsOf } from './multipart.ts';

/**
 * The reply in parts whose bodies are `bodyBytesMax` at most; one part, maybe empty, at least.
 * `list` is how the version of the connection writes rows of this kind.
 */
export function replyParts(
  reply: MultipartReplyBody,
  bodyBytesMax: number,
  list: ListRow | undefined,
): MultipartReplyBody[] {
  if (reply.kind === 'other') return bodyParts(reply.mpType, reply.body, bodyBytesMax);
  if (!list) return [reply];
  const parts: unknown[][] = [[]];
  let size = 0;
  for (const row of rowsOf(reply, list)) {
    const to = new Writer();
    list.row.write(to, row);
    if (size > 0 && size + to.at > bodyBytesMax) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(row);
    size += to.at;
  }
  return parts.map((rows) => listReply(reply.kind, list, rows));
}

function bodyParts(mpType: number, body: Uint8Array, bodyBytesMax: number): MultipartReplyBody[] {
  const dv = new DataView(body.buffer, body.byteOffset, body.length);
  // Rows of table features begin with their length.
  const hasRows = mpType === multipartType.tableFeatures;
  const parts: MultipartReplyBody[] = [];
  let start = 0;
  for (let at = 0; hasRows && body.length - start > bodyBytesMax; ) {
    if (at + 2 > body.length) break;
    const size = dv.getUint16(at);
    if (size === 0 || at + size > body.length) break;
    if (at > start && at + size - start > bodyBytesMax) {
      parts.push({ kind: 'other', mpType, body: body.subarray(start, at) });
      start = at;
    }
    at += size;
  }
  parts.push({ kind: 'other', mpType, body: body.subarray(start) });
  return parts;
}
