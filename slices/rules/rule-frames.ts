/**
 * Rules of a rulebook as the flow-mods that would add them, one behind the other: a body is filled
 * with bytes, without decoding, from the rulebook to the datapath.
 */
import type { Writer } from '../../openflow/layout/writer.ts';
import { flowMod, header, messages } from '../../openflow/messages/messages.ts';
import { flowFlag, group, NO_BUFFER, port, version } from '../../openflow/values/constants.ts';
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import { type Cursor, nextPart } from './cursor.ts';
import type { RuleArena } from './rule-arena.ts';
import { type RuleContent, record } from './rule-record.ts';
import type { Rule, Rulebook } from './rulebook.ts';

const { set } = flowMod;

/**
 * The next rules for a body, which counts from nothing: those that may stay bytes are appended as
 * flow-mods; the others are values.
 */
export function nextForBody(
  rulebook: Rulebook,
  body: DatapathName,
  cursor: Cursor,
  staysBytes: (rule: RuleContent) => boolean,
  out: Writer,
): readonly Rule[] {
  cursor.isOver = rulebook.isUnused;
  if (cursor.isOver) return [];
  const { arena } = rulebook;
  const others: Rule[] = [];
  for (const slot of nextPart(arena, cursor, () => true, limits.rulesAtOnce)) {
    arena.counters.begin(slot, body);
    const rule = staysBytes(arena.contentAt(slot))
      ? undefined
      : rulebook.bySerial(arena.serialOf(slot));
    if (rule === undefined) writeRule(out, arena, slot);
    else others.push(rule);
  }
  return others;
}

/** The next rules that are wanted, by what is seen in their bytes. */
export function nextWhose(
  rulebook: Rulebook,
  cursor: Cursor,
  isWanted: (tableId: number, rule: RuleContent) => boolean,
): readonly Rule[] {
  cursor.isOver = rulebook.isUnused;
  if (cursor.isOver) return [];
  const { arena } = rulebook;
  const is = (slot: number): boolean => {
    const tableId = record.get.tableId(arena.dv(slot), arena.at(slot));
    return isWanted(tableId, arena.contentAt(slot));
  };
  return nextPart(arena, cursor, is, limits.rulesAtOnce).flatMap((slot) => {
    return rulebook.bySerial(arena.serialOf(slot)) ?? [];
  });
}

/**
 * Appends the flow-mod that adds a rule, whose counters begin anew. Its transaction id is the
 * rule's serial, and of flags it has those only that an entry keeps. Hot.
 */
function writeRule(out: Writer, arena: RuleArena, slot: number): void {
  const { dv, at, matchSize, instructionsSize } = arena.contentAt(slot);
  const start = out.beginFrame(flowMod.size);
  out.bytes.fill(0, start, start + flowMod.size);
  out.putFrom(dv, at, matchSize + instructionsSize);
  const [from, fromAt] = [arena.dv(slot), arena.at(slot)];
  const to = out.dv;
  header.set.version(to, start, version.of13);
  header.set.type(to, start, messages.flowMod.number);
  set.xid(to, start, record.get.serial(from, fromAt));
  set.tableId(to, start, record.get.tableId(from, fromAt));
  set.priority(to, start, record.get.priority(from, fromAt));
  const reports = record.get.flags(from, fromAt) & flowFlag.sendFlowRem;
  set.flags(to, start, reports | flowFlag.resetCounts);
  set.bufferId(to, start, NO_BUFFER);
  set.outPort(to, start, port.any);
  set.outGroup(to, start, group.any);
  if (!out.endFrame(start)) throw new Error('a rule that is kept fits a frame');
}
