/**
 * A tenant's groups: which group-mods are refused, and how a group is encoded on a datapath.
 *
 * A bucket is executed as an action set (OF1.3.5 section 5.10), so what it outputs to is encoded as
 * in one: a value in reg0 and the way to the egress table (encoding.ts). Buckets, too, know vports
 * only, and are the same on every body but for what they watch.
 */
import {
  groupCommand,
  groupType,
  ofError,
  group as ofpg,
  port as ofpp,
} from '../../openflow/values/constants.ts';
import type { Bucket, GroupFeatures, OfError } from '../../openflow/values/values.ts';
import type { Group, GroupMod } from '../../slices/groups-meters/groups.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { isHostOnlyOn } from '../../slices/network/host-attachments.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { PhysicalGroup } from '../entries/physical-tables.ts';
import { groupOf } from '../entries/pipeline.ts';
import { encodeSetAction } from '../pipeline/encoding.ts';
import { refuseLongGroup } from './fit.ts';
import { refuseActions } from './flow-mod.ts';

/** In the order in which Open vSwitch looks (ofputil_check_group_mod and its callers). */
export function refuseGroupMod(mod: GroupMod): OfError | undefined {
  for (const { actions } of mod.buckets) {
    const error = refuseActions(actions, 'flowMod');
    if (error !== undefined) return error;
  }
  const { command, groupId, groupType: type, buckets } = mod;
  const isDelete = command === groupCommand.delete;
  if (isDelete && buckets.length > 0) {
    return ofError('groupModFailed', 'invalidGroup', 'a group delete may not have buckets');
  }
  if (!isDelete && type === groupType.indirect && buckets.length !== 1) {
    return ofError('groupModFailed', 'invalidGroup', 'an indirect group needs exactly one bucket');
  }
  if (!Object.values<number>(groupType).includes(type)) {
    return ofError('groupModFailed', 'badType', `unknown group type ${type}`);
  }
  if (!Object.values<number>(groupCommand).includes(command)) {
    return ofError('groupModFailed', 'badCommand', `unknown group command ${command}`);
  }
  for (const bucket of buckets) {
    const error = refuseBucket(bucket, type);
    if (error !== undefined) return error;
  }
  if (!isDelete && groupId > ofpg.max) {
    return ofError('groupModFailed', 'invalidGroup', `group 0x${groupId.toString(16)} is reserved`);
  }
  return isDelete ? undefined : refuseLongGroup(mod);
}

function refuseBucket(bucket: Bucket, type: number): OfError | undefined {
  const watches = bucket.watchPort !== ofpp.any || bucket.watchGroup !== ofpg.any;
  if (bucket.weight !== 0 && type !== groupType.select) {
    return ofError('groupModFailed', 'invalidGroup', 'only select groups have bucket weights');
  }
  if (watches && (type === groupType.all || type === groupType.indirect)) {
    return ofError('groupModFailed', 'watchUnsupported', 'groups of this type cannot watch');
  }
  if (!watches && type === groupType.ff) {
    const why = 'a fast-failover bucket needs watch_port or watch_group';
    return ofError('groupModFailed', 'invalidGroup', why);
  }
  return undefined;
}

/** Where a group is to be, and which vports have a link now. */
export interface GroupScene {
  readonly datapath: DatapathName;
  isLive(vport: Vport): boolean;
}

/** A group that is nowhere: a bucket that watches it is never live. */
const NO_GROUP = 0xfeff_ffff;

export function encodeGroup(vswitch: Vswitch, group: Group, scene: GroupScene): PhysicalGroup {
  const { below: groupId, groupType: type, bound } = group;
  const buckets = bound.map((bucket) => ({
    ...bucket,
    ...watched(vswitch, bucket, scene),
    actions: bucket.actions.flatMap((action) => encodeSetAction(action)),
  }));
  return { groupId, groupType: type, buckets };
}

/**
 * What a bucket watches below. A vport of a host that is plugged in here: its physical port, so
 * the datapath itself fails over. Any other vport: if it has a link, its own group, which is always
 * live; if not, a group that is not there. Those we rewrite when the link comes or goes.
 */
function watched(
  vswitch: Vswitch,
  { watchPort, watchGroup }: Bucket,
  { datapath, isLive }: GroupScene,
): Pick<Bucket, 'watchPort' | 'watchGroup'> {
  // The controller is always there, says Open vSwitch, and a datapath of its own knows that, too.
  const isPort = watchPort !== ofpp.any && watchPort !== ofpp.controller;
  if (!isPort) return { watchPort, watchGroup };
  const vport = watchPort as Vport;
  const attachment = vswitch.ports.get(vport);
  const live = attachment !== undefined && isLive(vport);
  const isHere = attachment?.type === 'host' && isHostOnlyOn(attachment, datapath);
  // One that moves is watched by its group: it may be at either place.
  if (isHere && live && attachment.also === undefined)
    return { watchPort: attachment.at.port, watchGroup };
  if (live) return { watchPort: ofpp.any, watchGroup: groupOf(vswitch.id, vport) };
  const isElse = watchGroup !== ofpg.any;
  return { watchPort: ofpp.any, watchGroup: isElse ? watchGroup : NO_GROUP };
}

/** Whether what the group is below changes with its vports' links. */
export function watchesPorts({ buckets }: Group): boolean {
  return buckets.some((one) => one.watchPort !== ofpp.any);
}

/** OFPAT_*: output, and from set-mpls-ttl (15) to set-field (25), as Open vSwitch has them. */
const BUCKET_ACTIONS = 0x03ff_8001;
/** OFPGFC_*: weights, liveness, chaining; loops are found, but not refused. */
const CAPABILITIES = 7;

export function groupFeatures(): GroupFeatures {
  const max = limits.groupsPerVswitchMax;
  return {
    types: 0xf,
    capabilities: CAPABILITIES,
    ...{ maxAll: max, maxSelect: max, maxIndirect: max, maxFf: max },
    ...{ actionsAll: BUCKET_ACTIONS, actionsSelect: BUCKET_ACTIONS },
    ...{ actionsIndirect: BUCKET_ACTIONS, actionsFf: BUCKET_ACTIONS },
  };
}
