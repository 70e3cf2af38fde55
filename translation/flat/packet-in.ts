/**
 * A packet-in of a datapath in the flat encoding: its vswitch is found by the port and our tag.
 *
 * It names no rule: OpenFlow 1.0 says no cookie (OF1.0.1 section 5.4.1). Which rule sent the
 * packet up is found in the rulebook (body.ts, `senderOf`).
 */

import { messages, packetIn, packetIn10 } from '../../openflow/messages/messages.ts';
import { oxmClass, type Version, version } from '../../openflow/values/constants.ts';
import { fields } from '../../openflow/values/fields.ts';
import { readCookie } from '../entries/pipeline.ts';
import { zeroRegisters } from '../entries/tenant-registers.ts';
import type { PacketInOwner } from '../pipeline/packet-in.ts';
import type { FlatDatapath } from './datapath.ts';
import type { Entrance } from './ingress.ts';
import { MARK_PRIORITY, MARK_VID } from './packet-in-mark.ts';

const MACS = 12;
const TAG = 4;
const IN_PORT = (oxmClass.basic << 16) | (fields.in_port.field << 9) | 4;
/** ofp_match: type, length, then in_port, which Open vSwitch says first (OF1.3.5, 7.2.3.7). */
const FIRST_OXM = packetIn.size + 4;

/** A packet-in's parts where the two versions differ. */
interface Head {
  readonly inPort: number;
  readonly said: number;
  readonly dataAt: number;
  readonly isDiverted: boolean;
}

/**
 * Whether a packet bears the mark that entries of its vswitch put on it now: none do on a datapath
 * that has cookies, or where no hand-over is under way.
 */
function isMark(flat: FlatDatapath, { vswitch, tag, trunk }: Entrance, tci: number): boolean {
  const mark = flat.markOf(vswitch);
  if (mark === undefined || trunk !== undefined) return false;
  return tag === undefined ? (tci & 0xfff) === mark.vid : tci >> 13 === MARK_PRIORITY;
}

/** Whether a packet may bear the mark of a hand-over that was before (packet-in-mark.ts). */
function isOldMark(speaks: Version, { tag }: Entrance, tci: number | undefined): boolean {
  if (speaks !== version.of10 || tci === undefined) return false;
  return tag === undefined ? (tci & 0xfff) === MARK_VID : tci >> 13 === MARK_PRIORITY;
}

/**
 * Reads whose packet-in this is; undefined when it is nobody's, or broken. Our tag is taken out of
 * the frame, which must be ours to change. `isSettled`: the datapath holds nothing of before; until
 * then it may mark packets for a hand-over of which nothing is known any more, and a frame that has
 * the usual mark is nobody's.
 */
export function flatOwnerOf(
  flat: FlatDatapath,
  speaks: Version,
  dv: DataView,
  at: number,
  length: number,
  isSettled: boolean,
): PacketInOwner | undefined {
  const head = speaks === version.of10 ? head10(dv, at, length) : head13(dv, at, length);
  if (head === undefined) return undefined;
  const packetAt = at + head.dataAt;
  const isTagged = length >= head.dataAt + MACS + TAG && isTag(dv.getUint16(packetAt + MACS));
  const tci = isTagged ? dv.getUint16(packetAt + MACS + 2) : undefined;
  const entrance = flat.entrance(head.inPort, tci && tci & 0xfff);
  if (entrance === undefined) return undefined;
  if (!isSettled && isOldMark(speaks, entrance, tci)) return undefined;
  const isMarked = tci !== undefined && isMark(flat, entrance, tci);
  const isOurs = entrance.tag !== undefined || isMarked;
  if (isOurs) moveMacs(dv, packetAt);
  return {
    vswitchId: entrance.vswitch.id,
    vport: entrance.vport,
    serial: 0,
    isMiss: false,
    isDiverted: isMarked || head.isDiverted,
    isActionSet: false,
    registers: zeroRegisters,
    metadata: 0,
    dataAt: head.dataAt + (isOurs ? TAG : 0),
    totalLen: packetIn.get.totalLen(dv, at) - (isOurs ? TAG : 0),
    said: head.said,
  };
}

function head10(dv: DataView, at: number, length: number): Head | undefined {
  if (length < packetIn10.size) return undefined;
  const inPort = packetIn10.get.inPort(dv, at);
  const said = packetIn10.get.reason(dv, at);
  return { inPort, said, dataAt: packetIn10.size, isDiverted: false };
}

function head13(dv: DataView, at: number, length: number): Head | undefined {
  if (length < messages.packetIn.minimum) return undefined;
  const matchBytes = dv.getUint16(at + packetIn.size + 2);
  const dataAt = packetIn.size + Math.ceil(matchBytes / 8) * 8 + 2;
  if (matchBytes < 12 || dataAt > length || dv.getUint32(at + FIRST_OXM) !== IN_PORT >>> 0) {
    return undefined;
  }
  const upper = dv.getUint32(at + packetIn.offset.cookie);
  const isDiverted = readCookie(BigInt(upper) << 32n)?.kind === 'divert';
  const inPort = dv.getUint32(at + FIRST_OXM + 4);
  return { inPort, said: packetIn.get.reason(dv, at), dataAt, isDiverted };
}

/** 802.1Q, and 802.1ad, which datapaths of the pipeline use among themselves. */
function isTag(ethertype: number): boolean {
  return ethertype === 0x8100 || ethertype === 0x88a8;
}

/** Closes the gap that a tag leaves. */
function moveMacs(dv: DataView, packetAt: number): void {
  const from = dv.byteOffset + packetAt;
  new Uint8Array(dv.buffer).copyWithin(from + TAG, from, from + MACS);
}
