/**
 * Frames to messages and back: the cold path's only door between bytes and values.
 *
 * `decode` believes nothing: it answers a message or the specification's error, whatever the
 * bytes. `encode` writes what our own code made: what does not fit a frame, or the version, is our
 * own mistake, and throws (`unsaid10` tells before). The versions' readers and writers are
 * decode.ts and encode.ts, and those of of10/.
 */

import { multipartMore, type Version, version as versions } from './constants.ts';
import * as decode13 from './decode.ts';
import { write13 } from './encode.ts';
import { ofError } from './errors.ts';
import { helloVersion } from './hello.ts';
import * as wire from './messages.ts';
import { listOf } from './multipart.ts';
import * as decode10 from './of10/decode.ts';
import { write10 } from './of10/encode.ts';
import * as wire10 from './of10/messages.ts';
import { listOf10 } from './of10/stats.ts';
import { replyParts } from './parts.ts';
import type { Message, MultipartReplyBody, OfError } from './values.ts';
import { frameBytesMax, Writer } from './writer.ts';

export { encodeActions } from './encode.ts';
export { unsaid10 } from './of10/encode.ts';

export { frameBytesMax };

type Reader = (dv: DataView, at: number, end: number) => Message | OfError;

/** What is different between the versions. */
interface Codec {
  readonly names: readonly wire.MessageName[];
  readonly rows: { readonly [N in wire.MessageName]?: wire.MessageRow };
  readonly readers: { readonly [N in wire.MessageName]?: Reader };
  readonly write: (to: Writer, message: Message) => void;
  readonly listOf: typeof listOf;
  /** What stands before a multipart's body, in bytes. */
  readonly multipartBytes: number;
}

const codecs: Readonly<Record<Version, Codec>> = {
  [versions.of10]: {
    names: wire10.messageNames,
    rows: wire10.messages,
    readers: decode10.readers,
    write: write10,
    listOf: listOf10,
    multipartBytes: wire10.stats.size,
  },
  [versions.of13]: {
    names: wire.messageNames,
    rows: wire.messages,
    readers: decode13.readers,
    write: write13,
    listOf,
    multipartBytes: wire.multipart.size,
  },
};

/** The name of a message's type on the wire; undefined when the version has none of this type. */
export function nameOfType(version: Version, type: number): wire.MessageName | undefined {
  return codecs[version].names[type];
}

/** What is wrong with a frame before anybody looks behind its fixed part: version, type, length. */
export function refuseFrame(
  version: Version,
  dv: DataView,
  at: number,
  length: number,
): OfError | undefined {
  if (length < wire.header.size || at + length > dv.byteLength) {
    return ofError('badRequest', 'badLen', `frame of ${length} bytes`);
  }
  const type = wire.header.get.type(dv, at);
  const { names, rows } = codecs[version];
  const name = names[type];
  const spoken = wire.header.get.version(dv, at);
  // A hello says which versions there are, and a refusal of it comes in the peer's
  // (OF1.3.5 section 6.3.1).
  if (spoken !== version && name !== 'hello' && name !== 'error') {
    return ofError('badRequest', 'badVersion', `version ${spoken}`);
  }
  const row = name && rows[name];
  if (!row) return ofError('badRequest', 'badType', `message type ${type}`);
  const fits = row.exact ? length === row.minimum : length >= row.minimum;
  if (fits && wire.header.get.length(dv, at) === length) return undefined;
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
  const { names, readers } = codecs[version];
  const type = wire.header.get.type(dv, at);
  const name = names[type];
  const read = name && readers[name];
  if (!read) return ofError('badRequest', 'badType', `message type ${type}`);
  return read(dv, at, at + length);
}

export function encode(version: Version, message: Message): Uint8Array {
  const { write, rows } = codecs[version];
  const to = new Writer();
  write(to, message);
  const type = rows[message.type]?.number;
  if (type === undefined) throw new Error(`version ${version} has no ${message.type}`);
  const spoken = message.type === 'hello' ? helloVersion(message.versions) : version;
  wire.header.write(to.dv, 0, { version: spoken, type, xid: message.xid });
  const size = to.at;
  if (!to.endFrame(0)) throw new Error(`${message.type} of ${size} bytes fits no frame`);
  return to.finish();
}

/**
 * How long the message would be, in bytes, whether a frame can be so long or not. Asked before
 * anything is promised that would have to be said in it.
 */
export function sizeOf(version: Version, message: Message): number {
  const to = new Writer();
  codecs[version].write(to, message);
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
  const codec = codecs[version];
  const list = codec.listOf(reply.kind);
  const parts = replyParts(reply, frameBytesMax - codec.multipartBytes, list);
  return parts.map((part, index) => {
    const flags = index < parts.length - 1 ? multipartMore : lastFlags;
    return encode(version, { type: 'multipartReply', xid, flags, reply: part });
  });
}
