/**
 * The most frequent packet-outs, rewritten in the destination's copy: bytes to bytes.
 *
 * A packet-out whose actions are all plain outputs needs nothing but other actions in their place
 * (packet-out.ts has the meaning, and everything else). What this file does not take, the values
 * do: whatever is wrong with a frame is found and named there.
 */

import { frameBytesMax, type Writer } from '../../openflow/layout/writer.ts';
import { encodeActions } from '../../openflow/messages/codec.ts';
import { messages, packetOut } from '../../openflow/messages/messages.ts';
import { NO_BUFFER, port as ofpp } from '../../openflow/values/constants.ts';
import type { Vport, VswitchId } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { setVport } from '../entries/pipeline.ts';
import { port16 } from '../entries/reserved.ts';
import {
  areOutputs,
  outputsBytesMax,
  outputsTo,
  putPatched,
  writeOutputs,
} from '../pipeline/output-bytes.ts';
import { LLDP } from './lldp.ts';

const ETHERTYPE_AT = 12;

/** What says where the packet is; bytes 8 to 11 are the vswitch and the vport. */
const entering = new DataView(encodeActions([setVport(0 as VswitchId, 0)]).slice().buffer);

/** Where the tenant of a plain packet-out says that it entered. */
function inPortOf(dv: DataView, at: number): number {
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
  if (packetAt + ETHERTYPE_AT + 2 > length) return false;
  const bytesMax = length + entering.byteLength + outputsBytesMax(actionsBytes);
  if (bytesMax > frameBytesMax) return false;
  if (!areOutputs(dv, at + packetOut.size, at + packetAt, 'packetOut')) return false;
  return dv.getUint16(at + packetAt + ETHERTYPE_AT) !== LLDP;
}

/** Whether a frame that `isPlainPacketOut` puts its packet into the first table. */
export function putsIntoTable(dv: DataView, at: number): boolean {
  const actionsAt = at + packetOut.size;
  return outputsTo(dv, actionsAt, actionsAt + packetOut.get.actionsLen(dv, at), ofpp.table);
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
  const start = out.beginFrame(packetOut.size);
  putPatched(out, entering, vswitch.id * 0x1_0000 + port16(inPortOf(dv, at)));
  const packetAt = packetOut.size + packetOut.get.actionsLen(dv, at);
  writeOutputs(out, dv, at + packetOut.size, at + packetAt, undefined);
  out.putSize(start + packetOut.offset.actionsLen, start + packetOut.size);
  out.putFrom(dv, at + packetAt, length - packetAt);
  packetOut.set.version(out.dv, start, packetOut.get.version(dv, at));
  packetOut.set.type(out.dv, start, messages.packetOut.number);
  packetOut.set.xid(out.dv, start, xid);
  packetOut.set.bufferId(out.dv, start, NO_BUFFER);
  packetOut.set.inPort(out.dv, start, ofpp.controller);
  out.dv.setUint16(start + packetOut.offset.pad, 0);
  out.dv.setUint32(start + packetOut.offset.pad + 2, 0);
  if (!out.endFrame(start)) throw new Error('a plain packet-out fits no frame below');
}
