/**
 * A datapath's packet-in: its vswitch, and the bytes that its tenant sees.
 *
 * Metadata says which vswitch and vport, the cookie says which rule; the packet itself is not
 * looked at. The tenant sees its own port, table, cookie and reason (DESIGN 2, "What the encoding
 * must put back"). Hot: fields are read in place, the answer is written into the outbox.
 */

import { frameBytesMax, type Writer } from '../../openflow/layout/writer.ts';
import { messages, packetIn } from '../../openflow/messages/messages.ts';
import { NO_BUFFER, oxmClass, packetInReason, version } from '../../openflow/values/constants.ts';
import { fields } from '../../openflow/values/fields.ts';
import {
  isDivertCookie,
  isMissCookie,
  isRuleCookie,
  isWiringCookie,
  lossProbeIdIn,
  vportOfMetadata,
  vswitchOfMetadata,
} from '../entries/pipeline.ts';
import { portOf16 } from '../entries/reserved.ts';
import { registerHeaders, tenantHeaders, zeroRegisters } from '../entries/tenant-registers.ts';

/** Whose a packet-in is. `serial` is 0 when a packet-out, not a rule, sent the packet up. */
export interface PacketInOwner {
  readonly vswitchId: number;
  readonly vport: number;
  readonly serial: number;
  /** No rule sent it up: it missed them all (OpenFlow 1.0). */
  readonly isMiss: boolean;
  /** No rule has seen it yet (hypervisor/tenant/single-body.ts). */
  readonly isDiverted: boolean;
  /** By the action set, when the pipeline had ended. */
  readonly isActionSet: boolean;
  /** The tenant's own bits of metadata. */
  readonly metadata: number;
  /** And what its registers hold. */
  readonly registers: readonly number[];
  /** Where the packet starts in the frame. */
  readonly dataAt: number;
  /** The packet's length before it was cut, and OFPR_*: as the datapath said. */
  readonly totalLen: number;
  readonly said: number;
}

/** What the tenant is told about the rule that sent the packet up. */
export interface PacketInCause {
  readonly cookie: bigint;
  readonly tableId: number;
  readonly reason: number;
}

/** How much of the packet goes along, and where the whole of it is kept. */
export interface Shown {
  readonly bytesMax: number;
  readonly bufferId: number;
}

export const shownWhole: Shown = { bytesMax: 0xffff, bufferId: NO_BUFFER };

/** The cookie of a packet-in that no rule caused, as Open vSwitch has it. */
export const NO_COOKIE = 0xffff_ffff_ffff_ffffn;

const MATCH_AT = packetIn.size;
const COOKIE_AT = packetIn.offset.cookie;
/** ofp_match with in_port alone; and with metadata, which is there when it is not zero. */
const IN_PORT_MATCH_BYTES = 12;
const WHOLE_MATCH_BYTES = 24;
/** A register: its TLV header, and its value. */
const REGISTER_BYTES = 8;
const METADATA_HEADER = (oxmClass.basic << 16) | (fields.metadata.field << 9) | 8;
const REG1_HEADER = (fields.reg1.oxmClass << 16) | (fields.reg1.field << 9) | 4;
const IN_PORT_HEADER = (oxmClass.basic << 16) | (fields.in_port.field << 9) | 4;

/** The vswitch whose loss probe this is (wiring/loss-probe.ts); undefined when it is none. */
export function lossProbeIdOf(dv: DataView, at: number, length: number): number | undefined {
  if (length < messages.packetIn.minimum) return undefined;
  return lossProbeIdIn(dv.getUint32(at + COOKIE_AT));
}

/** Reads whose packet-in this is; undefined when it is nobody's, or broken. */
export function ownerOf(dv: DataView, at: number, length: number): PacketInOwner | undefined {
  if (length < messages.packetIn.minimum) return undefined;
  const matchBytes = dv.getUint16(at + MATCH_AT + 2);
  const dataAt = MATCH_AT + Math.ceil(matchBytes / 8) * 8 + 2;
  if (matchBytes < 4 || dataAt > length) return undefined;
  const metadataAt = findOxm(dv, at + MATCH_AT + 4, at + MATCH_AT + matchBytes, METADATA_HEADER);
  if (metadataAt < 0) return undefined;
  const where = dv.getUint32(metadataAt);
  const vswitchId = vswitchOfMetadata(where);
  const cookie = dv.getUint32(at + COOKIE_AT);
  const matchEnd = at + MATCH_AT + matchBytes;
  const isActionSet = isWiringCookie(cookie, vswitchId);
  let serial = 0;
  if (isRuleCookie(cookie, vswitchId)) serial = dv.getUint32(at + COOKIE_AT + 4);
  else if (isActionSet) serial = actionSetSerial(dv, at, matchEnd);
  const metadata = dv.getUint32(metadataAt + 4);
  const registers =
    matchBytes > WHOLE_MATCH_BYTES ? registersIn(dv, at + MATCH_AT + 4, matchEnd) : zeroRegisters;
  const isMiss = isMissCookie(cookie, vswitchId);
  const isDiverted = isDivertCookie(cookie, vswitchId);
  const vport = vportOfMetadata(where);
  const totalLen = packetIn.get.totalLen(dv, at);
  const said = packetIn.get.reason(dv, at);
  return {
    vswitchId,
    vport,
    serial,
    isMiss,
    isDiverted,
    isActionSet,
    metadata,
    registers,
    dataAt,
    totalLen,
    said,
  };
}

