/**
 * Hosts that share a physical port (slices/network/shared-ports.ts): how the classifier recognises
 * the frames of each, and how their tags are handled.
 *
 *   one VLAN     the tag comes off where the frame enters, and on where it leaves
 *   a range      frames keep their tags; the egress table lets no others out
 */
import { matchOf, oxm } from '../../openflow/match/match.ts';
import type { Action, Match, Oxm } from '../../openflow/values/values.ts';
import type { VlanRange } from '../../slices/config/config.ts';
import type { HostAttachment } from '../../slices/network/shared-ports.ts';
import { vlanBlocks } from '../../slices/network/trunks.ts';
import { pushVlan, setTag, tagsOxm } from '../entries/frame-tags.ts';
import { pushVlanVid } from './of10-actions.ts';

/** What a host's frames are like, where it is plugged in: any of these. */
export function hostFrames({ at, vlan, vlans }: HostAttachment): readonly Match[] {
  const inPort = oxm('in_port', at.port);
  const some = vlan === undefined ? vlans : { first: vlan, last: vlan };
  return some === undefined ? [[inPort]] : vlanFields(some).map((vid) => matchOf(inPort, vid));
}

/** What a frame that leaves to a host may be like: any of these. */
export function leavingFrames({ vlans }: HostAttachment): readonly (readonly Oxm[])[] {
  return vlans === undefined ? [[]] : vlanFields(vlans).map((vid) => [vid]);
}

/** Before a frame enters, or is sent on. */
export function untagging({ vlan }: Pick<HostAttachment, 'vlan'>): readonly Action[] {
  return vlan === undefined ? [] : [{ type: 'popVlan' }];
}

/** Before a frame leaves to its host. */
export function tagging(vlan: number | undefined): readonly Action[] {
  if (vlan === undefined) return [];
  return [pushVlan, setTag(vlan)];
}

/**
 * The same behind a header that comes off: Open vSwitch does not know there yet that a frame is an
 * Ethernet frame, and refuses the entry; in a table of its own it takes the actions.
 */
export function taggingUnwrapped(vlan: number | undefined): readonly Action[] {
  return vlan === undefined ? [] : pushVlanVid(vlan);
}

/** A range of ids as fields with masks. */
function vlanFields(vlans: VlanRange): readonly Oxm[] {
  return vlanBlocks(vlans, true).map(tagsOxm);
}
