/**
 * One rule of a tenant, as a value, which the rulebook makes on request.
 *
 * What a rule is does not change in it: after a modify the rulebook answers another value, of the
 * same serial and another revision. Counters are looked up where they are (tally).
 */
import type { Instruction, Match } from '../../openflow/values/values.ts';
import type { Count, Counting } from './rule-counters.ts';
import { contentOf, copyOf, instructionsIn, matchIn, type RuleContent } from './rule-record.ts';

/** What a rule is, but for its match, its instructions and its counters. */
export interface RuleHead {
  /** Names the rule below, in our cookies; never used twice in a vswitch's life. */
  readonly serial: number;
  readonly tableId: number;
  readonly priority: number;
  /** The tenant's cookie. */
  readonly cookie: bigint;
  readonly flags: number;
  readonly idleTimeoutSec: number;
  readonly hardTimeoutSec: number;
  /** When the tenant added it; durations count from here. Milliseconds of the world's clock. */
  readonly addedMs: number;
  /** The hard time-out counts from here: a modify restarts it, as Open vSwitch does. */
  readonly hardFromMs: number;
  /** When its counters were last seen to change (or it was added). */
  readonly usedMs: number;
}

/** The two parts as values, or as bytes that stay. */
export type RuleParts =
  | { readonly match: Match; readonly instructions: readonly Instruction[] }
  | { readonly content: RuleContent };

/** A rule as the store remembers it. */
export type Restored = RuleHead & RuleParts & { readonly counted: Count };

export class Rule implements RuleHead {
  readonly serial: number;
  readonly tableId: number;
  readonly priority: number;
  readonly cookie: bigint;
  readonly flags: number;
  readonly idleTimeoutSec: number;
  readonly hardTimeoutSec: number;
  readonly addedMs: number;
  readonly hardFromMs: number;
  readonly usedMs: number;
  readonly revision: number;
  readonly counter: Counting;
  #match: Match | undefined;
  #instructions: readonly Instruction[] | undefined;
  #content: RuleContent | undefined;

  constructor(head: RuleHead, revision: number, counter: Counting, parts: RuleParts) {
    this.serial = head.serial;
    this.tableId = head.tableId;
    this.priority = head.priority;
    this.cookie = head.cookie;
    this.flags = head.flags;
    this.idleTimeoutSec = head.idleTimeoutSec;
    this.hardTimeoutSec = head.hardTimeoutSec;
    this.addedMs = head.addedMs;
    this.hardFromMs = head.hardFromMs;
    this.usedMs = head.usedMs;
    this.revision = revision;
    this.counter = counter;
    if ('content' in parts) this.#content = parts.content;
    else {
      this.#match = parts.match;
      this.#instructions = parts.instructions;
    }
  }

  get match(): Match {
    this.#match ??= matchIn(this.content);
    return this.#match;
  }

  get instructions(): readonly Instruction[] {
    this.#instructions ??= instructionsIn(this.content);
    return this.#instructions;
  }

  /** The match and the instructions as bytes. */
  get content(): RuleContent {
    this.#content ??= copyOf(contentOf(this.#match ?? [], this.#instructions ?? []));
    return this.#content;
  }
}

/** OF1.3.5 section 5.4: the rule of priority 0 that matches everything. */
export function isTableMiss(rule: Rule): boolean {
  return rule.priority === 0 && rule.match.length === 0;
}
