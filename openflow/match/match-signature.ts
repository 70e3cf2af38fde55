/**
 * A match as 64 bits, by which most of very many matches are told apart from a wider one without
 * being compared: a match that lies within another has all bits of the other (a Bloom filter: the
 * reverse may be chance). Each field without a mask sets three bits, by its number and value; one
 * with a mask sets none, since a match within it may say more.
 */
import { mixed } from '../layout/repeated-frames.ts';
import { matchHeader, oxmHeader } from './match-layouts.ts';

const [MASKED, LENGTH] = [0x100, 0xff];

export class Signature {
  low = 0;
  high = 0;

  /** Takes that of a canonical match in bytes. Hot. */
  of(dv: DataView, at: number): this {
    const end = at + matchHeader.get.length(dv, at);
    this.low = 0;
    this.high = 0;
    for (let tlv = at + matchHeader.size; tlv < end; ) {
      const oxm = dv.getUint32(tlv);
      const next = tlv + oxmHeader.size + (oxm & LENGTH);
      if ((oxm & MASKED) === 0) this.#add(dv, tlv, next);
      tlv = next;
    }
    return this;
  }

  /** Whether a match with these bits may lie within this one. Hot. */
  mayHold(low: number, high: number): boolean {
    return (this.low & ~low) === 0 && (this.high & ~high) === 0;
  }

  /** The bits of a field, from its header to its end. */
  #add(dv: DataView, tlv: number, end: number): void {
    let hash = 0;
    let at = tlv;
    for (; at + 4 <= end; at += 4) hash = mixed(hash, dv.getInt32(at));
    for (; at < end; at++) hash = mixed(hash, dv.getUint8(at));
    this.low |= 1 << (hash & 31);
    this.high |= (1 << ((hash >>> 5) & 31)) | (1 << ((hash >>> 10) & 31));
  }
}
