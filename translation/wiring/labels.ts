/**
 * The addresses of the frame that we put around a tenant's, which name its way: from a local group
 * address to a local group address, so that no switch learns that a source is in two places, and
 * every switch forwards it.
 *
 *   destination   llllll11 llllllll llllllll 0 0 0     l: the label
 *   source        00000010 00000000 pppppppp 0 0 0     p: the place of its queue (queues.ts)
 *
 * Why there, and not in the network service header, which has a field for a path: what an action
 * writes Open vSwitch looks at in the packet, too. Of a header that the packet has only since a
 * moment ago it cannot keep that (odp_flow_key_from_mask knows it in frames that came with one
 * only). So each time that any rule of any bridge changed it found what it had cached too general,
 * and deleted it: all cached flows of all frames on their way elsewhere, everybody's, 50 times in a
 * second if somebody changed so many rules. Each was made anew by a look at all tables, and a
 * packet that was in hand just then was counted by nobody (docs/DESIGN.md section 3). Addresses
 * every frame has. Only bits that are 1 are written, so few are looked at, and of the first half:
 * what hosts have there differs less.
 */
import { oxm } from '../../openflow/match/match.ts';
import type { Action, Oxm } from '../../openflow/values/values.ts';

/**
 * NXM_OF_ETH_SRC and NXM_OF_ETH_DST, as Open vSwitch names them when it lists a load, whatever it
 * was sent: what it holds must read as what it was told (reconcile.ts, audit.ts).
 */
const [ETH_SRC, ETH_DST] = [0x0406, 0x0206];

const GROUP = 0x0300_0000_0000n;
const LOCAL = 0x0200_0000_0000n;
const [LABEL_MASK, PLACE_MASK] = [0xffff_ff00_0000n, 0x0000_ff00_0000n];

export function addressesOf(label: number, place: number) {
  return { src: LOCAL | placed(place), dst: GROUP | labelled(label) };
}

/** Writes both: all other bits of a new frame are 0. */
export function outerAddresses(label: number, place: number): readonly Action[] {
  const { src, dst } = addressesOf(label, place);
  return [...ones(ETH_SRC, src), ...ones(ETH_DST, dst)];
}

/** What frames of a way have when they arrive. */
export function labelShown(label: number): Oxm {
  return oxm('eth_dst', GROUP | labelled(label), LABEL_MASK);
}

/** And those for a queue. */
export function placeShown(place: number): Oxm {
  return oxm('eth_src', placed(place), PLACE_MASK);
}

/** Around the two bits that say what the address is. */
function labelled(label: number): bigint {
  const number = BigInt(label);
  return ((number & 0xffffn) << 24n) | ((number >> 16n) << 42n);
}

function placed(place: number): bigint {
  return BigInt(place) << 24n;
}

/** A load for each run of ones. */
function ones(field: number, value: bigint): readonly Action[] {
  const loads: Action[] = [];
  let [rest, firstBit] = [value, 0];
  while (rest > 0n) {
    while ((rest & 1n) === 0n) [rest, firstBit] = [rest >> 1n, firstBit + 1];
    let bits = 0;
    while ((rest & 1n) === 1n) [rest, bits] = [rest >> 1n, bits + 1];
    loads.push({ type: 'load', field, firstBit, bits, value: (1n << BigInt(bits)) - 1n });
    firstBit += bits;
  }
  return loads;
}
