/**
 * Modifies and deletes that name one rule exactly ("strict", OF1.3.5 section 6.4), from the bytes
 * of a run of flow-mods (rule-run.ts): their effects on a rulebook, and the record of each until
 * datapaths have acknowledged it. One that is about several rules is as many of these
 * (hypervisor/tenant/loose-flow-mods.ts).
 *
 *   head     of a rule that stood: its record, its match and instructions     the new instructions
 *
 * Rules become values when somebody asks for a change (`read`): one was refused, or is in
 * the store's list of those that may be.
 */
import { f64, layout, u16, u32, u64 } from '../../openflow/layout/layout.ts';
import { copyWords, type Writer } from '../../openflow/layout/writer.ts';
import { flowMod, header } from '../../openflow/messages/messages.ts';
import { flowCommand, flowFlag, version } from '../../openflow/values/constants.ts';
import { cookieAfter } from './flow-mod10.ts';
import { Rule } from './rule.ts';
import type { RuleChange } from './rule-change.ts';
import type { Counting } from './rule-counters.ts';
import { copyOf, instructionsIn, type RuleContent, record } from './rule-record.ts';
import { contentOfRun, type RuleRun } from './rule-run.ts';
import { headIn, type RuleValues, whyFull } from './rule-values.ts';
import type { TableCounters } from './table-counters.ts';

const { get } = record;

const keptHead = layout('StrictChange', {
  /** Bytes in all, this included. */
  size: u32,
  /** Of the rule afterwards; 0 when it is gone. */
  revision: u32,
  cookie: u64,
  hardFromMs: f64,
  /** Of what the rule does now. */
  instructionsSize: u16,
  matchSize: u16,
  beforeSize: u32,
});

/** `values`: where those are it is to be decided. */
export type StrictOutcome = 'changed' | 'none' | 'values';

/** Of a rulebook. */
export class StrictChanges {
  readonly #values: RuleValues;
  readonly #tables: TableCounters;

  constructor(values: RuleValues, tables: TableCounters) {
    this.#values = values;
    this.#tables = tables;
  }

  /** One of a run names no rule. Hot. */
  miss(run: RuleRun, i: number): StrictOutcome {
    run.serial[i] = 0;
    run.messages[i] = 0;
    // What OpenFlow 1.0 modifies and is not there, it adds.
    return isDeletion(run, i) || !isOf10(run, i) ? 'none' : 'values';
  }

