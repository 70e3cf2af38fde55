/**
 * What a commit of the store holds (ledger.ts): entries, each a kind, a key and a value.
 *
 *   text      key and value are text           noText    the key's text is gone
 *   rule      key is the vswitch, value is a rule's record, its match and its instructions
 *   noRule    key is the vswitch, value is the serial of a rule that is gone
 */
import { f64, layout, pad, u8, u16, u32, u64, type ValuesOf } from '../openflow/layout.ts';
import type { Writer } from '../openflow/writer.ts';
import type { RuleHead } from '../slices/rule.ts';
import type { Body } from '../slices/rule-record.ts';
import type { StoredRule } from '../slices/rulebook.ts';
import type { Count } from '../slices/tally.ts';

export const entryKind = { text: 1, noText: 2, rule: 3, noRule: 4 } as const;

const entryHead = layout('Entry', { kind: u8, pad: pad(1), keySize: u16, valueSize: u32 });

const ruleValue = layout('StoredRule', {
  serial: u32,
  tableId: u8,
  pad: pad(1),
  priority: u16,
  flags: u16,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  matchSize: u16,
  cookie: u64,
  /** Milliseconds since 1970. */
  added: f64,
  hardFrom: f64,
  packets: u64,
  bytes: u64,
});

/** A rule's times are moments since 1970 in the store, and of the world's clock in the book. */
export interface Clock {
  readonly epochMs: number;
  readonly nowMs: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function keyBytes(key: string): Uint8Array {
  return encoder.encode(key);
}

export function writeText(to: Writer, key: string, value: string | undefined): void {
  const keyed = encoder.encode(key);
  const valued = encoder.encode(value ?? '');
  writeHead(to, value === undefined ? entryKind.noText : entryKind.text, keyed, valued.length);
  to.put(valued);
}

export function writeNoRule(to: Writer, vswitch: Uint8Array, serial: number): void {
  writeHead(to, entryKind.noRule, vswitch, 4);
  const at = to.claim(4);
  to.dv.setUint32(at, serial);
}

/** Hot: a flow-mod is one of these. */
export function writeRule(
  to: Writer,
  vswitch: Uint8Array,
  rule: RuleHead,
  body: Body,
  base: Count,
  epochMs: number,
): void {
  const bodySize = body.matchSize + body.instructionsSize;
  writeHead(to, entryKind.rule, vswitch, ruleValue.size + bodySize);
  const at = to.room(ruleValue.size);
  const { dv } = to;
  ruleValue.set.serial(dv, at, rule.serial);
  ruleValue.set.tableId(dv, at, rule.tableId);
  ruleValue.set.priority(dv, at, rule.priority);
  ruleValue.set.flags(dv, at, rule.flags);
  ruleValue.set.idleTimeoutSec(dv, at, rule.idleTimeoutSec);
  ruleValue.set.hardTimeoutSec(dv, at, rule.hardTimeoutSec);
  ruleValue.set.matchSize(dv, at, body.matchSize);
  ruleValue.set.cookie(dv, at, rule.cookie);
  ruleValue.set.added(dv, at, rule.addedMs + epochMs);
  ruleValue.set.hardFrom(dv, at, rule.hardFromMs + epochMs);
  ruleValue.set.packets(dv, at, base.packets);
  ruleValue.set.bytes(dv, at, base.bytes);
  to.putFrom(body.dv, body.at, bodySize);
}

function writeHead(to: Writer, kind: number, key: Uint8Array, valueSize: number): void {
  const at = to.room(entryHead.size);
  entryHead.set.kind(to.dv, at, kind);
  entryHead.set.keySize(to.dv, at, key.length);
  entryHead.set.valueSize(to.dv, at, valueSize);
  to.put(key);
}

/** One entry as it was read; `value` is a part of what was read. */
export interface Entry {
  readonly kind: number;
  readonly key: string;
  readonly value: Uint8Array;
}

export function* entriesIn(payload: Uint8Array): Iterable<Entry> {
  const dv = new DataView(payload.buffer, payload.byteOffset, payload.length);
  for (let at = 0; at < payload.length; ) {
    const { kind, keySize, valueSize } = entryHead.read(dv, at);
    const keyAt = at + entryHead.size;
    const valueAt = keyAt + keySize;
    const key = decoder.decode(payload.subarray(keyAt, valueAt));
    at = valueAt + valueSize;
    yield { kind, key, value: payload.subarray(valueAt, at) };
  }
}

export function textOf(value: Uint8Array): string {
  return decoder.decode(value);
}

/** The serial of the rule that an entry is about. */
export function serialOf(value: Uint8Array): number {
  return ruleValue.get.serial(new DataView(value.buffer, value.byteOffset), 0);
}

export function readRule(value: Uint8Array, { epochMs, nowMs }: Clock): StoredRule {
  const dv = new DataView(value.buffer, value.byteOffset, value.length);
  const read: ValuesOf<typeof ruleValue> = ruleValue.read(dv, 0);
  const { added, hardFrom, matchSize, packets, bytes, ...head } = read;
  const instructionsSize = value.length - ruleValue.size - matchSize;
  return {
    ...head,
    addedMs: added - epochMs,
    hardFromMs: hardFrom - epochMs,
    // Unknown while we were away: as if used just now, for late is allowed and early is not.
    usedMs: nowMs,
    body: { dv, at: ruleValue.size, matchSize, instructionsSize },
    counted: { packets, bytes },
  };
}
