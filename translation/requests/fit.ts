/**
 * Checks that a tenant's request fits into OpenFlow messages, everywhere that it has to be encoded.
 *
 * A message ends at 65,535 bytes, and what is derived may be longer than what was asked for: an
 * output of 16 bytes is 32 on the datapath (encoding.ts). A switch has only one message to fit,
 * ours have more: the flow-mod or group-mod below, the rows in which a datapath describes what it
 * holds, and the rows of both versions in which the tenant is told of it. What does not fit all of
 * them is refused before anything is changed, with the codes that the specification has for too
 * much of something; a switch that is asked for too much says them, too.
 *
 * Sizes are measured with the encoders. What has few actions is not measured at all.
 */
import { frameBytesMax, replySizeOf, sizeOf } from '../../openflow/messages/codec.ts';
import { ofError, type Version, version } from '../../openflow/values/constants.ts';
import type {
  Action,
  FlowMod,
  Instruction,
  Message,
  MultipartReplyBody,
  OfError,
} from '../../openflow/values/values.ts';
import type { GroupMod } from '../../slices/groups-meters/groups.ts';
import { limits } from '../../slices/limits.ts';
import { contentBytes } from '../../slices/rules/rule-record.ts';
import {
  addFlow,
  addGroup,
  type PhysicalFlow,
  type PhysicalGroup,
} from '../entries/physical-tables.ts';
import { instructions13 } from '../entries/versions.ts';
import { encodeSetAction } from '../pipeline/encoding.ts';

/** Whether a rule with these instructions could be too long anywhere. */
export function isLong(instructions: readonly Instruction[]): boolean {
  let count = 0;
  for (const one of instructions) {
    if (one.type === 'applyActions' || one.type === 'writeActions') count += one.actions.length;
  }
  return count > limits.shortActionsMax;
}

/** What is wrong with the length of a rule whatever datapath it is to be on. */
export function refuseLongRule({ match, instructions }: FlowMod): OfError | undefined {
  if (!isLong(instructions)) return undefined;
  const kept = contentBytes(match, instructions.map(bound));
  if (kept > frameBytesMax) return tooMany(`a rule of ${kept} bytes is too long to store`);
  const rows = [
    replySizeOf(version.of10, rowOf({ match, instructions })),
    replySizeOf(
      version.of13,
      rowOf({ match, instructions: instructions13({ match, instructions }) }),
    ),
  ];
  const longest = Math.max(...rows);
  return longest > frameBytesMax ? tooMany(`its statistics are ${longest} bytes`) : undefined;
}

/** What is wrong with the length of entries that a datapath of this version is to hold. */
export function refuseLongFlow(speaks: Version, flow: PhysicalFlow): OfError | undefined {
  if (!isLong(flow.instructions)) return undefined;
  const bytes = Math.max(sizeOf(speaks, addFlow(flow)), replySizeOf(speaks, rowOf(flow)));
  return bytes > frameBytesMax ? tooMany(`an entry of ${bytes} bytes is too long`) : undefined;
}

/**
 * What is wrong with the length of a group, as the tenant says it and as every datapath holds it.
 * A bucket's counters are 16 bytes, as many as an empty bucket.
 */
export function refuseLongGroup(mod: GroupMod): OfError | undefined {
  const { groupId, groupType, buckets } = mod;
  const count = buckets.reduce((sum, { actions }) => sum + 1 + actions.length, 0);
  if (count <= limits.shortActionsMax) return undefined;
  const below = buckets.map((bucket) => ({
    ...bucket,
    actions: bucket.actions.flatMap((action) => encodeSetAction(boundAction(action))),
  }));
  const bytes = Math.max(
    ...[buckets, below].flatMap((some) => {
      const group = { groupId, groupType, buckets: some };
      return [sizeOf(version.of13, addGroup(group)), ...groupRows(group)];
    }),
  );
  if (bytes <= frameBytesMax) return undefined;
  const why = `a group of ${bytes} bytes is too long for a message`;
  return buckets.length > 1 ? ofError('groupModFailed', 'outOfBuckets', why) : tooMany(why);
}

function groupRows({ groupId, groupType, buckets }: PhysicalGroup): readonly number[] {
  const counters = buckets.map(() => ({ packetCount: 0n, byteCount: 0n }));
  const zero = { refCount: 0, packetCount: 0n, byteCount: 0n, durationSec: 0, durationNsec: 0 };
  return [
    replySizeOf(version.of13, { kind: 'groupDesc', groups: [{ groupId, groupType, buckets }] }),
    replySizeOf(version.of13, {
      kind: 'groupStats',
      groups: [{ groupId, ...zero, buckets: counters }],
    }),
  ];
}

/** Whether a packet-out is not measured: it fits, whatever a few actions become. */
export function isShortPacket({ actions, data }: Pick<PacketOut, 'actions' | 'data'>): boolean {
  return actions.length <= limits.shortActionsMax && data.length <= limits.shortPacketBytesMax;
}

type PacketOut = Extract<Message, { type: 'packetOut' }>;

/** What is wrong with the length of a packet-out below. */
export function refuseLongPacket(speaks: Version, out: PacketOut): OfError | undefined {
  if (isShortPacket(out)) return undefined;
  const bytes = sizeOf(speaks, out);
  if (bytes <= frameBytesMax) return undefined;
  const why = `a packet-out of ${bytes} bytes is too long`;
  const isPacket = out.data.length > frameBytesMax / 2;
  return isPacket ? ofError('badRequest', 'badLen', why) : tooMany(why);
}

function rowOf(rule: Pick<PhysicalFlow, 'match' | 'instructions'>): MultipartReplyBody {
  const { match, instructions } = rule;
  return { kind: 'flow', flows: [{ ...zeroRow, match, instructions }] };
}

const zeroRow = {
  tableId: 0,
  durationSec: 0,
  durationNsec: 0,
  priority: 0,
  idleTimeoutSec: 0,
  hardTimeoutSec: 0,
  flags: 0,
  cookie: 0n,
  packetCount: 0n,
  byteCount: 0n,
} as const;

/** With the numbers of a datapath, any: what is kept beside a tenant's own takes room. */
function bound(one: Instruction): Instruction {
  if (one.type === 'meter') return { ...one, below: 0 };
  if (one.type !== 'applyActions' && one.type !== 'writeActions') return one;
  return { ...one, actions: one.actions.map(boundAction) };
}

function boundAction(action: Action): Action {
  return action.type === 'group' ? { ...action, below: 0 } : action;
}

function tooMany(why: string): OfError {
  return ofError('badAction', 'tooMany', why);
}
