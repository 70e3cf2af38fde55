/**
 * Groups that send by the first way whose port lives: a datapath that is next to a failure switches
 * by itself, within milliseconds, to a way that is there beside the one in use.
 */
import { groupType, group as ofpg } from '../../openflow/values/constants.ts';
import type { Action } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { backupsFrom, wayFrom } from '../../slices/network/wires.ts';
import type { PhysicalGroup } from '../entries/physical-tables.ts';
import { alongWay, wayName } from './ways.ts';

/**
 * The group that sends to a goal at one of a vswitch's ports, each bucket after `first`; undefined
 * where there are no ways beside the one in use.
 */
export function failoverGroup(
  snapshot: Snapshot,
  groupId: number,
  vswitch: Vswitch,
  goal: string,
  from: DatapathName,
  first: readonly Action[] = [],
): PhysicalGroup | undefined {
  const used = wayFrom(snapshot, vswitch, goal, from);
  const backups = backupsFrom(snapshot, vswitch, goal, from);
  if (used === undefined || backups.length === 0) return undefined;
  const buckets = [used, ...backups].flatMap((way) => {
    const [name, hop] = [wayName(snapshot, way), way.hops?.[0]];
    if (name === undefined || hop === undefined) return [];
    const actions = [...first, ...alongWay(name)];
    return [{ weight: 0, watchPort: hop.port, watchGroup: ofpg.any, actions }];
  });
  return { groupId, groupType: groupType.ff, buckets };
}
