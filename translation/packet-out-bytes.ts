/**
 * The packet-outs that are sent most, rewritten in the destination's copy: bytes to bytes.
 *
 * A packet-out whose actions are all plain outputs needs nothing but other actions in their place
 * (packet-out.ts has the meaning, and everything else). What this file does not take, the values
 * do: whatever is wrong with a frame is found and named there.
 */
import { encodeActions } from '../openflow/codec.ts';
import { NO_BUFFER, port as ofpp } from '../openflow/constants.ts';
import { messages, packetOut } from '../openflow/messages.ts';
import type { Writer } from '../openflow/writer.ts';
import type { Vport, VswitchId } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import type { Vswitch } from '../slices/snapshot.ts';
import { encodeAction } from './encoding.ts';
import { LLDP } from './lldp.ts';
import { setVport } from './pipeline.ts';
import { port16, refuseOutput, reservedPorts } from './reserved.ts';

/** ofp_action_output: type 0, 16 bytes (OF1.3.5 section 7.2.5.1). */
const OUTPUT_BYTES = 16;
const OUTPUT_HEAD = OUTPUT_BYTES;
const ETHERTYPE_AT = 12;

/** What says where the packet is; bytes 8 to 11 are the vswitch and the vport. */
const entering = encodeActions([setVport(0 as VswitchId, 0)]);
/** What outputs to a vport; bytes 8 to 11 are the vport. */
const toVport = encodeOutput(0);
const PATCH_AT = 8;
/** What outputs to the reserved ports that are offered. */
const toReserved: ReadonlyMap<number, Uint8Array> = new Map(
  Object.values(reservedPorts)
    .filter((one) => refuseOutput(one.number, 'packetOut') === undefined)
    .map((one) => [one.number, encodeOutput(one.number)]),
);

function encodeOutput(port: number): Uint8Array {
  return encodeActions(encodeAction({ type: 'output', port, maxLen: 0 }));
}

/** Where the tenant of a plain packet-out says that it entered. */
export function inPortOf(dv: DataView, at: number): number {
  return packetOut.get.inPort(dv, at);
}

/** Whether `writePacketOut` may have this frame: plain outputs, no buffer, not LLDP. */
export function isPlainPacketOut(
  vswitch: Vswitch,
  dv: DataView,
  at: number,
  length: number,
): boolean {
  if (length < messages.packetOut.minimum) return false;
  if (packetOut.get.bufferId(dv, at) !== NO_BUFFER) return false;
  const inPort = packetOut.get.inPort(dv, at);
  const isKnown = inPort === ofpp.controller || vswitch.ports.has(inPort as Vport);
  if (!isKnown) return false;
  const actionsBytes = packetOut.get.actionsLen(dv, at);
  const packetAt = packetOut.size + actionsBytes;
  if (actionsBytes % OUTPUT_BYTES !== 0 || packetAt + ETHERTYPE_AT + 2 > length) return false;
  for (let a = packetOut.size; a < packetAt; a += OUTPUT_BYTES) {
    if (dv.getUint32(at + a) !== OUTPUT_HEAD || !isOffered(dv.getUint32(at + a + 4))) return false;
  }
  return dv.getUint16(at + packetAt + ETHERTYPE_AT) !== LLDP;
}

/** Appends what goes down for a frame that `isPlainPacketOut`. */
export function writePacketOut(
  out: Writer,
  xid: number,
  vswitch: Vswitch,
  dv: DataView,
  at: number,
  length: number,
): void {
  const start = out.room(packetOut.size);
  putPatched(out, entering, vswitch.id * 0x1_0000 + port16(inPortOf(dv, at)));
  const packetAt = packetOut.size + packetOut.get.actionsLen(dv, at);
  for (let a = packetOut.size; a < packetAt; a += OUTPUT_BYTES) {
    const port = dv.getUint32(at + a + 4);
    const reserved = toReserved.get(port);
    if (reserved === undefined) putPatched(out, toVport, port);
    else out.put(reserved);
  }
  const actionsLen = out.at - start - packetOut.size;
  out.putFrom(dv, at + packetAt, length - packetAt);
  packetOut.set.version(out.dv, start, packetOut.get.version(dv, at));
  packetOut.set.type(out.dv, start, messages.packetOut.number);
  packetOut.set.length(out.dv, start, out.at - start);
  packetOut.set.xid(out.dv, start, xid);
  packetOut.set.bufferId(out.dv, start, NO_BUFFER);
  packetOut.set.inPort(out.dv, start, ofpp.controller);
  packetOut.set.actionsLen(out.dv, start, actionsLen);
}

function putPatched(out: Writer, template: Uint8Array, word: number): void {
  const start = out.at;
  out.put(template);
  out.dv.setUint32(start + PATCH_AT, word);
}

function isOffered(port: number): boolean {
  return port <= limits.vportMax || toReserved.has(port);
}
