/**
 * Groups of several ways: they use the first whose port is live, so that a datapath next to a
 * failure switches by itself, within milliseconds, to a backup way; or all whose ports are live,
 * each flow by one of them (`spread: select`).
 */
import { groupType, group as ofpg } from '../../openflow/values/constants.ts';
import type { Action } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Attachment, Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { wayFrom, waysBeside } from '../../slices/network/wires.ts';
import type { PhysicalGroup } from '../entries/physical-tables.ts';
import { alongWay, wayName } from './ways.ts';

/** Whether there may be other ways than the one in use. */
export function mayHaveSeveral({ config }: Snapshot, { wish }: Attachment): boolean {
  return config.failover.backups > 0 || wish.spread !== undefined;
}

/**
 * The group that sends to a goal at one of a vswitch's ports, each bucket after `first`; undefined
 * where there are no ways beside the one in use.
 */
export function groupOfWays(
  snapshot: Snapshot,
  groupId: number,
  vswitch: Vswitch,
  goal: string,
  from: DatapathName,
  first: readonly Action[] = [],
): PhysicalGroup | undefined {
  const used = wayFrom(snapshot, vswitch, goal, from);
  const shared = waysBeside(snapshot, vswitch, goal, from, 'shared');
  const isSpread = shared.length > 0;
  const others = isSpread ? shared : waysBeside(snapshot, vswitch, goal, from, 'backup');
  if (used === undefined || others.length === 0) return undefined;
  const buckets = [used, ...others].flatMap((way) => {
    const [name, hop] = [wayName(snapshot, way), way.hops?.[0]];
    if (name === undefined || hop === undefined) return [];
    const actions = [...first, ...alongWay(name)];
    return [{ weight: isSpread ? 1 : 0, watchPort: hop.port, watchGroup: ofpg.any, actions }];
  });
  return { groupId, groupType: isSpread ? groupType.select : groupType.ff, buckets };
}
