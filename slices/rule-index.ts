/**
 * A rulebook's rules, found in the ways that flow-mods and packets ask for them (rulebook.ts).
 *
 * By what makes a rule one of its own (table, priority, match), by serial, and by rank: all rules
 * of one table and priority, the only ones that can overlap or that a look-up must choose among.
 */
import { matchKey } from '../openflow/match.ts';
import type { Match } from '../openflow/values.ts';
import type { Rule } from './rulebook.ts';

export interface Place {
  readonly tableId: number;
  readonly priority: number;
  readonly match: Match;
}

const RANKS_PER_TABLE = 0x1_0000;

export class RuleIndex {
  readonly #byKey = new Map<string, Rule>();
  readonly #bySerial = new Map<number, Rule>();
  readonly #ranks = new Map<number, Map<number, Rule>>();

  get size(): number {
    return this.#bySerial.size;
  }

  /** In no order that means anything. */
  all(): Iterable<Rule> {
    return this.#bySerial.values();
  }

  bySerial(serial: number): Rule | undefined {
    return this.#bySerial.get(serial);
  }

  /** The rule of exactly this table, priority and match. */
  at(place: Place): Rule | undefined {
    return this.#byKey.get(keyOf(place));
  }

  /** The rules of a table and priority. */
  beside(place: Place): Iterable<Rule> {
    return this.#ranks.get(rankOf(place))?.values() ?? [];
  }

  /** The rules of a table by priority, the highest first; within one, the oldest first. */
  *inTable(tableId: number): Iterable<Rule> {
    const from = tableId * RANKS_PER_TABLE;
    const ranks = [...this.#ranks.keys()].filter((r) => r >= from && r < from + RANKS_PER_TABLE);
    for (const rank of ranks.sort((a, b) => a - b)) {
      yield* [...(this.#ranks.get(rank)?.values() ?? [])].sort(inOrder);
    }
  }

  tableIds(): readonly number[] {
    const ids = [...this.#ranks.keys()].map((rank) => Math.floor(rank / RANKS_PER_TABLE));
    return [...new Set(ids)].sort((a, b) => a - b);
  }

  put(rule: Rule): void {
    this.#byKey.set(keyOf(rule), rule);
    this.#bySerial.set(rule.serial, rule);
    const rank = this.#ranks.get(rankOf(rule));
    if (rank === undefined) this.#ranks.set(rankOf(rule), new Map([[rule.serial, rule]]));
    else rank.set(rule.serial, rule);
  }

  remove(rule: Rule): void {
    this.#byKey.delete(keyOf(rule));
    this.#bySerial.delete(rule.serial);
    const rank = this.#ranks.get(rankOf(rule));
    rank?.delete(rule.serial);
    if (rank?.size === 0) this.#ranks.delete(rankOf(rule));
  }
}

/** By table, then the highest priority first (as `ovs-ofctl --rsort`), then the oldest. */
export function inOrder(a: Rule, b: Rule): number {
  return rankOf(a) - rankOf(b) || a.serial - b.serial;
}

function keyOf({ tableId, priority, match }: Place): string {
  return `${tableId}/${priority}/${matchKey(match)}`;
}

/** Table and priority in one number: the lower, the earlier a packet meets it in its table. */
function rankOf({ tableId, priority }: Place): number {
  return tableId * RANKS_PER_TABLE + (RANKS_PER_TABLE - 1 - priority);
}
