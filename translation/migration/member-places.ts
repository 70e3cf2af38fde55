/**
 * The datapaths that may replace one that a big switch leaves as a member
 * (slices/network/members.ts): first those where hosts of it are plugged in, then the nearest.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { closedIn } from '../../slices/network/drained-datapaths.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { type MoveCircumstances, whyNoTarget } from './move-checks.ts';

/** A member whose datapath is left. */
export interface LeavingMember {
  readonly vswitch: VswitchName;
  readonly from: DatapathName;
  /** Where it may go; nothing: anywhere. */
  readonly among: readonly DatapathName[];
  /** All that is left. */
  readonly leaves: readonly DatapathName[];
}

/** Of these the first are tried, where one refuses its rules. */
const TRIED_MAX = 3;

export function placesFor(
  snapshot: Snapshot,
  vswitch: Vswitch,
  { among, leaves }: LeavingMember,
  now: MoveCircumstances,
): readonly DatapathName[] {
  const closed = closedIn(snapshot.avoiding);
  const all = among.length > 0 ? among : [...snapshot.datapaths.keys()];
  const usable = all.filter((to) => {
    const isFree = !vswitch.members.includes(to) && !leaves.includes(to) && !closed.has(to);
    return isFree && whyNoTarget(snapshot, { vswitch, to }, now).length === 0;
  });
  const ranked = usable.map((to) => ({ to, rank: rankOf(snapshot, vswitch, to, leaves) }));
  return ranked
    .toSorted((one, other) => one.rank - other.rank)
    .slice(0, TRIED_MAX)
    .map(({ to }) => to);
}

/** Hosts count more than any way is long. */
function rankOf(
  { routes }: Snapshot,
  { ports, members }: Vswitch,
  to: DatapathName,
  leaves: readonly DatapathName[],
): number {
  const hosts = [...ports.values()].filter((one) => one.type === 'host' && one.at.device === to);
  const staying = members.filter((one) => !leaves.includes(one));
  const lengths = staying.map((one) => routes.way(one, to)?.hops.length ?? FAR);
  return lengths.reduce((sum, one) => sum + one, 0) - hosts.length * members.length * FAR;
}

/** More than a way has hops. */
const FAR = 10_000;
