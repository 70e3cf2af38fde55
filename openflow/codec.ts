/**
 * Frames to messages and back: the cold path's only door between bytes and values.
 *
 * `decode` (decode.ts) believes nothing: it answers a message or the specification's error,
 * whatever the bytes. `encode` (encode.ts) writes what our own code made; what does not fit is our
 * own mistake.
 */

export { decode } from './decode.ts';
export { encode, encodeActions, encodeMultipartReply, frameBytesMax } from './encode.ts';
