/**
 * A match as 32 bits, so that of very many most are told apart from a wider one without being
 * looked at: whatever a match lies within has no bit that it has not (a Bloom filter: the reverse
 * may be chance). Each field without a mask sets two bits, by its number and value; a field with a
 * mask none, for one within it may say more.
 */
import { mixed } from '../layout/repeated-frames.ts';
import { matchHeader, oxmHeader } from './match-layouts.ts';

const [MASKED, LENGTH] = [0x100, 0xff];

/** Of a canonical match in bytes. Hot. */
export function signatureOf(dv: DataView, at: number): number {
  const end = at + matchHeader.get.length(dv, at);
  let bits = 0;
  for (let tlv = at + matchHeader.size; tlv < end; ) {
    const oxm = dv.getUint32(tlv);
    const next = tlv + oxmHeader.size + (oxm & LENGTH);
    if ((oxm & MASKED) === 0) bits |= bitsOf(dv, tlv, next);
    tlv = next;
  }
  return bits;
}

/** Of a field, from its header to its end. */
function bitsOf(dv: DataView, tlv: number, end: number): number {
  let hash = 0;
  let at = tlv;
  for (; at + 4 <= end; at += 4) hash = mixed(hash, dv.getInt32(at));
  for (; at < end; at++) hash = mixed(hash, dv.getUint8(at));
  return (1 << (hash & 31)) | (1 << ((hash >>> 5) & 31));
}
