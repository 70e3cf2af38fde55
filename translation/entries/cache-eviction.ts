/**
 * When an entry of ours changes, its new version matches on one bit more, so that Open vSwitch
 * deletes the cached flows that follow it and does not modify them (docs/DESIGN.md, section 6).
 *
 * A revalidator translates a cached flow anew. If the result looks at a bit that the flow's mask
 * has not, the flow is deleted by its own id; else, if actions differ, it is modified, and before
 * August 2023 the userspace datapath modified the first flow that the *key* finds, which with
 * overlapping flows is another one (commit 21410ff80). The bits are those of the packet's mark: no
 * packet has one, no tenant can name it, and to move one to a register changes nothing.
 *
 * A flow's mask never changes, so what was looked at when it was made stays in it. Therefore:
 *
 *   an entrance   looks at one of two bits: of the side of its home (snapshot.ts, `Placement`). The
 *                 next home is always of the other side.
 *   a guard       looks at one bit, what stands in its place when it goes (`pass`) at another
 *   a heal        looks at one of two in turn, for all that a datapath has cached (../hypervisor/
 *                 datapath/stale-flow-healing.ts)
 *
 * In one pass of a datapath a packet meets one host's entrance, and those of virtual links between
 * vswitches that live there: those have pairs of their own, as far as there are bits.
 */

import { oxm } from '../../openflow/match/match.ts';
import { fields, headerOf } from '../../openflow/values/fields.ts';
import type { Action, Oxm } from '../../openflow/values/values.ts';
import type { Vport, VswitchId } from '../../slices/ids.ts';
import { placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';

/** The first bit of each kind of look, and how many pairs there are of it. */
const first = { heal: 0, host: 2, stop: 4, guard: 5, link: 13 } as const;
const GUARD_PAIRS = 4;
const LINK_PAIRS = 9;

const MARK = headerOf(fields.pkt_mark);
/** Nobody reads it. */
const NOWHERE = headerOf(fields.reg13);

function look(bit: number): Action {
  return { type: 'move', bits: 1, from: MARK, fromBit: bit, to: NOWHERE };
}

/** Of everything that leads packets into a vswitch by this vport. */
export function entranceMaskBit(snapshot: Snapshot, vswitch: Vswitch, vport: Vport): Action {
  const { homes, secondSide } = placementOf(snapshot, vswitch.name);
  const home = homes.get(vport);
  const side = home !== undefined && secondSide?.has(home) === true ? 1 : 0;
  const attachment = vswitch.ports.get(vport);
  if (attachment?.type !== 'link') return look(first.host + side);
  return look(first.link + 2 * (attachment.place % LINK_PAIRS) + side);
}

/** Of a vswitch's guards. */
export function guardMaskBit(id: VswitchId): Action {
  return look(guardBit(id));
}

/** Of what stands where guards of the vswitch stood. */
export function passMaskBit(id: VswitchId): Action {
  return look(guardBit(id) + 1);
}

function guardBit(id: VswitchId): number {
  return first.guard + 2 * (id % GUARD_PAIRS);
}

/** Of what ends a packet's way while its vswitch stands still. */
export const stopMaskBit: Action = look(first.stop);

/** Looks at one of the two bits of heals, and never matches. */
export function healMatch(turn: number): Oxm {
  const bit = 1 << (first.heal + (turn % 2));
  return oxm('pkt_mark', bit, bit);
}
