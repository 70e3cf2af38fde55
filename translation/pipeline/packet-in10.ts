/**
 * A tenant's packet-in in the format of OpenFlow 1.0 (OF1.0.1 section 5.4.1); packet-in.ts has
 * 1.3's.
 *
 * It names the port and the packet, and no table, cookie or metadata. Hot, as the other.
 */

import type { Writer } from '../../openflow/layout/writer.ts';
import { messages10, packetIn10 as packetIn } from '../../openflow/messages/messages.ts';
import { NO_BUFFER, packetInReason, version } from '../../openflow/values/constants.ts';
import { portOf16 } from '../entries/reserved.ts';
import { endPacketIn, leftIn, type PacketInOwner, type Shown } from './packet-in.ts';

/** Appends the packet-in that a datapath sent. */
export function writePacketIn10(
  out: Writer,
  dv: DataView,
  at: number,
  length: number,
  owner: PacketInOwner,
  shown: Shown,
): void {
  const start = writeHead(out, owner.vport);
  const bytes = Math.min(shown.bytesMax, length - owner.dataAt, leftIn(out, start));
  // 1.0's word for what no rule matched; a rule that sends everything up is an action's doing.
  const reason = owner.isMiss ? packetInReason.noMatch : packetInReason.action;
  packetIn.set.bufferId(out.dv, start, shown.bufferId);
  packetIn.set.totalLen(out.dv, start, owner.totalLen);
  packetIn.set.reason(out.dv, start, reason);
  out.putFrom(dv, at + owner.dataAt, bytes);
  endPacketIn(out, start);
}

/** Appends a packet-in of a packet that no datapath sent up (lldp.ts). */
export function writePacketInOf10(
  out: Writer,
  vport: number,
  data: Uint8Array,
  reason: number = packetInReason.action,
): void {
  const start = writeHead(out, vport);
  packetIn.set.totalLen(out.dv, start, data.length);
  packetIn.set.reason(out.dv, start, reason);
  out.put(data.subarray(0, leftIn(out, start)));
  endPacketIn(out, start);
}

/** All before the packet but the reason; answers where the frame starts. */
function writeHead(out: Writer, vport: number): number {
  const start = out.beginFrame(packetIn.size);
  const { dv } = out;
  packetIn.set.version(dv, start, version.of10);
  packetIn.set.type(dv, start, messages10.packetIn.number);
  packetIn.set.xid(dv, start, 0);
  packetIn.set.bufferId(dv, start, NO_BUFFER);
  packetIn.set.inPort(dv, start, portOf16(vport));
  dv.setUint8(start + packetIn.offset.pad, 0);
  return start;
}
