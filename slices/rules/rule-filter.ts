/**
 * Selects the rules that a statistics request, a modify or a delete is about (OF1.3.5 sections 6.4,
 * 7.3.5.2).
 */

import { isSubsetBytes, overlapsBytes } from '../../openflow/match/match-bytes.ts';
import { matchHeader } from '../../openflow/match/match-layouts.ts';
import { inPortIn } from '../../openflow/match/plain-match.ts';
import {
  flowCommand,
  group as ofpg,
  port as ofpp,
  oxmClass,
  table,
} from '../../openflow/values/constants.ts';
import type {
  Action,
  FlowMod,
  FlowStatsFilter,
  Instruction,
} from '../../openflow/values/values.ts';
import { type Cursor, newCursor, nextPart } from './cursor.ts';
import { is10 } from './flow-mod10.ts';
import type { Rule } from './rule.ts';
import type { RuleArena } from './rule-arena.ts';
import {
  belowOf,
  contentOf,
  copyOf,
  instructionsIn,
  type RuleContent,
  record,
  sizeOf,
} from './rule-record.ts';
import { whyFull } from './rule-values.ts';

const { get } = record;

/** The next rules that pass. */
export function select(arena: RuleArena, filter: FlowStatsFilter, cursor: Cursor, count?: number) {
  return nextPart(arena, cursor, (slot) => passes(arena, slot, filter), count);
}

/** The next rules that a modify or a delete is about; a strict one has one part. */
export function selectedBy(
  arena: RuleArena,
  mod: FlowMod,
  cursor: Cursor,
  count?: number,
): readonly number[] {
  const isDelete = mod.command >= flowCommand.delete;
  // out_port and out_group filter deletes only (OF1.3.5 section 6.4).
  const filter: FlowStatsFilter = {
    tableId: mod.tableId,
    outPort: isDelete ? mod.outPort : ofpp.any,
    outGroup: isDelete ? mod.outGroup : ofpg.any,
    cookie: mod.cookie,
    cookieMask: mod.cookieMask,
    match: mod.match,
  };
  if (!isStrict(mod)) return select(arena, filter, cursor, count);
  cursor.isOver = true;
  // Strict deletes may name all tables (OF1.3.5 section 6.4).
  const tableIds = mod.tableId === table.all ? arena.lists.tableIds() : [mod.tableId];
  const content = contentOf(mod.match, []);
  const slots = tableIds
    .map((tableId) => arena.find(tableId, mod.priority, content))
    .filter((slot) => slot !== 0 && passes(arena, slot, filter));
  cursor.found += slots.length;
  return slots;
}

/** The same of a deletion. */
export function deletedBy(
  { arena, putBack }: { readonly arena: RuleArena; readonly putBack: number },
  mod: FlowMod,
  cursor: Cursor,
): readonly number[] {
  // What a datapath's refusal put back may be where the cursor has been already.
  if (cursor.putBack !== putBack) cursor.slot = 1;
  cursor.putBack = putBack;
  return selectedBy(arena, mod, cursor);
}

/** Whether a modify is about any rule; what 1.0 modifies and is not there, it adds. */
export function mayChange(arena: RuleArena, mod: FlowMod): boolean {
  const { command } = mod;
  const isModify = command === flowCommand.modify || command === flowCommand.modifyStrict;
  if (!isModify || is10(mod)) return true;
  for (const cursor = newCursor(); !cursor.isOver; ) {
    if (selectedBy(arena, mod, cursor).length > 0) return true;
  }
  return false;
}

/** Whether a modify or a delete would be about this rule, or might be by what it outputs to. */
export function concerns(mod: FlowMod, { tableId, priority, cookie, content }: Rule): boolean {
  if (mod.tableId !== table.all && mod.tableId !== tableId) return false;
  if ((cookie & mod.cookieMask) !== (mod.cookie & mod.cookieMask)) return false;
  if (!isStrict(mod)) return isSubsetBytes(content.dv, content.at, mod.match);
  return mod.priority === priority && isSameMatch(content, contentOf(mod.match, []));
}

function isSameMatch(one: RuleContent, other: RuleContent): boolean {
  if (one.matchSize !== other.matchSize) return false;
  for (let i = 0; i < one.matchSize; i++) {
    if (one.dv.getUint8(one.at + i) !== other.dv.getUint8(other.at + i)) return false;
  }
  return true;
}

/** Whether a flow monitor is about this rule; by its outputs also if it had these before. */
export function isWatched(
  filter: FlowStatsFilter,
  { tableId, content, instructions }: Rule,
  before: Rule | undefined,
): boolean {
  if (filter.tableId !== table.all && filter.tableId !== tableId) return false;
  if (!isSubsetBytes(content.dv, content.at, filter.match)) return false;
  if (filter.outPort === ofpp.any) return true;
  const had = before !== undefined && outputs(before.instructions, filter);
  return had || outputs(instructions, filter);
}

