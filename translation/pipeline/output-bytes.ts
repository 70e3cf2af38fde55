/**
 * Outputs that stay bytes: a tenant's output is rewritten in the destination's copy of a packet-out
 * (packet-out-bytes.ts) or a flow-mod (flow-mod-bytes.ts).
 */

import type { Writer } from '../../openflow/layout/writer.ts';
import { encodeActions } from '../../openflow/messages/codec.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { puntOf } from '../entries/punt.ts';
import { type ActionsOf, refuseOutput, reservedPorts } from '../entries/reserved.ts';
import { encodeAction } from './encoding.ts';

/** ofp_action_output: type 0, 16 bytes (OF1.3.5 section 7.2.5.1). */
export const OUTPUT_BYTES = 16;
const OUTPUT_HEAD = OUTPUT_BYTES;

/** What outputs to a vport; bytes 8 to 11 are the vport. */
const toVport = encodeOutput(0);
const PATCH_AT = 8;
/** What outputs to the reserved ports, wherever they are offered. */
const toReserved: ReadonlyMap<number, DataView> = new Map(
  Object.values(reservedPorts)
    .filter((one) => one.output.length > 0)
    .map((one) => [one.number, encodeOutput(one.number)]),
);

function encodeOutput(port: number): DataView {
  const bytes = encodeActions(encodeAction({ type: 'output', port, maxLen: 0 }));
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * The longest that outputs of so many bytes become, which have to fit a message with all else.
 * What may not fit is measured where values are (fit.ts).
 */
export function outputsBytesMax(bytes: number): number {
  return (bytes / OUTPUT_BYTES) * longestBytes;
}

const longestBytes = [...toReserved.values()].reduce(
  (longest, { byteLength }) => Math.max(longest, byteLength),
  toVport.byteLength,
);

/** Whether the actions in [at, end) are outputs that are offered, and nothing else. */
export function areOutputs(dv: DataView, at: number, end: number, of: ActionsOf): boolean {
  if ((end - at) % OUTPUT_BYTES !== 0) return false;
  for (let a = at; a < end; a += OUTPUT_BYTES) {
    if (dv.getUint32(a) !== OUTPUT_HEAD) return false;
    const port = dv.getUint32(a + 4);
    if (port > limits.vportMax && refuseOutput(port, of) !== undefined) return false;
  }
  return true;
}

/** Whether one of the outputs in [at, end) is to this port. */
export function outputsTo(dv: DataView, at: number, end: number, port: number): boolean {
  for (let a = at; a < end; a += OUTPUT_BYTES) if (dv.getUint32(a + 4) === port) return true;
  return false;
}

/** What an output to the controller is where a meter measures what goes up. */
export function metered({ puntMeter }: Pick<Vswitch, 'puntMeter'>): DataView | undefined {
  if (puntMeter === undefined) return undefined;
  const bytes = encodeActions([puntOf({ puntMeter })]);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Appends what the outputs in [at, end) are below; `up` is what those to the controller are. */
export function writeOutputs(
  out: Writer,
  dv: DataView,
  at: number,
  end: number,
  up: DataView | undefined,
): void {
  for (let a = at; a < end; a += OUTPUT_BYTES) {
    const port = dv.getUint32(a + 4);
    const known = port > limits.vportMax ? toReserved.get(port) : undefined;
    const reserved = port === ofpp.controller && up !== undefined ? up : known;
    if (reserved === undefined) putPatched(out, toVport, port);
    else out.putFrom(reserved, 0, reserved.byteLength);
  }
}

/** Appends a template with other 32 bits at its byte 8. */
export function putPatched(out: Writer, template: DataView, word: number): void {
  const start = out.at;
  out.putFrom(template, 0, template.byteLength);
  out.dv.setUint32(start + PATCH_AT, word);
}
