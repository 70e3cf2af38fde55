/**
 * Compares a match in bytes with one in values (subset, overlap): for the rulebook, which keeps
 * bytes and compares very many. Both are canonical; match.ts has the same for values.
 */

import { Writer } from '../layout/writer.ts';
import { oxmClass as classes } from '../values/constants.ts';
import type { Match, Oxm } from '../values/values.ts';
import { inOrder } from './match.ts';
import { matchHeader, oxmHeader } from './match-layouts.ts';
import { writeOxm } from './match-wire.ts';

const { basic } = classes;

/** Is every packet that the match at `at` matches one that `wide` matches? Hot. */
export function isSubsetBytes(dv: DataView, at: number, wide: Match): boolean {
  if (asked.match !== wide) asked = ask(wide);
  const { isInOrder: isSorted, dv: fields } = asked;
  if (!isSorted) return isSubsetOf(dv, at, wide);
  return isWithinFields(dv, at, fields, 0, fields.byteLength);
}

function isSubsetOf(dv: DataView, at: number, wide: Match): boolean {
  for (const one of wide) {
    const tlv = find(dv, at, one);
    if (tlv < 0 || !isNarrower(dv, tlv, one)) return false;
  }
  return true;
}

/**
 * The same of a wide match in bytes, whose fields are in order and of the basic class
 * (`isInOrder`). Hot.
 */
export function isWithin(dv: DataView, at: number, wide: DataView, wideAt: number): boolean {
  const from = wideAt + matchHeader.size;
  return isWithinFields(dv, at, wide, from, wideAt + matchHeader.get.length(wide, wideAt));
}

/** Whether fields of a match in bytes are so: what is looked for is then behind what was found. */
export function isInOrder(dv: DataView, at: number): boolean {
  const end = at + matchHeader.get.length(dv, at);
  let before = -1;
  for (let tlv = at + matchHeader.size; tlv < end; ) {
    const oxm = dv.getUint32(tlv);
    if (oxm >>> CLASS_SHIFT !== basic || oxm >>> FIELD_SHIFT <= before) return false;
    before = oxm >>> FIELD_SHIFT;
    tlv += oxmHeader.size + (oxm & LENGTH);
  }
  return true;
}

/** Of the TLVs from `from` up to `wideEnd`. */
function isWithinFields(
  dv: DataView,
  at: number,
  wide: DataView,
  from: number,
  wideEnd: number,
): boolean {
  const end = at + matchHeader.get.length(dv, at);
  let tlv = at + matchHeader.size;
  for (let next = from; next < wideEnd; ) {
    const wanted = wide.getUint32(next);
    let header = 0;
    for (; tlv < end; tlv += oxmHeader.size + (header & LENGTH)) {
      header = dv.getUint32(tlv);
      if ((header ^ wanted) >>> FIELD_SHIFT === 0) break;
    }
    if (tlv >= end) return false;
    const isExact = header === wanted && (header & MASKED) === 0;
    const isSo = isExact
      ? isAlike(dv, tlv, wide, next, header & LENGTH)
      : isNarrowerField(dv, tlv, wide, next);
    if (!isSo) return false;
    next += oxmHeader.size + (wanted & LENGTH);
    tlv += oxmHeader.size + (header & LENGTH);
  }
  return true;
}

/** A TLV's header: its field is above these bits, then whether it has a mask, and its length. */
const [CLASS_SHIFT, FIELD_SHIFT, MASKED, LENGTH] = [16, 9, 0x100, 0xff];

/** A match that is asked about, as TLVs: mostly very many are compared with it. */
interface Asked {
  readonly match: Match | undefined;
  readonly dv: DataView;
  readonly isInOrder: boolean;
}

const known = new WeakMap<Match, Asked>();
/** The last one. */
let asked: Asked = { match: undefined, dv: new DataView(new ArrayBuffer(0)), isInOrder: false };

function ask(wide: Match): Asked {
  const found = known.get(wide);
  if (found !== undefined) return found;
  const to = new Writer();
  for (const one of wide) writeOxm(to, one);
  // Of an experimenter's fields more than a header says which they are.
  const isInOrder = wide.every((one, i) => {
    const before = wide[i - 1];
    return one.oxmClass === basic && (before === undefined || inOrder(before, one) < 0);
  });
  const made = { match: wide, dv: viewOf(to), isInOrder };
  known.set(wide, made);
  return made;
}

function viewOf(to: Writer): DataView {
  const { buffer, byteOffset, length } = to.finish();
  return new DataView(buffer, byteOffset, length);
}

/** Whether the values are the same: mostly they differ at their end. */
function isAlike(dv: DataView, tlv: number, wide: DataView, from: number, size: number): boolean {
  const [one, other] = [tlv + oxmHeader.size, from + oxmHeader.size];
  for (let i = size - 1; i >= 0; i--) {
    if (dv.getUint8(one + i) !== wide.getUint8(other + i)) return false;
  }
  return true;
}

/** As `isNarrower`, of the same field at `from`. */
function isNarrowerField(dv: DataView, tlv: number, wide: DataView, from: number): boolean {
  const [one, other] = [tlv + oxmHeader.size, from + oxmHeader.size];
  const [isMasked, isWideMasked] = [hasMask(dv, tlv), hasMask(wide, from)];
  const all = oxmHeader.get.length(wide, from);
  const size = isWideMasked ? all / 2 : all;
  for (let i = 0; i < size; i++) {
    const wideMask = isWideMasked ? wide.getUint8(other + size + i) : 0xff;
    const narrowMask = isMasked ? dv.getUint8(one + size + i) : 0xff;
    if ((wideMask & ~narrowMask) !== 0) return false;
    if (((dv.getUint8(one + i) ^ wide.getUint8(other + i)) & wideMask) !== 0) return false;
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
