/**
 * A tenant's group in the store (journal.ts): the group-mod that makes it, id below and counts.
 */
import { decode, encode } from '../../openflow/messages/codec.ts';
import { groupCommand, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { KeptGroup } from '../../slices/groups-meters/groups.ts';
import { hex, unhex } from '../../slices/hex.ts';
import { RuleCounter } from '../../slices/rules/rule-counters.ts';

/** Packets and bytes of some tallies. */
export type CountsText = readonly (readonly [string, string])[];

export function countsText(counters: readonly RuleCounter[]): CountsText {
  return counters.map((one) => {
    const { packets, bytes } = one.base();
    return [String(packets), String(bytes)];
  });
}

export function counterFrom([packets, bytes]: CountsText[number] = ['0', '0']): RuleCounter {
  return new RuleCounter({ packets: BigInt(packets), bytes: BigInt(bytes) });
}

export interface GroupRecord {
  /** As a group-mod frame of OpenFlow 1.3, in hex. */
  readonly groupMod: string;
  readonly below: number;
  /** Milliseconds since 1970. */
  readonly added: number;
  /** Of the group, then of each bucket. */
  readonly counts: CountsText;
}

export function groupText(group: KeptGroup, epochMs: number): string {
  return JSON.stringify(groupRecord(group, epochMs));
}

export function groupRecord(group: KeptGroup, epochMs: number): GroupRecord {
  const { groupId, groupType, buckets, below, counter, counters } = group;
  const mod = { groupId, groupType, buckets, command: groupCommand.add };
  return {
    groupMod: hex(encode(version.of13, { type: 'groupMod', xid: 0, ...mod })),
    below,
    added: group.addedMs + epochMs,
    counts: countsText([counter, ...counters]),
  };
}

/** `epochMs` is the wall clock's value at the world's moment 0. */
export function groupFrom(record: GroupRecord, epochMs: number): KeptGroup {
  const { groupMod, below, added, counts } = record;
  const frame = unhex(groupMod);
  const mod = decode(version.of13, new DataView(frame.buffer, frame.byteOffset), 0, frame.length);
  if (isError(mod) || mod.type !== 'groupMod') {
    throw new Error('its group-mod cannot be read');
  }
  const { groupId, groupType, buckets } = mod;
  const counters = buckets.map((_, i) => counterFrom(counts[i + 1]));
  const addedMs = added - epochMs;
  return { groupId, groupType, buckets, below, addedMs, counter: counterFrom(counts[0]), counters };
}