  /**
   * What one of a run changes that is about the rule of a slot, of which `run.serial` has the
   * serial then; its bytes below are known. What the rule was is appended to `to`. Hot.
   */
  change(run: RuleRun, i: number, slot: number, nowMs: number, to: Writer): StrictOutcome {
    const [values, tables] = [this.#values, this.#tables];
    run.serial[i] = 0;
    run.messages[i] = 0;
    const done = isDeletion(run, i)
      ? remove(values, tables, slot, to)
      : modify(values, tables, slot, run, i, nowMs, to);
    if (done === 0) return 'values';
    run.serial[i] = done;
    run.messages[i] = 1;
    return 'changed';
  }

  /** Whether `change` takes the rule of a slot out. */
  mayRemove(slot: number): boolean {
    return mayRemove(this.#values, slot);
  }

  /** What was kept of one, as a value. */
  read(kept: DataView, at: number): RuleChange {
    return strictChangeAt(this.#values, kept, at);
  }
}

export function isDeletion({ dv, at }: RuleRun, i: number): boolean {
  return flowMod.get.command(dv, at[i] as number) === flowCommand.deleteStrict;
}

export function isOf10({ from, fromAt }: RuleRun, i: number): boolean {
  return header.get.version(from, fromAt[i] as number) === version.of10;
}

/** The rule's serial; 0 when somebody is to be told, or its record does not say all of it. */
function remove(values: RuleValues, tables: TableCounters, slot: number, to: Writer): number {
  const { arena } = values;
  if (!mayRemove(values, slot)) return 0;
  const serial = arena.serialOf(slot);
  if (!arena.counters.isZero(slot)) tables.leaves(values.ruleAt(slot));
  keep(values, slot, to, 0);
  values.leave(slot);
  return serial;
}

function mayRemove({ arena }: RuleValues, slot: number): boolean {
  const isReported = (get.flags(arena.dv(slot), arena.at(slot)) & flowFlag.sendFlowRem) !== 0;
  return !isReported && !arena.counters.isBeside(slot);
}

/** The same of one that does something else from now on; 0, too, when that may not fit. */
function modify(
  values: RuleValues,
  tables: TableCounters,
  slot: number,
  run: RuleRun,
  i: number,
  nowMs: number,
  to: Writer,
): number {
  const { arena } = values;
  if (whyFull(arena, 0, run.below[i] as number) !== undefined) return 0;
  const content = contentOfRun(run, i);
  if (!arena.counters.isZero(slot)) {
    const { packets } = arena.counters.total(slot);
    tables.changes(values.ruleAt(slot), { instructions: instructionsIn(content) }, packets, false);
  }
  const start = keep(values, slot, to, content.instructionsSize);
  to.putFrom(content.dv, content.at + content.matchSize, content.instructionsSize);
  const at = run.at[i] as number;
  const said = { cookie: flowMod.get.cookie(run.dv, at) };
  const before = get.cookie(arena.dv(slot), arena.at(slot));
  const cookie = isOf10(run, i) ? cookieAfter({ ...said, version: version.of10 }, before) : before;
  values.changeContent(slot, content, cookie, nowMs);
  keptHead.set.revision(to.dv, start, values.revision);
  keptHead.set.cookie(to.dv, start, cookie);
  keptHead.set.hardFromMs(to.dv, start, nowMs);
  return arena.serialOf(slot);
}

/** The rule as it is, and room for so many bytes of instructions behind it; where it begins. */
function keep({ arena }: RuleValues, slot: number, to: Writer, instructionsSize: number): number {
  const [own, ownAt] = [arena.dv(slot), arena.at(slot)];
  const matchSize = get.matchSize(own, ownAt);
  const bodySize = matchSize + get.instructionsSize(own, ownAt);
  const start = to.claim(keptHead.size + record.size);
  const { dv } = to;
  keptHead.set.size(dv, start, keptHead.size + record.size + bodySize + instructionsSize);
  keptHead.set.revision(dv, start, 0);
  keptHead.set.cookie(dv, start, 0n);
  keptHead.set.hardFromMs(dv, start, 0);
  keptHead.set.instructionsSize(dv, start, instructionsSize);
  keptHead.set.matchSize(dv, start, matchSize);
  keptHead.set.beforeSize(dv, start, bodySize);
  copyWords(own, ownAt, dv, start + keptHead.size, record.size);
  const content = get.content(own, ownAt);
  to.putFrom(arena.contents.dv(content), arena.contents.at(content), bodySize);
  return start;
}

/** Where the next one begins. */
export function strictChangeEnd(dv: DataView, at: number): number {
  return at + keptHead.get.size(dv, at);
}

/** Whether the rule is gone. */
export function isStrictDelete(dv: DataView, at: number): boolean {
  return keptHead.get.revision(dv, at) === 0;
}

/** Where the match of its rule is. */
export function strictMatchAt(at: number): number {
  return at + keptHead.size + record.size;
}

/** The serial of its rule. */
export function strictSerialAt(dv: DataView, at: number): number {
  return get.serial(dv, at + keptHead.size);
}

/** As a value, each time another one; a rule that is gone has counted what it had then. */
function strictChangeAt(values: RuleValues, dv: DataView, at: number): RuleChange {
  const { revision, cookie, hardFromMs, matchSize, beforeSize, instructionsSize } = keptHead.read(
    dv,
    at,
  );
  const recordAt = at + keptHead.size;
  const contentAt = recordAt + record.size;
  const was = { dv, at: contentAt, matchSize, instructionsSize: beforeSize - matchSize };
  const head = headIn(dv, recordAt);
  const before = (counter: Counting): Rule =>
    new Rule(head, get.revision(dv, recordAt), counter, { content: copyOf(was) });
  if (revision === 0) {
    const counter = values.arena.counters.copied(dv, recordAt);
    return { type: 'remove', rule: before(counter), reason: 'delete' };
  }
  const counting = values.countingOf(head.serial);
  const content = joined(dv, contentAt, matchSize, contentAt + beforeSize, instructionsSize);
  const rule = new Rule({ ...head, cookie, hardFromMs }, revision, counting, { content });
  return { type: 'modify', rule, before: before(counting), resets: false };
}

function joined(
  dv: DataView,
  matchAt: number,
  matchSize: number,
  at: number,
  instructionsSize: number,
): RuleContent {
  const bytes = new Uint8Array(matchSize + instructionsSize);
  bytes.set(new Uint8Array(dv.buffer, dv.byteOffset + matchAt, matchSize));
  bytes.set(new Uint8Array(dv.buffer, dv.byteOffset + at, instructionsSize), matchSize);
  return { dv: new DataView(bytes.buffer), at: 0, matchSize, instructionsSize };
}
