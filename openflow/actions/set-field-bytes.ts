/**
 * Values that set_field actions write, in instructions of 1.3 as bytes. Two flow-mods that write
 * other addresses or transport ports, and are otherwise the same, are of one form (byte-fields.ts).
 */
import { mixed } from '../layout/repeated-frames.ts';
import { type FreeField, isFreeOxm, OXM_BYTES } from '../match/byte-fields.ts';
import { actionsHead, instructionIds } from './instructions.ts';

/** OFPAT_SET_FIELD. */
const SET_FIELD = 25;
const HEAD_BYTES = 4;

/**
 * Those that may be any, between `at` and `end`; where they are counts from `from` on. What tells
 * them apart is the instruction that they stand in, their field, and how many of it came before.
 */
export function freeSets(dv: DataView, from: number, at: number, end: number): FreeField[] {
  const found: FreeField[] = [];
  const counts = new Map<number, number>();
  eachSet(dv, at, end, (value, size, header, type) => {
    const kind = (type << 8) | ((header >>> 9) & 0x7f);
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    found.push({ at: value - from, size, field: (count << 16) | kind });
  });
  return found;
}

/** A number of all else that is there. */
export function mixedInstructions(key: number, dv: DataView, at: number, end: number): number {
  let hash = key;
  let from = at;
  eachSet(dv, at, end, (value, size) => {
    hash = mixedBytes(hash, dv, from, value);
    from = value + size;
  });
  return mixedBytes(hash, dv, from, end);
}

/** A number of bytes. */
export function mixedBytes(key: number, dv: DataView, from: number, end: number): number {
  let hash = mixed(key, end - from);
  let at = from;
  for (; at + 4 <= end; at += 4) hash = mixed(hash, dv.getInt32(at));
  for (; at < end; at++) hash = mixed(hash, dv.getUint8(at));
  return hash;
}

type Visit = (value: number, size: number, header: number, instruction: number) => void;

function eachSet(dv: DataView, at: number, end: number, visit: Visit): void {
  for (let one = at; one + actionsHead.size <= end; ) {
    const type = dv.getUint16(one);
    const length = dv.getUint16(one + 2);
    if (length < HEAD_BYTES || one + length > end) return;
    const hasActions = type === instructionIds.applyActions || type === instructionIds.writeActions;
    if (hasActions) eachSetOf(dv, one + actionsHead.size, one + length, type, visit);
    one += length;
  }
}

function eachSetOf(dv: DataView, at: number, end: number, type: number, visit: Visit): void {
  for (let one = at; one + HEAD_BYTES + OXM_BYTES <= end; ) {
    const length = dv.getUint16(one + 2);
    if (length < HEAD_BYTES + OXM_BYTES || one + length > end) return;
    const header = dv.getUint32(one + HEAD_BYTES);
    const size = header & 0xff;
    const value = one + HEAD_BYTES + OXM_BYTES;
    const isWhole = value + size <= one + length;
    if (dv.getUint16(one) === SET_FIELD && isWhole && isFreeOxm(header)) {
      visit(value, size, header, type);
    }
    one += length;
  }
}
