/**
 * Port descriptions and fixed-size strings, bytes to values and back (OF1.3.5 section 7.2.1).
 *
 * For port-status (decode.ts), the rows of portDesc (stats.ts) and desc (multipart.ts).
 */

import { portDesc as layout } from './structs.ts';
import type { PortDesc } from './values.ts';
import type { Writer } from './writer.ts';

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

export function readPort(dv: DataView, at: number): PortDesc {
  const values = layout.read(dv, at);
  return { ...values, name: cString(values.name) };
}

export function writePort(to: Writer, port: PortDesc): void {
  const at = to.room(layout.size);
  layout.write(to.dv, at, {
    ...port,
    name: cBytes(port.name, layout.offset.config - layout.offset.name),
  });
}
