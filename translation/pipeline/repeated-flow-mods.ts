/**
 * Flow-mods that have the same shape and differ in addresses. A controller that installs rules by
 * the thousand sends little else, so the result for one is reused for the next.
 *
 * What may differ is a field of the match that may have any value, and what a rule says of itself:
 * cookie, priority, time-outs. All other bytes are the same. Hot.
 */

import { matchHeader } from '../../openflow/match/match-layouts.ts';
import { isAnyValue } from '../../openflow/match/plain-match.ts';
import { flowMod, messages } from '../../openflow/messages/messages.ts';

const { offset } = flowMod;
/** What must be the same of a flow-mod's head: what plainFlowMod looks at, and the flags. */
const headBytes: readonly (readonly [at: number, size: number])[] = [
  [0, 4],
  [offset.tableId, 2],
  [offset.bufferId, 8],
  [offset.flags, 2],
];
/** No plain flow-mod of use is longer; those that are have no shape. */
const SHAPE_BYTES_MAX = 512;
const OXM_BYTES = 4;

/** Where bytes are that must be the same, by fours and one by one. */
export class Shape {
  readonly #fours = new Uint16Array(SHAPE_BYTES_MAX / 4);
  readonly #ones = new Uint16Array(SHAPE_BYTES_MAX);
  #fourCount = 0;
  #oneCount = 0;

  /** The shape of a plain flow-mod (flow-mod-bytes.ts); false when it has none. */
  take(dv: DataView, at: number, length: number, matchSize: number): boolean {
    if (length > SHAPE_BYTES_MAX || length < messages.flowMod.minimum) return false;
    this.#fourCount = 0;
    this.#oneCount = 0;
    for (const [from, size] of headBytes) this.#same(from, from + size);
    const matchEnd = flowMod.size + matchHeader.get.length(dv, at + flowMod.size);
    let tlv = flowMod.size + matchHeader.size;
    this.#same(flowMod.size, tlv);
    while (tlv < matchEnd) {
      const value = tlv + OXM_BYTES;
      const next = value + dv.getUint8(at + tlv + 3);
      this.#same(tlv, isAnyValue(dv, at + tlv) ? value : next);
      tlv = next;
    }
    this.#same(matchEnd, flowMod.size + matchSize);
    this.#same(flowMod.size + matchSize, length);
    return true;
  }

  /** Whether two frames of the same length are alike, one of which has this shape. */
  isSharedBy(dv: DataView, one: number, other: number): boolean {
    for (let i = 0; i < this.#fourCount; i++) {
      const at = this.#fours[i] as number;
      if (dv.getInt32(one + at) !== dv.getInt32(other + at)) return false;
    }
    for (let i = 0; i < this.#oneCount; i++) {
      const at = this.#ones[i] as number;
      if (dv.getUint8(one + at) !== dv.getUint8(other + at)) return false;
    }
    return true;
  }

  #same(from: number, to: number): void {
    let at = from;
    for (; at + 4 <= to; at += 4) this.#fours[this.#fourCount++] = at;
    for (; at < to; at++) this.#ones[this.#oneCount++] = at;
  }
}
