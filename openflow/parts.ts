/**
 * A long multipart reply cut into parts that fit frames, and parts joined again.
 *
 * codec.ts cuts what we send; channels join what switches send, through `MultipartAssembler`.
 * Rows are never split: "a multipart message may not break an object" (OF1.3.5 section 7.3.5).
 */

import { multipartMore, multipartType } from './constants.ts';
import { ofError } from './errors.ts';
import { type ListRow, listOf, listReply, rowsOf, typeOfBody } from './multipart.ts';
import type { Message, MultipartReplyBody, OfError } from './values.ts';
import { Writer } from './writer.ts';

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
    list.write(to, row as never);
    if (size > 0 && size + to.at > bodyBytesMax) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(row);
    size += to.at;
  }
  return parts.map((rows) => listReply(reply.kind, list, rows));
}

/** Where the rows of a kind kept as bytes end: their length field's offset. */
const rowLengths: Readonly<Record<number, { readonly lengthAt: number }>> = {
  [multipartType.meter]: { lengthAt: 4 },
  [multipartType.meterConfig]: { lengthAt: 0 },
  [multipartType.tableFeatures]: { lengthAt: 0 },
};

function bodyParts(mpType: number, body: Uint8Array, bodyBytesMax: number): MultipartReplyBody[] {
  const dv = new DataView(body.buffer, body.byteOffset, body.length);
  const rule = rowLengths[mpType];
  const parts: MultipartReplyBody[] = [];
  let start = 0;
  for (let at = 0; rule && body.length - start > bodyBytesMax; ) {
    if (at + rule.lengthAt + 2 > body.length) break;
    const size = dv.getUint16(at + rule.lengthAt);
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

type Reply = Extract<Message, { readonly type: 'multipartReply' }>;

interface Pending {
  readonly parts: MultipartReplyBody[];
  bytes: number;
}

/** Joins reply frames by xid. Bounded: so many replies unfinished, so many bytes each. */
export class MultipartAssembler {
  readonly #pending = new Map<number, Pending>();
  readonly #limits: { readonly repliesMax: number; readonly replyBytesMax: number };

  constructor(limits: { readonly repliesMax: number; readonly replyBytesMax: number }) {
    this.#limits = limits;
  }

  /**
   * Takes one reply of `frameBytes` bytes. Answers the whole reply once its last frame is here,
   * undefined before, and an error (the parts so far are forgotten) when it passes a limit or the
   * frames of one xid are of different types.
   */
  push(message: Reply, frameBytes: number): Reply | OfError | undefined {
    const { xid, reply } = message;
    const more = (message.flags & multipartMore) !== 0;
    const known = this.#pending.get(xid);
    if (!known && !more) return message;
    const pending = known ?? { parts: [], bytes: 0 };
    const wrong = this.#refusal(pending, known === undefined, reply, frameBytes);
    if (wrong || !more) this.#pending.delete(xid);
    if (wrong) return wrong;
    pending.parts.push(reply);
    pending.bytes += frameBytes;
    if (!more) return { ...message, reply: join(pending.parts) };
    this.#pending.set(xid, pending);
    return undefined;
  }

  /** Forgets what has come for a request that nobody waits for any more. */
  forget(xid: number): void {
    this.#pending.delete(xid);
  }

  #refusal(
    pending: Pending,
    isNew: boolean,
    reply: MultipartReplyBody,
    frameBytes: number,
  ): OfError | undefined {
    const first = pending.parts[0];
    if (first && typeOfBody(first) !== typeOfBody(reply)) {
      return ofError('badRequest', 'badMultipart', 'a multipart reply changed its type');
    }
    const tooMany = isNew && this.#pending.size >= this.#limits.repliesMax;
    if (tooMany || pending.bytes + frameBytes > this.#limits.replyBytesMax) {
      return ofError('badRequest', 'multipartBufferOverflow', 'a multipart reply is too long');
    }
    return undefined;
  }
}

/** Parts of one type as one; of a reply that is no list, the last part counts. */
function join(parts: readonly MultipartReplyBody[]): MultipartReplyBody {
  const last = parts.at(-1) as MultipartReplyBody;
  if (last.kind === 'other') {
    const to = new Writer();
    for (const part of parts) if (part.kind === 'other') to.put(part.body);
    return { ...last, body: to.finish() };
  }
  const list = listOf(last.kind);
  if (!list) return last;
  return listReply(
    last.kind,
    list,
    parts.flatMap((part) => rowsOf(part, list)),
  );
}
