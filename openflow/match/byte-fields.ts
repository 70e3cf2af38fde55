/**
 * The fields of a match that may have any value of their size, and mean the same whatever it is:
 * addresses and transport ports. Two matches that differ only in these are of one form.
 *
 * Both forms of a match are here, so that a value can be taken from one to the other as bytes.
 */
import { mixed } from '../layout/repeated-frames.ts';
import { type FieldName, fields } from '../values/fields.ts';
import { match10, matchHeader } from './match-layouts.ts';

/** Where a value is, from where its match begins, and of which field of 1.3. */
export interface FreeField {
  readonly at: number;
  readonly size: number;
  readonly field: number;
}

const names: readonly FieldName[] = [
  ...(['eth_dst', 'eth_src', 'ipv4_src', 'ipv4_dst', 'arp_spa', 'arp_tpa'] as const),
  ...(['tcp_src', 'tcp_dst', 'udp_src', 'udp_dst', 'sctp_src', 'sctp_dst'] as const),
];
const free: ReadonlySet<number> = new Set(names.map((name) => fields[name].field));
const BASIC = 0x8000;
export const OXM_BYTES = 4;

/** Whether the field with this header, of 1.3, may have any value. */
export function isFreeOxm(header: number): boolean {
  return header >>> 16 === BASIC && (header & 0x100) === 0 && free.has((header >>> 9) & 0x7f);
}

/** A number of a match of 1.3, up to `end`, whatever the values are that may be any. */
export function mixedMatch(key: number, dv: DataView, at: number, end: number): number {
  let hash = at + matchHeader.size > end ? key : mixed(key, dv.getInt32(at));
  let tlv = at + matchHeader.size;
  while (tlv + OXM_BYTES <= end) {
    const header = dv.getUint32(tlv);
    const next = tlv + OXM_BYTES + (header & 0xff);
    hash = mixed(hash, header);
    if (!isFreeOxm(header)) {
      for (let i = tlv + OXM_BYTES; i < Math.min(next, end); i++) {
        hash = mixed(hash, dv.getUint8(i));
      }
    }
    tlv = next;
  }
  return hash;
}

/** Of a canonical match of 1.3: those without a mask. */
export function freeFields(dv: DataView, at: number): readonly FreeField[] {
  const found: FreeField[] = [];
  const end = matchHeader.get.length(dv, at);
  for (let tlv: number = matchHeader.size; tlv + OXM_BYTES <= end; ) {
    const field = dv.getUint8(at + tlv + 2) >> 1;
    const isMasked = (dv.getUint8(at + tlv + 2) & 1) === 1;
    const size = dv.getUint8(at + tlv + 3);
    const isFree = dv.getUint16(at + tlv) === BASIC && !isMasked && free.has(field);
    if (isFree) found.push({ at: tlv + OXM_BYTES, size, field });
    tlv += OXM_BYTES + size;
  }
  return found;
}

const { offset, get } = match10;
/** OFPFW_*, as match10.ts has them. */
const wild = { dlSrc: 1 << 2, dlDst: 1 << 3, dlType: 1 << 4, nwProto: 1 << 5 } as const;
const wildPorts = { tpSrc: 1 << 6, tpDst: 1 << 7 } as const;
const wildBits = { nwSrc: 0x3f << 8, nwDst: 0x3f << 14 } as const;

const addresses: ReadonlyMap<number, readonly [FieldName, FieldName]> = new Map([
  [0x0800, ['ipv4_src', 'ipv4_dst']],
  [0x0806, ['arp_spa', 'arp_tpa']],
]);
const ports: ReadonlyMap<number, readonly [FieldName, FieldName]> = new Map([
  [6, ['tcp_src', 'tcp_dst']],
  [17, ['udp_src', 'udp_dst']],
  [132, ['sctp_src', 'sctp_dst']],
]);
const typesWithPorts: ReadonlySet<number> = new Set([0x0800, 0x86dd]);

/** Of a match of 1.0: what it gives, whole, and means. */
export function freeFields10(dv: DataView, at: number): readonly FreeField[] {
  const wildcards = get.wildcards(dv, at);
  const found: FreeField[] = [];
  const take = (isGiven: boolean, where: number, size: number, name: FieldName): void => {
    if (isGiven) found.push({ at: where, size, field: fields[name].field });
  };
  const gives = (bits: number): boolean => (wildcards & bits) === 0;
  take(gives(wild.dlSrc), offset.dlSrc, 6, 'eth_src');
  take(gives(wild.dlDst), offset.dlDst, 6, 'eth_dst');
  if (!gives(wild.dlType)) return found;
  const type = get.dlType(dv, at);
  const [source, destination] = addresses.get(type) ?? [];
  if (source !== undefined && destination !== undefined) {
    take(gives(wildBits.nwSrc), offset.nwSrc, 4, source);
    take(gives(wildBits.nwDst), offset.nwDst, 4, destination);
  }
  const pair = gives(wild.nwProto) ? ports.get(get.nwProto(dv, at)) : undefined;
  if (pair === undefined || !typesWithPorts.has(type)) return found;
  take(gives(wildPorts.tpSrc), offset.tpSrc, 2, pair[0]);
  take(gives(wildPorts.tpDst), offset.tpDst, 2, pair[1]);
  return found;
}
