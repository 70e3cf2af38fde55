/**
 * The parts of a learnt entry's match and loads (nicira-ext.h, `nx_action_learn`): each part has a
 * header of 16 bits, the source of its bits, and the field of the entry that gets them.
 */
import { layout, u16, u32 } from '../layout/layout.ts';
import type { Part } from '../layout/struct.ts';
import type { Writer } from '../layout/writer.ts';
import { bytesNumber, numberBytes } from '../match/oxm.ts';
import { isError, ofError } from '../values/errors.ts';
import type { LearnSpec, OfError } from '../values/structure-values.ts';

/** NX_LEARN_N_BITS_MASK, NX_LEARN_SRC_* and NX_LEARN_DST_*. */
const BITS = 0x3ff;
const IMMEDIATE = 1 << 13;
const LOAD = 1 << 11;
/** What is read of a value: bits of the fields that we know. */
const VALUE_BITS_MAX = 64;

const head = layout('LearnHeader', { header: u16 });
/** A TLV header, and the first bit. */
const part = layout('LearnField', { field: u32, firstBit: u16 });

function badForm(why: string): OfError {
  return ofError('badAction', 'badLen', why);
}

/** A header of 0 ends them: what is behind it is padding. */
export const learntFields: Part<readonly LearnSpec[]> = {
  minimum: 0,
  isExact: false,
  read: (dv, at, end) => {
    const value: LearnSpec[] = [];
    let next = at;
    while (next + head.size <= end && head.get.header(dv, next) !== 0) {
      const found = readSpec(dv, next, end);
      if (isError(found)) return found;
      value.push(found.spec);
      next = found.next;
    }
    return { value, size: end - at };
  },
  write: (to, specs) => {
    for (const spec of specs) writeSpec(to, spec);
  },
};

function readSpec(
  dv: DataView,
  at: number,
  end: number,
): { readonly spec: LearnSpec; readonly next: number } | OfError {
  const header = head.get.header(dv, at);
  const bits = header & BITS;
  const isImmediate = (header & IMMEDIATE) !== 0;
  const sourceAt = at + head.size;
  const targetAt = sourceAt + (isImmediate ? valueBytes(bits) : part.size);
  const next = targetAt + part.size;
  const isKnown = (header & ~(BITS | IMMEDIATE | LOAD)) === 0 && bits > 0;
  if (!isKnown || bits > VALUE_BITS_MAX || next > end) return badForm('a learn of another form');
  const value = new Uint8Array(dv.buffer, dv.byteOffset + sourceAt, targetAt - sourceAt);
  const from = isImmediate ? bytesNumber(value) : part.read(dv, sourceAt);
  const does = (header & LOAD) === 0 ? 'match' : 'load';
  return { spec: { does, bits, ...part.read(dv, targetAt), from }, next };
}

function writeSpec(to: Writer, { does, bits, from, field, firstBit }: LearnSpec): void {
  const isImmediate = typeof from === 'bigint';
  const header = bits | (isImmediate ? IMMEDIATE : 0) | (does === 'load' ? LOAD : 0);
  const at = to.room(head.size);
  head.write(to.dv, at, { header });
  if (isImmediate) to.put(numberBytes(from, valueBytes(bits)));
  else writePart(to, from);
  writePart(to, { field, firstBit });
}

function writePart(to: Writer, value: Pick<LearnSpec, 'field' | 'firstBit'>): void {
  const at = to.room(part.size);
  part.write(to.dv, at, value);
}

/** In whole pairs of bytes. */
function valueBytes(bits: number): number {
  return 2 * Math.ceil(bits / 16);
}
