/**
 * The fields that a match sees of one packet, laid out for comparison with very many matches in
 * bytes: for the rulebook, which keeps bytes. packet.ts has the same for values.
 */

import { matchHeader, oxmHeader } from '../match/match-layouts.ts';
import { oxmClass } from '../values/constants.ts';
import { type FieldName, fields } from '../values/fields.ts';
import { type PacketFields, type PipelineFields, pipelineField } from './packet.ts';

const names = Object.keys(fields) as readonly FieldName[];
const BYTES = names.reduce((sum, name) => sum + fields[name].size, 0);
/** Of the fields of one class there are so many numbers. */
const NUMBERS = 128;
const METADATA = fields.metadata;
/** A TLV's header is class (16 bits), field (7 bits), whether it has a mask, and length. */
const FIELD_SHIFT = 9;
const HAS_MASK = 0x100;
const LENGTH = 0xff;

export class SeenFields {
  /** All values behind each other. */
  readonly dv = new DataView(new ArrayBuffer(BYTES));
  /** Where each field's value begins, or -1: by number, and by class and number. */
  readonly #basic = new Int16Array(NUMBERS).fill(-1);
  readonly #others = new Map<number, number>();

  constructor(packet: PacketFields, pipeline: PipelineFields) {
    let at = 0;
    for (const name of names) {
      const value = packet[name] ?? pipelineField(name, pipeline);
      if (value === undefined) continue;
      const { oxmClass: cls, field } = fields[name];
      if (cls === oxmClass.basic) this.#basic[field] = at;
      else this.#others.set(cls * NUMBERS + field, at);
      for (const byte of value) this.dv.setUint8(at++, byte);
    }
  }

  /** The packet has other metadata now. */
  setMetadata(metadata: bigint): void {
    const at = this.#basic[METADATA.field] as number;
    this.dv.setBigUint64(at, metadata);
  }

  /** Where the value is of the field that a TLV's header names; -1 when the packet has none. */
  at(tlvHeader: number): number {
    const field = tlvHeader >>> FIELD_SHIFT;
    if (field >>> 7 === oxmClass.basic) return this.#basic[field & (NUMBERS - 1)] as number;
    return this.#others.get(field) ?? -1;
  }
}

/** Does the match at `at`, which is canonical, match the packet? Hot. */
export function matchesSeen(dv: DataView, at: number, seen: SeenFields): boolean {
  const end = at + matchHeader.get.length(dv, at);
  for (let tlv = at + matchHeader.size; tlv < end; ) {
    const head = dv.getUint32(tlv);
    const seenAt = seen.at(head);
    if (seenAt < 0) return false;
    const length = head & LENGTH;
    const valueAt = tlv + oxmHeader.size;
    const isMasked = (head & HAS_MASK) !== 0;
    const agrees = isMasked
      ? agreesMasked(dv, valueAt, length >> 1, seen.dv, seenAt)
      : agreesExactly(dv, valueAt, length, seen.dv, seenAt);
    if (!agrees) return false;
    tlv = valueAt + length;
  }
  return true;
}

function agreesExactly(
  dv: DataView,
  at: number,
  size: number,
  seen: DataView,
  seenAt: number,
): boolean {
  let i = 0;
  for (; i + 4 <= size; i += 4) {
    if (dv.getUint32(at + i) !== seen.getUint32(seenAt + i)) return false;
  }
  for (; i < size; i++) {
    if (dv.getUint8(at + i) !== seen.getUint8(seenAt + i)) return false;
  }
  return true;
}

/** The mask is behind the value. */
function agreesMasked(
  dv: DataView,
  at: number,
  size: number,
  seen: DataView,
  seenAt: number,
): boolean {
  for (let i = 0; i < size; i++) {
    const differs = dv.getUint8(at + i) ^ seen.getUint8(seenAt + i);
    if ((differs & dv.getUint8(at + size + i)) !== 0) return false;
  }
  return true;
}
