/**
 * A tenant's own tags in the frames that meet a rule.
 *
 * OpenFlow 1.0 knows one tag in a frame (OF1.0.1 section 5.2.4), and between flat datapaths that is
 * ours. So it matters how many a frame has of its own, which is known as far as a switch can match
 * it: none, one, or several, whose ethertype behind the first tag is that of the second.
 */

import { fieldOf, oxm, oxmNumber, withField } from '../../openflow/match/match.ts';
import { vlan } from '../../openflow/values/constants.ts';
import { fieldByNumber } from '../../openflow/values/fields.ts';
import type { Action, Match, Oxm } from '../../openflow/values/values.ts';
import type { VlanRange } from '../../slices/config/values.ts';
import { isWithin } from '../../slices/network/trunks.ts';
import { tagsOxm, tagTypes } from '../entries/frame-tags.ts';

/** So many tags: no others, or others as well. */
export interface TenantTags {
  readonly least: number;
  readonly isAll: boolean;
  /** What the outer one is, if that is known. */
  readonly vids?: VlanRange | undefined;
}

/** Frames that meet the same rule and differ in their tags. */
export type Kind = 'untagged' | 'tagged' | 'stacked';

/** What a frame of each kind has. */
export const tagsOf = {
  untagged: { least: 0, isAll: true },
  tagged: { least: 1, isAll: true },
  stacked: { least: 2, isAll: false },
} as const satisfies Record<Kind, TenantTags>;

/** Which kinds of frames can meet a match; those with the fewest tags first. */
export function kindsIn(match: Match): readonly Kind[] {
  const tag = tagIn(match);
  if (tag === 'none') return ['untagged'];
  const ethertype = fieldOf(match, 'eth_type');
  const isStacked = tagTypes.some((one) => ethertype && oxmNumber(ethertype) === BigInt(one));
  if (isStacked) return ['stacked'];
  const kinds: readonly Kind[] = tag === 'some' ? ['tagged'] : ['untagged', 'tagged'];
  return ethertype === undefined ? [...kinds, 'stacked'] : kinds;
}

/** The match for frames of one kind only, where a wider one stands below for the others. */
export function onlyOf(kind: Exclude<Kind, 'tagged'>, match: Match): readonly Match[] {
  if (kind === 'untagged') return [withField(match, oxm('vlan_vid', vlan.none))];
  return tagTypes.map((one) => withField(match, oxm('eth_type', one)));
}

/** The match for frames with one of these tags only; undefined where there are none. */
export function amongTags(match: Match, vids: VlanRange): Match | undefined {
  const only = tagsOxm(vids);
  const given = fieldOf(match, 'vlan_vid');
  if (given === undefined) return withField(match, only);
  const [own, more] = [bitsOf(given), bitsOf(only)];
  if (((own.value ^ more.value) & own.mask & more.mask) !== 0) return undefined;
  const mask = own.mask | more.mask;
  const value = own.value | more.value;
  const both = mask === ALL_BITS ? oxm('vlan_vid', value) : oxm('vlan_vid', value, mask);
  return withField(match, both);
}

/** vlan_vid has 13. */
const ALL_BITS = 0x1fff;
const VID_BITS = 0xfff;

function bitsOf({ value, mask }: Oxm): { readonly value: number; readonly mask: number } {
  const number = (bytes: Uint8Array): number => bytes.reduce((all, byte) => all * 0x100 + byte, 0);
  return { value: number(value), mask: mask === undefined ? ALL_BITS : number(mask) & ALL_BITS };
}

/** The tag that all frames have which meet a match; undefined where they may differ. */
export function tagOf(match: Match): VlanRange | undefined {
  const given = fieldOf(match, 'vlan_vid');
  if (given === undefined) return undefined;
  const { value, mask } = bitsOf(given);
  if (mask !== ALL_BITS || (value & vlan.present) === 0) return undefined;
  return oneTag(value & VID_BITS);
}

export function oneTag(vid: number): VlanRange {
  return { first: vid, last: vid };
}

/** After an action that gives it a tag, or something of one, or does not. */
export function given(tags: TenantTags, action: Action): TenantTags {
  // 1.0 gives a tag to a frame that has none; what is not said is 0 (OF1.0.1 section 5.2.4).
  const isMade = tags.least === 0 && action.type !== 'setField';
  const next = isMade ? pushed(tags) : tags;
  const vid = vidSetBy(action);
  if (vid !== undefined) return { ...next, vids: oneTag(vid) };
  // Of one that may have had a tag it is not known which that was.
  return isMade ? { ...next, vids: tags.isAll ? oneTag(0) : undefined } : next;
}

/** Whether its outer tag certainly is one of these. */
export function isTagged({ least, vids }: TenantTags, vlans: VlanRange): boolean {
  return least > 0 && vids !== undefined && isWithin(vids, vlans);
}

/** The id that an action gives a frame's outer tag. */
export function vidSetBy(action: Action): number | undefined {
  if (action.type === 'setVlanVid') return action.vid;
  if (action.type !== 'setField') return undefined;
  const { oxmClass: of, field } = action.oxm;
  const isVid = fieldByNumber(of, field)?.name === 'vlan_vid';
  return isVid ? Number(oxmNumber(action.oxm)) & VID_BITS : undefined;
}

/** Whether a frame that meets a match has a tag. */
export function tagIn(match: Match): 'none' | 'unknown' | 'some' {
  if (fieldOf(match, 'vlan_pcp') !== undefined) return 'some';
  const vid = fieldOf(match, 'vlan_vid');
  if (vid === undefined) return 'unknown';
  const value = Number(oxmNumber(vid));
  if (value !== 0) return 'some';
  const asks = vid.mask?.reduce((bits, byte) => bits * 0x100 + byte, 0) ?? vlan.present;
  return (asks & vlan.present) === 0 ? 'unknown' : 'none';
}

/** How many tags a packet has. */
export function tagsIn(data: Uint8Array): TenantTags {
  let least = 0;
  const typeAt = (at: number): number => ((data[at] ?? 0) << 8) + (data[at + 1] ?? 0);
  while (tagTypes.some((one) => one === typeAt(12 + 4 * least))) least += 1;
  return { least, isAll: true, ...(least > 0 && { vids: oneTag(typeAt(14) & VID_BITS) }) };
}

/** With one more, or one less if there is any. */
export function pushed({ least, isAll }: TenantTags): TenantTags {
  return { least: least + 1, isAll };
}

export function popped({ least, isAll }: TenantTags): TenantTags {
  return { least: Math.max(0, least - 1), isAll };
}
