/**
 * Error replies to a frame, with the frame's own transaction id and its own bytes.
 */

import { bytesOf } from '../../openflow/layout/layout.ts';
import { decode } from '../../openflow/messages/codec.ts';
import { header, messages } from '../../openflow/messages/messages.ts';
import { versionText } from '../../openflow/messages/negotiation.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import { isError, ofError } from '../../openflow/values/errors.ts';
import { experimenterOf } from '../../openflow/values/extension-errors.ts';
import type { Message, OfError } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { ErrorNumbers, Origin } from '../../translation/controllers/verdict.ts';

/** ofp_error_msg, and in 1.0 Nicira's vendor error inside it. */
const errorHeadBytesMax = 12 + 8;

export function errorAbout(
  dv: DataView,
  at: number,
  length: number,
  { errorType, errorCode }: ErrorNumbers,
): Message {
  // OF1.3.5 section 7.4.4: at least 64 bytes of the request; the most that a frame can hold.
  const quoted = bytesOf(dv, at, Math.min(length, limits.frameBytesMax - errorHeadBytesMax));
  // 1.0's form has the number in it already (errors10.ts).
  const isOf10 = header.get.version(dv, at) === version.of10;
  const experimenter = experimenterOf(isOf10 ? 0 : errorType, errorCode);
  const data = new Uint8Array(experimenter.length + quoted.length);
  data.set(experimenter);
  data.set(quoted, experimenter.length);
  return { type: 'error', xid: header.get.xid(dv, at), errorType, errorCode, data };
}

/** Who sends errors: a channel, as long as it is up. */
interface Refusing {
  readonly isUp: boolean;
  refuse(dv: DataView, at: number, length: number, error: ErrorNumbers): void;
}

/** Keeps the request's bytes for an error that may come later. */
export function originOf(channel: Refusing, dv: DataView, at: number, length: number): Origin {
  const copy = bytesOf(dv, at, length).slice();
  return {
    asker: { connection: channel, xid: header.get.xid(dv, at) },
    refuse(error) {
      if (channel.isUp) channel.refuse(new DataView(copy.buffer), 0, length, error);
    },
  };
}

/** What an error message says, for people. */
export function errorText(version: Version, dv: DataView, at: number, length: number): string {
  const message = decode(version, dv, at, length);
  if (isError(message) || message.type !== 'error') return 'an unreadable error';
  return (
    new TextDecoder().decode(message.data) || `error ${message.errorType}/${message.errorCode}`
  );
}

/**
 * What is wrong with a frame of this type and version, after another was agreed or the same. To a
 * switch, which is how we speak above, echoes may be of any version; hellos and errors are not for
 * it, of whichever.
 */
export function wrongWord(
  isSwitch: boolean,
  type: number,
  version: number,
  agreed: Version,
): OfError | undefined {
  if (version === agreed && type !== messages.hello.number) return undefined;
  const isForeign = version !== agreed;
  const { error, hello, echoReply } = messages;
  if (isForeign && !(isSwitch && type <= echoReply.number)) {
    const why = `${versionText(version)} after ${versionText(agreed)} was agreed`;
    return ofError('badRequest', 'badVersion', why);
  }
  if (!isSwitch || !(type === hello.number || (isForeign && type === error.number)))
    return undefined;
  return ofError('badRequest', 'badType', 'no hello or error may follow the handshake');
}

/** Where the two sides have no version in common. */
export function helloRefused(xid: number, why: string): Message {
  const data = new TextEncoder().encode(why);
  const { errorType, errorCode } = ofError('helloFailed', 'incompatible', why);
  return { type: 'error', xid, errorType, errorCode, data };
}
