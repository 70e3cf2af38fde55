/**
 * Members of a big switch that hold a part of its rules (LIME, section 6: partial clones): those
 * that packets which enter there may meet. A rule that names an ingress port is left out where no
 * packet of that port is ever processed, because its host is plugged in at another member. All
 * other rules, and all groups and meters, are there.
 *
 * One that has all rules is always the primary, for what its tenant sends into its tables may enter
 * by any port; without one the switch is down.
 */
import type { DatapathName, Vport } from '../ids.ts';
import type { Attachment, Vswitch } from './values.ts';

export function isPartial({ partial }: Pick<Vswitch, 'partial'>, on: DatapathName): boolean {
  return partial?.includes(on) === true;
}

/** The vports of which packets may be processed at a member; undefined: of all. */
export function enteringAt(
  { ports, members, partial }: Pick<Vswitch, 'ports' | 'members' | 'partial'>,
  on: DatapathName,
): ReadonlySet<Vport> | undefined {
  if (!isPartial({ ...(partial && { partial }) }, on)) return undefined;
  const entering = [...ports].filter(([, one]) => mayEnter(one, on, members));
  return new Set(entering.map(([vport]) => vport));
}

/** What comes by a virtual link, and from hosts at no member, is processed at any. */
function mayEnter(
  attachment: Attachment,
  on: DatapathName,
  members: readonly DatapathName[],
): boolean {
  if (attachment.type === 'link') return true;
  const { at, also } = attachment;
  return at.device === on || also?.device === on || !members.includes(at.device);
}
