/**
 * The entries of a commit of the store (journal.ts): each has a kind, a key and a value.
 *
 *   text      key and value are text           noText    the key's text is gone
 *   rule      key is the vswitch, value is a rule's record, its match and its instructions
 *   noRule    key is the vswitch, value is the serial of a rule that is gone
 *   flowMods  key is the vswitch, value is flow-mods that became rules (kept-flow-mods.ts)
 *   noRules   all rules of the vswitch that is the key are gone
 *
 * Written here, and read by stored-entries.ts: what a kind means never changes.
 */
import { f64, layout, pad, u8, u16, u32, u64 } from '../../openflow/layout/layout.ts';
import type { Writer } from '../../openflow/layout/writer.ts';
import type { RuleArena } from '../../slices/rules/rule-arena.ts';
import { record } from '../../slices/rules/rule-record.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import { storedKind as entryKind } from './stored-entries.ts';

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

const encoder = new TextEncoder();

export function keyBytes(key: string): DataView {
  return new DataView(encoder.encode(key).slice().buffer);
}

export function writeText(to: Writer, key: string, value: string | undefined): void {
  const keyed = keyBytes(key);
  const valued = encoder.encode(value ?? '');
  writeHead(to, value === undefined ? entryKind.noText : entryKind.text, keyed, valued.length);
  to.put(valued);
}

export function writeNoRule(to: Writer, vswitch: DataView, serial: number): void {
  writeHead(to, entryKind.noRule, vswitch, 4);
  const at = to.claim(4);
  to.dv.setUint32(at, serial);
}

export function writeNoRules(to: Writer, vswitch: DataView): void {
  writeHead(to, entryKind.noRules, vswitch, 0);
}

export function writeRule(to: Writer, vswitch: DataView, rule: Rule, epochMs: number): void {
  const { content, counter } = rule;
  const { matchSize, instructionsSize } = content;
  writeHead(to, entryKind.rule, vswitch, ruleValue.size + matchSize + instructionsSize);
  const at = to.claim(ruleValue.size);
  const { serial, tableId, priority, flags, idleTimeoutSec, hardTimeoutSec, cookie } = rule;
  const [added, hardFrom] = [rule.addedMs + epochMs, rule.hardFromMs + epochMs];
  ruleValue.write(to.dv, at, {
    ...{ serial, tableId, priority, flags, idleTimeoutSec, hardTimeoutSec, cookie },
    ...{ ...counter.base(), matchSize, added, hardFrom },
  });
  to.putFrom(content.dv, content.at, matchSize + instructionsSize);
}

/** The same from a rulebook's memory. Hot: a flow-mod is one of these. */
export function writeRuleAt(
  to: Writer,
  vswitch: DataView,
  arena: RuleArena,
  slot: number,
  epochMs: number,
): void {
  const { get } = record;
  const from = arena.dv(slot);
  const fromAt = arena.at(slot);
  const matchSize = get.matchSize(from, fromAt);
  const bodySize = matchSize + get.instructionsSize(from, fromAt);
  writeHead(to, entryKind.rule, vswitch, ruleValue.size + bodySize);
  const at = to.claim(ruleValue.size);
  const { dv } = to;
  ruleValue.set.serial(dv, at, get.serial(from, fromAt));
  // The table's byte, and the one of padding behind it.
  dv.setUint16(at + ruleValue.offset.tableId, get.tableId(from, fromAt) << 8);
  ruleValue.set.priority(dv, at, get.priority(from, fromAt));
  ruleValue.set.flags(dv, at, get.flags(from, fromAt));
  ruleValue.set.idleTimeoutSec(dv, at, get.idleTimeoutSec(from, fromAt));
  ruleValue.set.hardTimeoutSec(dv, at, get.hardTimeoutSec(from, fromAt));
  ruleValue.set.matchSize(dv, at, matchSize);
  ruleValue.set.cookie(dv, at, get.cookie(from, fromAt));
  ruleValue.set.added(dv, at, get.addedMs(from, fromAt) + epochMs);
  ruleValue.set.hardFrom(dv, at, get.hardFromMs(from, fromAt) + epochMs);
  arena.counters.writeBase(slot, dv, at + ruleValue.offset.packets);
  const content = get.content(from, fromAt);
  to.putFrom(arena.contents.dv(content), arena.contents.at(content), bodySize);
}

/** An entry of flow-mods, with its value. */
export function writeFlowMods(to: Writer, vswitch: DataView, value: Uint8Array): void {
  writeHead(to, entryKind.flowMods, vswitch, value.length);
  to.put(value);
}

/** What the entries of all rules take. */
export function bytesOfRules(vswitch: DataView, { size, contentBytes }: RuleArena): number {
  return size * (entryHead.size + vswitch.byteLength + ruleValue.size) + contentBytes;
}

function writeHead(to: Writer, kind: number, key: DataView, valueSize: number): void {
  const at = to.claim(entryHead.size);
  // The kind's byte, and the one of padding behind it.
  to.dv.setUint16(at, kind << 8);
  entryHead.set.keySize(to.dv, at, key.byteLength);
  entryHead.set.valueSize(to.dv, at, valueSize);
  to.putFrom(key, 0, key.byteLength);
}