export function isStrict({ command }: FlowMod): boolean {
  return command === flowCommand.modifyStrict || command === flowCommand.deleteStrict;
}

/** Whether another rule of the same table and priority could match the same packet. */
export function overlaps(arena: RuleArena, { tableId, priority, match }: FlowMod): boolean {
  let slot = arena.lists.firstBeside(tableId, priority);
  for (; slot !== 0; slot = arena.lists.nextBeside(slot)) {
    const { dv, at } = arena.contentAt(slot);
    if (overlapsBytes(dv, at, match)) return true;
  }
  return false;
}

/** Whether the rule of a slot passes. The cheap questions come first: it is asked of every rule. */
function passes(arena: RuleArena, slot: number, filter: FlowStatsFilter): boolean {
  const dv = arena.dv(slot);
  const at = arena.at(slot);
  if (filter.tableId !== table.all && filter.tableId !== get.tableId(dv, at)) return false;
  const { cookieMask } = filter;
  if (cookieMask !== 0n) {
    const cookie = get.cookie(dv, at);
    if ((cookie & cookieMask) !== (filter.cookie & cookieMask)) return false;
  }
  const hasOutputs = filter.outPort !== ofpp.any || filter.outGroup !== ofpg.any;
  if (filter.match.length === 0 && !hasOutputs) return true;
  const content = get.content(dv, at);
  if (!isSubsetBytes(arena.contents.dv(content), arena.contents.at(content), filter.match))
    return false;
  return !hasOutputs || outputs(instructionsIn(arena.contentAt(slot)), filter);
}

/** Whether actions send where a filter by outputs wants it. */
export function outputs(
  instructions: readonly Instruction[],
  filter: Pick<FlowStatsFilter, 'outPort' | 'outGroup'>,
): boolean {
  const actions = actionsOf(instructions);
  const toPort = (a: Action): boolean =>
    (a.type === 'output' || a.type === 'enqueue') && a.port === filter.outPort;
  const toGroup = (a: Action): boolean => a.type === 'group' && a.groupId === filter.outGroup;
  if (filter.outPort !== ofpp.any && !actions.some(toPort)) return false;
  return filter.outGroup === ofpg.any || actions.some(toGroup);
}

/** Every action of a rule, in the order of its instructions. */
function actionsOf(instructions: readonly Instruction[]): readonly Action[] {
  return instructions.flatMap((one) =>
    one.type === 'applyActions' || one.type === 'writeActions' ? one.actions : [],
  );
}

/** Why a modify would need too much room: it is done as a whole or not at all. */
export function whyTooLong(
  book: {
    readonly arena: RuleArena;
    readonly size: number;
    readonly belowBytes: number;
  },
  mod: FlowMod,
): string | undefined {
  const { arena } = book;
  const content = copyOf(contentOf([], mod.instructions));
  if (whyFull(book, 0, book.size * belowOf(content)) === undefined) return undefined;
  const more = belowOf(content) - belowOf({ ...content, instructionsSize: 0 });
  const all = selectedBy(arena, mod, newCursor(), Number.POSITIVE_INFINITY);
  const changed = all.map((slot) => {
    return belowOf({ ...arena.contentAt(slot), instructionsSize: 0 }) + more - arena.belowAt(slot);
  });
  const bytes = changed.reduce((sum, one) => sum + one, 0);
  return whyFull(book, 0, bytes);
}

/** What is asked of a rulebook. */
interface Book {
  readonly isUnused: boolean;
  readonly arena: RuleArena;
  bySerial(serial: number): Rule | undefined;
}

/** How many rules name each port of entry; those that name none are in no number. */
export function rulesByInPort({ isUnused, arena }: Omit<Book, 'bySerial'>) {
  const counts = new Map<number, number>();
  if (isUnused) return counts;
  for (let slot = 1; slot < arena.records.end; slot++) {
    if (!arena.isOccupied(slot)) continue;
    const { dv, at } = arena.contentAt(slot);
    const port = dv.getUint16(at + matchHeader.size) === oxmClass.basic ? inPortIn(dv, at) : -1;
    if (port >= 0) counts.set(port, (counts.get(port) ?? 0) + 1);
  }
  return counts;
}

/** The rules whose match and instructions have more bytes: few do, and the others cost nothing. */
export function* longRules(book: Book, bytes: number) {
  if (book.isUnused) return;
  const { arena } = book;
  for (let slot = 1; slot < arena.records.end; slot++) {
    if (!arena.isOccupied(slot) || sizeOf(arena.contentAt(slot)) <= bytes) continue;
    const rule = book.bySerial(arena.serialOf(slot));
    if (rule !== undefined) yield rule;
  }
}
