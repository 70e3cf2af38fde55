/**
 * Fills a rulebook from the store: rules go from the log's bytes to the rulebook's memory.
 *
 * Those that stand as they would be written now stay bytes. All others are read as values and
 * written again, so what an encoder or a check of the hot path makes of rules may change without
 * changing what a store means.
 */

import { printMatch } from '../../openflow/print/print-match.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Instruction, Match, OfError } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { RuleHead } from '../../slices/rules/rule.ts';
import { type Count, zero } from '../../slices/rules/rule-counters.ts';
import { instructionsIn, matchIn, type RuleContent } from '../../slices/rules/rule-record.ts';
import type { Restored, Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import type { StoredChange } from '../../translation/changes/stored-changes.ts';
import { isPlainContent } from '../../translation/pipeline/flow-mod-bytes.ts';
import type { RuleRead } from '../../translation/stored/stored-entries.ts';
import { messageOf } from '../world/error-text.ts';
import type { RuleTaker } from './stored-rules.ts';

/** Instructions with the datapaths' ids of what they use; an error when that is not there. */
export type Bind = (instructions: readonly Instruction[]) => readonly Instruction[] | OfError;

/** A rule that does not bind; later entries may say that it has gone since. */
interface Unbound {
  /** Which one it is, for people. */
  readonly what: string;
  readonly why: string;
  readonly counted: Count;
}

export class RulebookLoading implements RuleTaker {
  readonly #book: Rulebook;
  /** Absent: the rules are only kept, and what they use is not looked at. */
  readonly #bind: Bind | undefined;
  readonly #clock: Clock;
  /** Rules of this serial or a higher one were not acknowledged. */
  readonly #openFrom: number;
  readonly unbound = new Map<number, Unbound>();
  /** What stood where such rules were put by a flow-mod that stayed bytes. */
  readonly replaced: StoredChange[] = [];

  constructor(book: Rulebook, bind: Bind | undefined, clock: Clock, openFrom: number) {
    this.#book = book;
    this.#bind = bind;
    this.#clock = clock;
    this.#openFrom = openFrom;
  }

  drop(serial: number): void {
    this.unbound.delete(serial);
    this.#book.forget(serial);
  }

  put(rule: RuleRead): void {
    const counted = this.#countedOf(rule);
    this.drop(rule.serial);
    if (rule.replaced !== 0) this.#replace(rule);
    const why = this.#restore(rule, counted);
    if (why === undefined) return;
    // As many as may be named, and as many again that later entries take out.
    const isNamed = this.unbound.size < 2 * limits.leftOutShownMax;
    const what = isNamed ? nameOf(rule) : `rule ${rule.serial}`;
    this.unbound.set(rule.serial, { what, why, counted });
  }

  #replace({ serial, replaced, resets }: RuleRead): void {
    const rule = serial < this.#openFrom ? undefined : this.#book.bySerial(replaced);
    if (rule !== undefined) {
      const { match, instructions, counter } = rule;
      const was = { ...headOf(rule), match, instructions, counted: counter.base() };
      this.replaced.push({ kind: 'rule', id: serial, was, resets });
    }
    this.drop(replaced);
  }

  /**
   * All of them are there. What is beyond the limit on a datapath, in the store of a version that
   * had none, is left out: last rules first, so the lowest priorities of the last tables.
   */
  finish(): ReadonlyMap<number, Unbound> {
    const { arena } = this.#book;
    const max = limits.ruleBytesBelowAtStartMax;
    const isOver = arena.belowBytes > max;
    const why = `the vswitch's rules have over ${max} bytes on a datapath, their limit`;
    for (const rule of isOver ? this.#book.rules().toReversed() : []) {
      if (arena.belowBytes <= max) break;
      const { serial } = rule;
      const isNamed = this.unbound.size < limits.leftOutShownMax;
      const what = isNamed ? named(rule, rule.match) : `rule ${serial}`;
      this.#book.forget(serial);
      this.unbound.set(serial, { what, why, counted: zero });
    }
    return this.unbound;
  }

  /** What the rule whose place it takes had counted is its own, unless it begins anew. */
  #countedOf({ replaced, resets, packets, bytes }: RuleRead): Count {
    if (resets || replaced === 0) return { packets, bytes };
    const { arena } = this.#book;
    const slot = arena.bySerial(replaced);
    return this.unbound.get(replaced)?.counted ?? (slot === 0 ? zero : arena.counters.base(slot));
  }

  /** Why it cannot be, when it cannot. */
  #restore(rule: RuleRead, counted: Count): string | undefined {
    const { dv, at, matchSize, instructionsSize } = rule;
    if (isCutOff(rule)) return 'its bytes are cut off';
    const { epochMs, nowMs } = this.#clock;
    const head: Omit<Restored, 'content' | 'match' | 'instructions'> = {
      ...rule,
      addedMs: rule.added - epochMs,
      hardFromMs: rule.hardFrom - epochMs,
      // Unknown while we were away: as if used just now, for late is allowed and early is not.
      usedMs: nowMs,
      counted,
    };
    const content: RuleContent = { dv, at, matchSize, instructionsSize };
    if (this.#bind === undefined || isPlainContent(content)) {
      this.#book.restore({ ...head, content });
      return undefined;
    }
    try {
      const instructions = this.#bind(instructionsIn(content));
      if (isError(instructions)) return instructions.why;
      this.#book.restore({ ...head, match: matchIn(content), instructions });
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }
}

function headOf(rule: Rule): RuleHead {
  const { serial, tableId, priority, cookie, flags, idleTimeoutSec, hardTimeoutSec } = rule;
  const { addedMs, hardFromMs, usedMs } = rule;
  const times = { addedMs, hardFromMs, usedMs };
  return { serial, tableId, priority, cookie, flags, idleTimeoutSec, hardTimeoutSec, ...times };
}

function isCutOff({ dv, at, matchSize, instructionsSize }: RuleRead): boolean {
  return instructionsSize < 0 || at + matchSize + instructionsSize > dv.byteLength;
}

function nameOf(rule: RuleRead): string {
  const { serial, tableId, priority, dv, at, matchSize } = rule;
  if (isCutOff(rule)) return `rule ${serial}`;
  return named({ tableId, priority }, matchIn({ dv, at, matchSize, instructionsSize: 0 }));
}

function named({ tableId, priority }: Pick<Rule, 'tableId' | 'priority'>, of: Match): string {
  const match = printMatch(of);
  return `the rule of table ${tableId}, priority ${priority}, match ${match || 'any'}`;
}

/** A rule's times are moments since 1970 in the store, and of the world's clock in the book. */
export interface Clock {
  readonly epochMs: number;
  readonly nowMs: number;
}
