/**
 * Text in fields of fixed size: UTF-8, ended by a NUL (OF1.3.5 section 7.2.1).
 */

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The text before the first NUL. Bytes that are no UTF-8 become U+FFFD. */
export function cString(data: Uint8Array): string {
  const end = data.indexOf(0);
  return decoder.decode(end < 0 ? data : data.subarray(0, end));
}

/** At most `size - 1` bytes, cut between characters, so that a NUL always follows. */
export function cBytes(text: string, size: number): Uint8Array {
  const room = new Uint8Array(size - 1);
  const { written } = encoder.encodeInto(text, room);
  return room.subarray(0, written);
}
