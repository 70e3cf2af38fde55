/**
 * A partial clone (slices/network/partial-members.ts): a vswitch gets a second body, for as long as
 * somebody wants, which processes the packets of the hosts that are plugged in there, and holds
 * only the rules that these may meet. Hosts then move by themselves, each behind its rules
 * (hypervisor/migrate/host-places.ts). When the last has arrived the former body leaves as any
 * member does (member-move.ts), and the vswitch has migrated; or the new one leaves again.
 */
import { withMembers } from '../../slices/config/members.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { isBig } from '../../slices/network/members.ts';
import { isFlat, placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import type { MemberMove } from './member-move.ts';
import { type MoveCircumstances, whyNoTarget } from './move-checks.ts';
import type { Problems } from './plan.ts';

export interface AskedPart {
  /** A vswitch. */
  readonly name: string;
  readonly to: string | undefined;
}

/** What is asked for, if nothing stands against that already. */
export function partOf(
  snapshot: Snapshot,
  asked: AskedPart,
  now: MoveCircumstances,
): MemberMove | Problems {
  const found = targetOf(snapshot, asked);
  if ('problems' in found) return { type: 'problems', ...found };
  const { vswitch, to } = found;
  const { name, partial: others = [] } = vswitch;
  const problems = [...whyNotPart(snapshot, vswitch, to), ...whyNoTarget(snapshot, found, now)];
  if (problems.length > 0) return { type: 'problems', problems: [...new Set(problems)] };
  const { primary } = placementOf(snapshot, name);
  const members = [...(isBig(vswitch) ? vswitch.members : [primary]), to];
  const as = { consistency: 'eventual', partial: [...others, to] } as const;
  const config = withMembers(snapshot.config, name, members, as);
  return { vswitch, to, members, partial: as.partial, config };
}

function targetOf(
  { vswitches, datapaths }: Snapshot,
  { name, to }: AskedPart,
):
  | { readonly vswitch: Vswitch; readonly to: DatapathName }
  | { readonly problems: readonly string[] } {
  const vswitch = vswitches.get(name as VswitchName);
  if (vswitch === undefined) return { problems: [noSuchText('vswitch', name, vswitches.keys())] };
  if (to === undefined) {
    return { problems: ['say where its hosts will be plugged in: --to DATAPATH'] };
  }
  const target = datapaths.get(to as DatapathName)?.name;
  if (target === undefined) return { problems: [noSuchText('datapath', to, datapaths.keys())] };
  return { vswitch, to: target };
}

function whyNotPart(snapshot: Snapshot, vswitch: Vswitch, to: DatapathName): readonly string[] {
  const { name, members, consistency } = vswitch;
  const { bodies } = placementOf(snapshot, name);
  const isStrict = isBig(vswitch) && consistency === 'strict';
  return [
    ...(bodies.includes(to) ? [`${name} has a body on ${to} already`] : []),
    ...(isStrict
      ? [
          `${name} is strict: one of ${members.join(', ')} processes every packet, and no other ` +
            'needs a part of its rules; move the hosts',
        ]
      : []),
    ...(isFlat(snapshot, to)
      ? [`${to} has one table, and holds all rules or none; migrate ${name} as a whole`]
      : []),
  ];
}
