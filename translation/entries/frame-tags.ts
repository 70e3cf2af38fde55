/**
 * VLAN tags in OpenFlow 1.3: matching one, and pushing one on a frame.
 */
import { oxm } from '../../openflow/match/match.ts';
import { vlan } from '../../openflow/values/constants.ts';
import type { Action, Oxm } from '../../openflow/values/values.ts';
import type { VlanRange } from '../../slices/config/values.ts';

const VID_BITS = 0xfff;
/** The ethertype of tags that are pushed. */
const CUSTOMER_TAG = 0x8100;
/** What a frame's tag may be, and the only one that OpenFlow 1.0 knows. */
export const tagTypes = [CUSTOMER_TAG, 0x88a8] as const;

export const pushVlan: Action = { type: 'pushVlan', ethertype: CUSTOMER_TAG };

/** A frame has this tag. */
export function tagOxm(vid: number): Oxm {
  return oxm('vlan_vid', vlan.present | vid);
}

/** A frame's tag is one of these: of ids that differ in their last bits only (vlanBlocks). */
export function tagsOxm({ first, last }: VlanRange): Oxm {
  if (first === last) return tagOxm(first);
  const mask = vlan.present | (VID_BITS & ~(last - first));
  return oxm('vlan_vid', vlan.present | first, mask);
}

/** In the place of the tag that a frame has. */
export function setTag(vid: number): Action {
  return { type: 'setField', oxm: tagOxm(vid) };
}
