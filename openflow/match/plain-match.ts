/**
 * Matches that may stay bytes: they are canonical already, and none of their fields needs decoding.
 *
 * What this file does not take, match-wire.ts does: whatever is wrong with a match is found there,
 * and named. Hot: every flow-mod comes here first.
 */
import { oxmClass, vlan } from '../values/constants.ts';
import { type FieldName, type FieldRow, fields } from '../values/fields.ts';
import { matchHeader } from './match-layouts.ts';

interface PlainField {
  readonly size: number;
  /** Largest value; checked in fields of up to four bytes. */
  readonly max: number;
  readonly isMaskable: boolean;
  /** Whether any value will do, and none says what other fields there may be. */
  readonly isAny: boolean;
  /** Each field that must stand before it, and with one of which values. */
  readonly needs: readonly { readonly field: number; readonly values: readonly number[] }[];
}

/** In the order in which prerequisites are read; each has one that it may need itself. */
const names: readonly FieldName[] = [
  'in_port',
  'eth_dst',
  'eth_src',
  'eth_type',
  'vlan_vid',
  'vlan_pcp',
  'ip_proto',
  'ipv4_src',
  'ipv4_dst',
  'tcp_src',
  'tcp_dst',
  'udp_src',
  'udp_dst',
];

/** Which port it is, and what others need, is looked at. */
const special: ReadonlySet<FieldName> = new Set(['in_port', 'eth_type', 'ip_proto']);

const IN_PORT = fields.in_port.field;
const ETH_TYPE = fields.eth_type.field;
const VLAN_VID = fields.vlan_vid.field;
const IP_PROTO = fields.ip_proto.field;
const OXM_BYTES = 4;

/** By field number. */
const plain: (PlainField | undefined)[] = [];
for (const name of names) {
  const row: FieldRow = fields[name];
  plain[row.field] = {
    size: row.size,
    max: row.size > 4 ? 0 : 2 ** row.bits - 1,
    // A VLAN's mask may hide whether there is one.
    isMaskable: row.maskable && name !== 'vlan_vid',
    isAny: row.bits === 8 * row.size && !special.has(name),
    needs: requiredPortsOf(row.needs),
  };
}

function requiredPortsOf(needs: FieldRow['needs']): PlainField['needs'] {
  if (needs === undefined) return [];
  const { field } = fields[needs.field as FieldName];
  return [...requiredPortsOf(needs.and), { field, values: needs.values }];
}

/**
 * The size of the canonical match at `at`, padding included, or 0 when it is not one that may stay
 * bytes. Of in_port, which port it may be is for the caller (`inPortIn`).
 */
export function plainMatchSize(dv: DataView, at: number, end: number): number {
  if (at + 8 > end || matchHeader.get.type(dv, at) !== 1) return 0;
  const length = matchHeader.get.length(dv, at);
  const size = (length + 7) & ~7;
  if (length < matchHeader.size || at + size > end) return 0;
  let last = -1;
  let ethType = -1;
  let ipProto = -1;
  let vid = 0;
  let tlv = at + matchHeader.size;
  const tlvEnd = at + length;
  while (tlv < tlvEnd) {
    if (tlv + OXM_BYTES > tlvEnd || dv.getUint16(tlv) !== oxmClass.basic) return 0;
    const field = dv.getUint8(tlv + 2) >> 1;
    const row = plain[field];
    if (row === undefined || field <= last) return 0;
    const bytes = plainBytes(dv, tlv, tlvEnd, row);
    if (bytes === 0) return 0;
    if (row.needs.length > 0 && !isMet(row.needs, ethType, ipProto, vid)) return 0;
    if (field === ETH_TYPE) ethType = dv.getUint16(tlv + OXM_BYTES);
    else if (field === IP_PROTO) ipProto = dv.getUint8(tlv + OXM_BYTES);
    else if (field === VLAN_VID) vid = dv.getUint16(tlv + OXM_BYTES);
    last = field;
    tlv += OXM_BYTES + bytes;
  }
  for (let pad = tlvEnd; pad < at + size; pad++) if (dv.getUint8(pad) !== 0) return 0;
  return size;
}

/** The port that a plain match names; -1 when it names none. */
export function inPortIn(dv: DataView, at: number): number {
  const isThere =
    matchHeader.get.length(dv, at) > matchHeader.size && dv.getUint8(at + 6) >> 1 === IN_PORT;
  return isThere ? dv.getUint32(at + 8) : -1;
}

/** Whether the value of a plain match's TLV may be any of its size, all of it. */
export function isAnyValue(dv: DataView, tlv: number): boolean {
  const isMasked = (dv.getUint8(tlv + 2) & 1) === 1;
  return !isMasked && plain[dv.getUint8(tlv + 2) >> 1]?.isAny === true;
}

/** The bytes behind the TLV's header; 0 when they are not canonical, or end beyond `end`. */
function plainBytes(
  dv: DataView,
  tlv: number,
  end: number,
  { size, max, isMaskable }: PlainField,
): number {
  const isMasked = (dv.getUint8(tlv + 2) & 1) === 1;
  const bytes = dv.getUint8(tlv + 3);
  if (bytes !== (isMasked ? 2 * size : size)) return 0;
  const valueAt = tlv + OXM_BYTES;
  if (valueAt + bytes > end) return 0;
  if (isMasked) return isMaskable && isCanonicalMask(dv, valueAt, size) ? bytes : 0;
  if (size > 4) return bytes;
  const value =
    size === 1 ? dv.getUint8(valueAt) : size === 2 ? dv.getUint16(valueAt) : dv.getUint32(valueAt);
  return value <= max ? bytes : 0;
}

/** Some bits, not all; and no value outside them. */
function isCanonicalMask(dv: DataView, valueAt: number, size: number): boolean {
  let all = 0xff;
  let some = 0;
  for (let i = 0; i < size; i++) {
    const mask = dv.getUint8(valueAt + size + i);
    if ((dv.getUint8(valueAt + i) & ~mask) !== 0) return false;
    all &= mask;
    some |= mask;
  }
  return all !== 0xff && some !== 0;
}

function isMet(needs: PlainField['needs'], ethType: number, ipProto: number, vid: number): boolean {
  for (const { field, values } of needs) {
    if (field === VLAN_VID) {
      if ((vid & vlan.present) === 0) return false;
    } else if (!values.includes(field === ETH_TYPE ? ethType : ipProto)) return false;
  }
  return true;
}
