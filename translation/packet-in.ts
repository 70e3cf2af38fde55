/**
 * A datapath's packet-in: whose it is, and the bytes that its tenant sees.
 *
 * Metadata says which vswitch and vport, the cookie says which rule; the packet itself is not
 * looked at. The tenant sees its own port, table, cookie and reason (DESIGN 3, "what the encoding
 * must put back"). Hot: fields are read in place, the answer is written into the outbox.
 */
import {
  NO_BUFFER,
  port as ofpp,
  oxmClass,
  packetInReason,
  version,
} from '../openflow/constants.ts';
import { ofError } from '../openflow/errors.ts';
import { fields } from '../openflow/fields.ts';
import { messages, packetIn } from '../openflow/messages.ts';
import type { OfError } from '../openflow/values.ts';
import type { Writer } from '../openflow/writer.ts';
import { readCookie, readMetadata } from './pipeline.ts';

/** Whose a packet-in is. `serial` is 0 when a packet-out, not a rule, sent the packet up. */
export interface PacketInOwner {
  readonly vswitchId: number;
  readonly vport: number;
  readonly serial: number;
  /** Where the packet starts in the frame. */
  readonly dataAt: number;
}

/** What the tenant is told about the rule that sent the packet up. */
export interface PacketInCause {
  readonly cookie: bigint;
  readonly isTableMiss: boolean;
}

/** The cookie of a packet-in that no rule caused, as Open vSwitch has it. */
export const NO_COOKIE = 0xffff_ffff_ffff_ffffn;

const MATCH_AT = packetIn.size;
/** ofp_match with in_port alone: 4 + 8 bytes, padded; then 2 bytes of padding before the packet. */
const TENANT_HEAD_BYTES = packetIn.size + 16 + 2;
const METADATA_HEADER = (oxmClass.basic << 16) | (fields.metadata.field << 9) | 8;
const IN_PORT_HEADER = (oxmClass.basic << 16) | (fields.in_port.field << 9) | 4;

/** Reads whose packet-in this is; an error when it is broken, undefined when it is nobody's. */
export function ownerOf(
  dv: DataView,
  at: number,
  length: number,
): PacketInOwner | OfError | undefined {
  if (length < messages.packetIn.minimum) return tooShort(length);
  const matchBytes = dv.getUint16(at + MATCH_AT + 2);
  const dataAt = MATCH_AT + Math.ceil(matchBytes / 8) * 8 + 2;
  if (matchBytes < 4 || dataAt > length) return tooShort(length);
  const metadataAt = findOxm(dv, at + MATCH_AT + 4, at + MATCH_AT + matchBytes, METADATA_HEADER);
  if (metadataAt < 0) return undefined;
  const { id, vport } = readMetadata(dv.getBigUint64(metadataAt));
  const cookie = readCookie(packetIn.get.cookie(dv, at));
  const isRule = cookie?.kind === 'rule' && cookie.id === id;
  return { vswitchId: id, vport, serial: isRule ? cookie.serial : 0, dataAt };
}

/** Appends the tenant's packet-in to `out`. */
export function writePacketIn(
  out: Writer,
  dv: DataView,
  at: number,
  length: number,
  owner: PacketInOwner,
  cause: PacketInCause,
): void {
  const invalidTtl = packetIn.get.reason(dv, at) === packetInReason.invalidTtl;
  const reason = cause.isTableMiss ? packetInReason.noMatch : packetInReason.action;
  writePacketInOf(out, {
    vport: owner.vport,
    cookie: cause.cookie,
    reason: invalidTtl ? packetInReason.invalidTtl : reason,
    totalLen: packetIn.get.totalLen(dv, at),
    data: new Uint8Array(dv.buffer, dv.byteOffset + at + owner.dataAt, length - owner.dataAt),
  });
}

/** Appends a packet-in of a packet that no datapath sent up (lldp.ts). */
export function writePacketInOf(
  out: Writer,
  one: {
    readonly vport: number;
    readonly cookie: bigint;
    readonly reason: number;
    readonly totalLen: number;
    readonly data: Uint8Array;
  },
): void {
  const length = TENANT_HEAD_BYTES + one.data.length;
  const start = out.room(length);
  const { dv } = out;
  packetIn.set.version(dv, start, version.of13);
  packetIn.set.type(dv, start, messages.packetIn.number);
  packetIn.set.length(dv, start, length);
  packetIn.set.xid(dv, start, 0);
  packetIn.set.bufferId(dv, start, NO_BUFFER);
  packetIn.set.totalLen(dv, start, one.totalLen);
  packetIn.set.reason(dv, start, one.reason);
  packetIn.set.tableId(dv, start, 0);
  packetIn.set.cookie(dv, start, one.cookie);
  dv.setUint16(start + MATCH_AT, 1);
  dv.setUint16(start + MATCH_AT + 2, 12);
  dv.setUint32(start + MATCH_AT + 4, IN_PORT_HEADER);
  dv.setUint32(start + MATCH_AT + 8, one.vport === 0 ? ofpp.controller : one.vport);
  out.bytes.set(one.data, start + TENANT_HEAD_BYTES);
}

/** Where the payload of the field with this header starts, or -1. Stops at broken lengths. */
function findOxm(dv: DataView, from: number, to: number, header: number): number {
  for (let at = from; at + 4 <= to; at += 4 + dv.getUint8(at + 3)) {
    const fits = at + 4 + dv.getUint8(at + 3) <= to;
    if (fits && dv.getUint32(at) === header >>> 0) return at + 4;
  }
  return -1;
}

function tooShort(length: number): OfError {
  return ofError('badRequest', 'badLen', `a packet-in of ${length} bytes does not hold its match`);
}
