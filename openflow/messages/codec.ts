/**
 * Frames to messages and back: outside the hot path, the only conversion between bytes and values.
 *
 * `decode` believes nothing: it answers a message or the specification's error, whatever the
 * bytes. `encode` writes what our own code made: what does not fit a frame, or the version, is our
 * own mistake, and throws (`unsaid10` tells before). What messages look like is messages.ts's.
 */

import { frameBytesMax, Writer } from '../layout/writer.ts';
import { multipartMore, type Version, version as versions } from '../values/constants.ts';
import { isError, ofError } from '../values/errors.ts';
import type { Message, MultipartReplyBody, OfError } from '../values/values.ts';
import { helloVersion } from './hello.ts';
import {
  header,
  type MessageName,
  type MessageRow,
  messageNames,
  messageNames10,
  messages,
  messages10,
  multipart,
  multipart10,
} from './messages.ts';
import { listOf } from './multipart.ts';
import { replyParts } from './multipart-split.ts';
import { whyNotIn10 } from './unsupported10.ts';

export { encodeActions } from '../actions/actions.ts';
export { whyNotIn10 } from './unsupported10.ts';

export { frameBytesMax };

/** A version's columns. */
interface Codec {
  /** By number. */
  readonly names: readonly MessageName[];
  readonly rows: { readonly [N in MessageName]?: MessageRow };
  /** What stands before a multipart's body, in bytes. */
  readonly multipartBytes: number;
}

const codecs: Readonly<Record<Version, Codec>> = {
  [versions.of10]: {
    names: messageNames10,
    rows: messages10,
    multipartBytes: multipart10.size,
  },
  [versions.of13]: { names: messageNames, rows: messages, multipartBytes: multipart.size },
};

/** The name of a message's type on the wire; undefined when the version has none of this type. */
export function nameOfType(version: Version, type: number): MessageName | undefined {
  return codecs[version].names[type];
}

/** What is wrong with a frame before anybody looks behind its fixed part: version, type, length. */
export function refuseFrame(
  version: Version,
  dv: DataView,
  at: number,
  length: number,
): OfError | undefined {
  if (length < header.size || at + length > dv.byteLength) {
    return ofError('badRequest', 'badLen', `frame of ${length} bytes`);
  }
  const type = header.get.type(dv, at);
  const { names, rows } = codecs[version];
  const name = names[type];
  const spoken = header.get.version(dv, at);
  // A hello says which versions there are, and a refusal of it comes in the peer's
  // (OF1.3.5 section 6.3.1).
  if (spoken !== version && name !== 'hello' && name !== 'error') {
    return ofError('badRequest', 'badVersion', `version ${spoken}`);
  }
  const row = name && rows[name];
  if (!row) return ofError('badRequest', 'badType', `message type ${type}`);
  const { minimum, part } = row;
  const fits = part.isExact ? length === minimum : length >= minimum;
  if (fits && header.get.length(dv, at) === length) return undefined;
  return ofError('badRequest', 'badLen', `${name} of ${length} bytes`);
}

/**
 * Decodes the frame of `length` bytes at `at`, on a connection that agreed on `version`. Everything
 * is copied: the frame may go afterwards. Errors: badRequest (version, type, length), and those of
 * the structures inside.
 */
export function decode(
  version: Version,
  dv: DataView,
  at: number,
  length: number,
): Message | OfError {
  const wrong = refuseFrame(version, dv, at, length);
  if (wrong) return wrong;
  const { names, rows } = codecs[version];
  const type = header.get.type(dv, at);
  const row = rows[names[type] as MessageName];
  if (row === undefined) return ofError('badRequest', 'badType', `message type ${type}`);
  const found = row.part.read(dv, at, at + length, row.isStrict);
  return isError(found) ? found : found.value;
}

export function encode(version: Version, message: Message): Uint8Array {
  return whole(version, message).finish();
}

/** As `encode`, behind what the writer has; nothing of it when it cannot be encoded. */
export function encodeTo(to: Writer, version: Version, message: Message): void {
  const frame = whole(version, message);
  to.putFrom(frame.dv, 0, frame.at);
}

/** Where a frame is made before it goes anywhere: its memory is used again by the next one. */
const scratch = new Writer();

function whole(version: Version, message: Message): Writer {
  scratch.reset();
  const { number } = write(version, scratch, message);
  const spoken = message.type === 'hello' ? helloVersion(message.versions) : version;
  header.set.version(scratch.dv, 0, spoken);
  header.set.type(scratch.dv, 0, number);
  const size = scratch.at;
  if (!scratch.endFrame(0)) throw new Error(`${message.type} of ${size} bytes fits no frame`);
  return scratch;
}

/** Appends all but version and type. What the version cannot say is our mistake. */
function write(version: Version, to: Writer, message: Message): MessageRow {
  const why = version === versions.of10 ? whyNotIn10(message) : undefined;
  if (why !== undefined) throw new Error(`${why}: ${message.type}`);
  const row = codecs[version].rows[message.type];
  if (row === undefined) throw new Error(`version ${version} has no ${message.type}`);
  row.part.write(to, message);
  return row;
}

/**
 * How long the message would be, in bytes, whether a frame can be so long or not. Asked before
 * anything is promised that would have to be said in it.
 */
export function sizeOf(version: Version, message: Message): number {
  const to = new Writer();
  write(version, to, message);
  return to.at;
}

/** The same of a statistics reply that has just these rows. */
export function replySizeOf(version: Version, reply: MultipartReplyBody): number {
  return sizeOf(version, { type: 'multipartReply', xid: 0, flags: 0, reply });
}

/**
 * The frames of a reply, all but the last with the MORE flag (OF1.3.5 section 7.3.5); with
 * `lastFlags` the last as well, when more of the reply follows.
 */
export function encodeMultipartReply(
  version: Version,
  xid: number,
  reply: MultipartReplyBody,
  lastFlags = 0,
): Uint8Array[] {
  const bodyBytesMax = frameBytesMax - codecs[version].multipartBytes;
  const parts = replyParts(reply, bodyBytesMax, listOf(version, reply.kind));
  return parts.map((part, index) => {
    const flags = index < parts.length - 1 ? multipartMore : lastFlags;
    return encode(version, { type: 'multipartReply', xid, flags, reply: part });
  });
}
