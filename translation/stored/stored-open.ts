/**
 * Changes that no datapath has acknowledged, in the store (journal.ts): each list of them has, for
 * each change, the rule, group or meter that was there before. The list is there from the commit
 * that made the changes to the one that follows on their acknowledgement
 * (translation/changes/unanswered.ts).
 */

import { hex, unhex } from '../../slices/hex.ts';
import { instructionsIn, matchIn } from '../../slices/rules/rule-record.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import type { StoredChange } from '../changes/stored-changes.ts';
import type { Change } from '../entries/body.ts';
import { type GroupRecord, groupFrom, groupRecord } from './stored-groups.ts';
import { type MeterRecord, meterFrom, meterRecord } from './stored-meters.ts';

/** Times are milliseconds since 1970. */
interface RuleRecord {
  readonly serial: number;
  readonly tableId: number;
  readonly priority: number;
  readonly cookie: string;
  readonly flags: number;
  readonly idleTimeoutSec: number;
  readonly hardTimeoutSec: number;
  readonly added: number;
  readonly hardFrom: number;
  /** Match and instructions as OpenFlow 1.3 has them, in hex, and the size of the former. */
  readonly body: string;
  readonly matchSize: number;
  readonly packets: string;
  readonly bytes: string;
}

type Record =
  | { readonly rule: number; readonly was: RuleRecord; readonly resets: boolean }
  | { readonly group: number; readonly was: GroupRecord | null }
  | { readonly meter: number; readonly was: MeterRecord | null };

/** `epochMs` is the wall clock's value at the world's moment 0. */
export function changesText(changes: readonly Change[], epochMs: number): string {
  return JSON.stringify(changes.flatMap((one): readonly Record[] => recordsOf(one, epochMs)));
}

function recordsOf(change: Change, epochMs: number): readonly Record[] {
  switch (change.type) {
    case 'add':
    case 'modify': {
      const { rule, resets } = change;
      const was = change.type === 'add' ? change.replaced : change.before;
      return was === undefined
        ? []
        : [{ rule: rule.serial, was: ruleRecord(was, epochMs), resets }];
    }
    case 'addGroup':
      return [{ group: change.group.groupId, was: null }];
    case 'modifyGroup':
      return [{ group: change.group.groupId, was: groupRecord(change.before, epochMs) }];
    case 'addMeter':
      return [{ meter: change.meter.meterId, was: null }];
    case 'modifyMeter':
      return [{ meter: change.meter.meterId, was: meterRecord(change.before, epochMs) }];
    case 'remove':
    case 'removeGroup':
    case 'removeMeter':
      return [];
  }
}

function ruleRecord(rule: Rule, epochMs: number): RuleRecord {
  const { content, counter, addedMs, hardFromMs } = rule;
  const { serial, tableId, priority, flags, idleTimeoutSec, hardTimeoutSec } = rule;
  const { dv, at, matchSize, instructionsSize } = content;
  const bytesOfBody = new Uint8Array(dv.buffer, dv.byteOffset + at, matchSize + instructionsSize);
  const { packets, bytes } = counter.base();
  return {
    ...{ serial, tableId, priority, flags, idleTimeoutSec, hardTimeoutSec, matchSize },
    ...{ cookie: String(rule.cookie), added: addedMs + epochMs, hardFrom: hardFromMs + epochMs },
    ...{ body: hex(bytesOfBody), packets: String(packets), bytes: String(bytes) },
  };
}

export function changesFrom(parsed: unknown, epochMs: number): readonly StoredChange[] {
  return (parsed as readonly Record[]).map((one): StoredChange => {
    if ('rule' in one) {
      const was = ruleFrom(one.was, epochMs);
      return { kind: 'rule', id: one.rule, was, resets: one.resets };
    }
    if ('group' in one) {
      const was = one.was === null ? undefined : groupFrom(one.was, epochMs);
      return { kind: 'group', id: one.group, was };
    }
    const was = one.was === null ? undefined : meterFrom(one.was, epochMs);
    return { kind: 'meter', id: one.meter, was };
  });
}

function ruleFrom(record: RuleRecord, epochMs: number): (StoredChange & { kind: 'rule' })['was'] {
  const { cookie, added, hardFrom, body, matchSize, packets, bytes, ...head } = record;
  const all = unhex(body);
  const dv = new DataView(all.buffer, all.byteOffset, all.length);
  const parts = { dv, at: 0, matchSize, instructionsSize: all.length - matchSize };
  const addedMs = added - epochMs;
  return {
    ...head,
    ...{ cookie: BigInt(cookie), addedMs, hardFromMs: hardFrom - epochMs, usedMs: 0 },
    ...{ match: matchIn(parts), instructions: instructionsIn(parts) },
    counted: { packets: BigInt(packets), bytes: BigInt(bytes) },
  };
}