/** The egress table sent it up for an action set: reg1 says whose (encoding.ts). */
function actionSetSerial(dv: DataView, at: number, matchEnd: number): number {
  const reg1At = findOxm(dv, at + MATCH_AT + 4, matchEnd, REG1_HEADER);
  return reg1At < 0 ? 0 : dv.getUint32(reg1At);
}

/** OFPR_*: a tenant's table-miss is no longer one below. */
export function reasonOf({ said }: Pick<PacketInOwner, 'said'>, isTableMiss: boolean): number {
  if (said === packetInReason.invalidTtl) return said;
  return isTableMiss ? packetInReason.noMatch : packetInReason.action;
}

/** Appends the tenant's packet-in to `out`. */
export function writePacketIn(
  out: Writer,
  dv: DataView,
  at: number,
  length: number,
  owner: PacketInOwner,
  cause: PacketInCause,
  shown: Shown,
): void {
  const start = writeHead(out, owner.vport, owner.metadata, cause.cookie, owner.registers);
  const bytes = Math.min(shown.bytesMax, length - owner.dataAt, leftIn(out, start));
  packetIn.set.tableId(out.dv, start, cause.tableId);
  packetIn.set.bufferId(out.dv, start, shown.bufferId);
  packetIn.set.totalLen(out.dv, start, owner.totalLen);
  packetIn.set.reason(out.dv, start, cause.reason);
  out.putFrom(dv, at + owner.dataAt, bytes);
  endPacketIn(out, start);
}

/** Appends a packet-in of a packet that no datapath sent up (lldp.ts). */
export function writePacketInOf(
  out: Writer,
  one: {
    readonly vport: number;
    /** The tenant's bits. */
    readonly metadata: number;
    readonly cookie: bigint;
    readonly tableId: number;
    readonly reason: number;
    readonly data: Uint8Array;
  },
): void {
  const start = writeHead(out, one.vport, one.metadata, one.cookie, zeroRegisters);
  packetIn.set.tableId(out.dv, start, one.tableId);
  packetIn.set.totalLen(out.dv, start, one.data.length);
  packetIn.set.reason(out.dv, start, one.reason);
  out.put(one.data.subarray(0, leftIn(out, start)));
  endPacketIn(out, start);
}

/** How much of a packet a frame still has room for that began at `start`. */
export function leftIn(out: Writer, start: number): number {
  return frameBytesMax - (out.at - start);
}

export function endPacketIn(out: Writer, start: number): void {
  if (!out.endFrame(start)) throw new Error('a packet-in that was cut fits no frame');
}

/** All before the packet but its table and reason; answers where the frame starts. */
function writeHead(
  out: Writer,
  vport: number,
  metadata: number,
  cookie: bigint,
  registers: readonly number[],
): number {
  const plainBytes = metadata === 0 ? IN_PORT_MATCH_BYTES : WHOLE_MATCH_BYTES;
  const matchBytes = plainBytes + REGISTER_BYTES * countOf(registers);
  // Padded to eight; two more bytes align the packet's IP header (OF1.3.5 section 7.4.1).
  const size = packetIn.size + ((matchBytes + 7) & ~7) + 2;
  const start = out.beginFrame(size);
  const { dv } = out;
  dv.setUint32(start + packetIn.offset.xid, 0);
  packetIn.set.version(dv, start, version.of13);
  packetIn.set.type(dv, start, messages.packetIn.number);
  packetIn.set.bufferId(dv, start, NO_BUFFER);
  packetIn.set.cookie(dv, start, cookie);
  const matchAt = start + MATCH_AT;
  dv.setUint32(matchAt, (1 << 16) | matchBytes);
  dv.setUint32(matchAt + 4, IN_PORT_HEADER);
  dv.setUint32(matchAt + 8, portOf16(vport));
  let next = matchAt + IN_PORT_MATCH_BYTES;
  for (let i = 0; i < registers.length; i++) {
    const value = registers[i] as number;
    if (value === 0) continue;
    dv.setUint32(next, tenantHeaders[i] as number);
    dv.setUint32(next + 4, value);
    next += REGISTER_BYTES;
  }
  if (metadata !== 0) {
    dv.setUint32(next, METADATA_HEADER);
    dv.setUint32(next + 4, 0);
    dv.setUint32(next + 8, metadata);
  }
  // What pads the match to a multiple of eight, and the two bytes behind it.
  const paddedAt = matchAt + matchBytes;
  for (let pad = paddedAt; pad < start + size; pad += 2) dv.setUint16(pad, 0);
  return start;
}

/** What the tenant's registers held; those that are not said are zero. */
function registersIn(dv: DataView, from: number, to: number): readonly number[] {
  const found = registerHeaders.map((header) => {
    const at = findOxm(dv, from, to, header);
    return at < 0 ? 0 : dv.getUint32(at);
  });
  return countOf(found) === 0 ? zeroRegisters : found;
}

/** How many are not zero. */
function countOf(registers: readonly number[]): number {
  let count = 0;
  for (let i = 0; i < registers.length; i++) if (registers[i] !== 0) count += 1;
  return count;
}

/** Where the payload of the field with this header starts, or -1. Stops at broken lengths. */
function findOxm(dv: DataView, from: number, to: number, header: number): number {
  for (let at = from; at + 4 <= to; at += 4 + dv.getUint8(at + 3)) {
    const fits = at + 4 + dv.getUint8(at + 3) <= to;
    if (fits && dv.getUint32(at) === header >>> 0) return at + 4;
  }
  return -1;
}
