/**
 * Compares a match in bytes with one in values (part of it, overlap): for the rulebook, which keeps
 * bytes and looks at very many. Both are canonical; the same questions on values are match.ts's.
 */

import type { Match, Oxm } from '../values/values.ts';
import { matchHeader, oxmHeader } from './match-layouts.ts';

/** Is every packet that the match at `at` matches one that `wide` matches? */
export function isSubsetBytes(dv: DataView, at: number, wide: Match): boolean {
  for (const one of wide) {
    const tlv = find(dv, at, one);
    if (tlv < 0 || !isNarrower(dv, tlv, one)) return false;
  }
  return true;
}

/** May some packet match both? */
export function overlapsBytes(dv: DataView, at: number, other: Match): boolean {
  for (const one of other) {
    const tlv = find(dv, at, one);
    if (tlv >= 0 && differ(dv, tlv, one)) return false;
  }
  return true;
}

/** Where the TLV of the same field is, or -1. */
function find(dv: DataView, at: number, { oxmClass, field }: Oxm): number {
  const end = at + matchHeader.get.length(dv, at);
  let tlv = at + matchHeader.size;
  while (tlv < end) {
    const isIt =
      oxmHeader.get.oxmClass(dv, tlv) === oxmClass &&
      oxmHeader.get.fieldAndMask(dv, tlv) >> 1 === field;
    if (isIt) return tlv;
    tlv += oxmHeader.size + oxmHeader.get.length(dv, tlv);
  }
  return -1;
}

function hasMask(dv: DataView, tlv: number): boolean {
  return (oxmHeader.get.fieldAndMask(dv, tlv) & 1) === 1;
}

function isNarrower(dv: DataView, tlv: number, { value, mask }: Oxm): boolean {
  const valueAt = tlv + oxmHeader.size;
  const isMasked = hasMask(dv, tlv);
  for (let i = 0; i < value.length; i++) {
    const wideMask = mask?.[i] ?? 0xff;
    const narrowMask = isMasked ? dv.getUint8(valueAt + value.length + i) : 0xff;
    if ((wideMask & ~narrowMask) !== 0) return false;
    if (((dv.getUint8(valueAt + i) ^ (value[i] ?? 0)) & wideMask) !== 0) return false;
  }
  return true;
}

function differ(dv: DataView, tlv: number, { value, mask }: Oxm): boolean {
  const valueAt = tlv + oxmHeader.size;
  const isMasked = hasMask(dv, tlv);
  for (let i = 0; i < value.length; i++) {
    const theirs = isMasked ? dv.getUint8(valueAt + value.length + i) : 0xff;
    const both = (mask?.[i] ?? 0xff) & theirs;
    if (((dv.getUint8(valueAt + i) ^ (value[i] ?? 0)) & both) !== 0) return true;
  }
  return false;
}
