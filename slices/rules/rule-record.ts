/**
 * A rule of a rulebook as bytes: a record of one size (record-pages.ts), and its match and
 * instructions as they stand on the wire (byte-arena.ts). Together they take under 300 bytes for
 * the rules that controllers install by the million.
 */

import { instructionList } from '../../openflow/actions/instructions.ts';
import { f64, layout, u8, u16, u32, u64 } from '../../openflow/layout/layout.ts';
import { frameBytesMax, Writer } from '../../openflow/layout/writer.ts';
import { readMatch, writeMatch } from '../../openflow/match/match-wire.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Instruction, Match } from '../../openflow/values/values.ts';
import { ruleBytes } from '../bytes-below.ts';
import { unwrapped, wrapped } from './kept-actions.ts';

export const record = layout('RuleRecord', {
  /** In a free record, the next free one. */
  cookie: u64,
  /** From here to the priority as in a flow-mod, which has its command, 0 of an ADD, for `gone`. */
  tableId: u8,
  /** 0 while it stands. When it has left the book and is remembered, 1 and one for each holder. */
  gone: u8,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  priority: u16,
  /** Of table, priority and match. */
  hash: u32,
  /** 0 in a free record. */
  serial: u32,
  /** Where the match is, and the instructions behind it. */
  content: u32,
  matchSize: u16,
  instructionsSize: u16,
  /** Its bytes on a datapath (bytes-below.ts). */
  below: u32,
  /** Slots: the rules of one table and priority, or that are gone; those with a time-out. */
  rankNext: u32,
  rankPrevious: u32,
  timedNext: u32,
  timedPrevious: u32,
  /** Another for each thing that a flow-mod made of it. */
  revision: u32,
  flags: u16,
  /** Which datapath has counted (rule-counter-records.ts). */
  seenBy: u16,
  addedMs: f64,
  hardFromMs: f64,
  usedMs: f64,
  basePackets: u64,
  baseBytes: u64,
  seenPackets: u64,
  seenBytes: u64,
});

/** A match and instructions as bytes, one behind the other; both are multiples of eight. */
export interface RuleContent {
  readonly dv: DataView;
  readonly at: number;
  readonly matchSize: number;
  readonly instructionsSize: number;
}

const scratch = new Writer(4_096);

/** How long they are as they would be kept, whether they can be or not. */
export function contentBytes(match: Match, instructions: readonly Instruction[]): number {
  scratch.reset();
  writeMatch(scratch, match);
  instructionList.write(scratch, wrapped(instructions));
  return scratch.at;
}

/**
 * The bytes stand until the next call. What is too long is refused before
 * (translation/requests/fit.ts).
 */
export function contentOf(match: Match, instructions: readonly Instruction[]): RuleContent {
  scratch.reset();
  writeMatch(scratch, match);
  const matchSize = scratch.at;
  instructionList.write(scratch, wrapped(instructions));
  if (scratch.at > frameBytesMax) throw new Error(`a rule of ${scratch.at} bytes cannot be kept`);
  return { dv: scratch.dv, at: 0, matchSize, instructionsSize: scratch.at - matchSize };
}

export function sizeOf({ matchSize, instructionsSize }: RuleContent): number {
  return matchSize + instructionsSize;
}

/** Its bytes on a datapath. */
export function belowOf({ dv, at, matchSize, instructionsSize }: RuleContent): number {
  return ruleBytes(dv, at, matchSize, instructionsSize);
}

/** A copy for oneself. */
export function copyOf({ dv, at, matchSize, instructionsSize }: RuleContent): RuleContent {
  const from = dv.byteOffset + at;
  const copy = dv.buffer.slice(from, from + matchSize + instructionsSize);
  return { dv: new DataView(copy), at: 0, matchSize, instructionsSize };
}

export function matchIn({ dv, at, matchSize }: RuleContent): Match {
  const found = readMatch(dv, at, at + matchSize, false);
  if (isError(found)) throw new Error(`a rule's match is damaged: ${found.why}`);
  return found.value;
}

export function instructionsIn({ dv, at, matchSize, instructionsSize }: RuleContent) {
  const from = at + matchSize;
  const found = instructionList.read(dv, from, from + instructionsSize, false);
  if (isError(found)) throw new Error(`a rule's instructions are damaged: ${found.why}`);
  return unwrapped(found.value);
}
