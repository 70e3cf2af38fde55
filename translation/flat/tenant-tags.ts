/**
 * Tags of a tenant's own in the frames that meet a rule.
 *
 * OpenFlow 1.0 knows one tag in a frame (OF1.0.1 section 5.2.4), and between flat datapaths that is
 * ours. So it matters how many a frame has of its own, which is known as far as a switch can match
 * it: none, one, or several, whose ethertype behind the first tag is that of the second.
 */

import { fieldOf, oxm, oxmNumber, withField } from '../../openflow/match/match.ts';
import { vlan } from '../../openflow/values/constants.ts';
import type { Match } from '../../openflow/values/values.ts';
import { tagTypes } from '../entries/frame-tags.ts';

/** So many tags: no others, or others as well. */
export interface TenantTags {
  readonly least: number;
  readonly isAll: boolean;
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
  return { least, isAll: true };
}

/** With one more, or one less if there is any. */
export function pushed({ least, isAll }: TenantTags): TenantTags {
  return { least: least + 1, isAll };
}

export function popped({ least, isAll }: TenantTags): TenantTags {
  return { least: Math.max(0, least - 1), isAll };
}
