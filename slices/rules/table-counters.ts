/**
 * Counters of a vswitch's tables: lookups, and lookups that found a rule.
 *
 * A rule counts the packets that it matched. What rules matched that are no more is kept here, by
 * table; so is what rules sent on to a later table that are no more, or that now do something else:
 * a later table was looked into as often as rules sent packets there. Into the first table goes
 * what comes in by the vswitch's ports, and what controllers put into it; the sum is given.
 *
 * What is shown never goes back, whatever is taken back of what was counted.
 */
import type { Instruction } from '../../openflow/values/values.ts';
import type { DatapathName } from '../ids.ts';
import { LazyMap } from '../lazy-collections.ts';
import type { Rule } from './rule.ts';
import type { RuleChange } from './rule-change.ts';
import type { Count } from './rule-counters.ts';

/** The parts of a rule that tables' counters follow from. */
type CountedRule = Pick<Rule, 'tableId' | 'instructions'>;
type Does = Pick<Rule, 'instructions'>;

/** Rules as they stand. */
interface Values {
  readonly arena: { readonly counters: { total(slot: number): Count } };
  ruleAt(slot: number): Rule;
}

/** What rules that stand have counted, by table. */
export interface CountedByTable {
  readonly matched: ReadonlyMap<number, bigint>;
  /** By the table where they send packets on to. */
  readonly sentOn: ReadonlyMap<number, bigint>;
}

export interface TableCount {
  readonly lookups: bigint;
  readonly matched: bigint;
}

export class TableCounters {
  readonly #gone = new LazyMap<number, bigint>();
  readonly #sentOn = new LazyMap<number, bigint>();
  readonly #shown = new LazyMap<number, TableCount>();
  /** Packets that controllers put into the first table. */
  #put = 0n;

  /** A rule goes, with what it has matched; it is answered. */
  leaves(rule: Rule): Rule {
    this.#leaves(rule, rule.counter.total().packets);
    return rule;
  }

  /** A datapath says what a rule that is gone has counted there. */
  sawGone(rule: Rule, body: DatapathName, count: Count): void {
    const before = rule.counter.total().packets;
    rule.counter.saw(body, count);
    this.#leaves(rule, rule.counter.total().packets - before);
  }

  /** A change was taken back: a rule that had gone and stands again counts on. */
  reverted({ type, rule }: RuleChange, stands: Rule | undefined): void {
    if (type !== 'remove' || stands?.serial !== rule.serial) return;
    this.#leaves(rule, -stands.counter.total().packets);
  }

  /** A rule is about to take the place of another, which has counted, and its counters or not. */
  replaced(values: Values, existing: number, slot: number, resets: boolean): void {
    const { packets } = values.arena.counters.total(existing);
    this.changes(values.ruleAt(existing), values.ruleAt(slot), packets, resets);
  }

  /** A rule that has matched so many packets does something else from now on, or counts anew. */
  changes(before: CountedRule, after: Does, packets: bigint, resets: boolean): void {
    if (packets === 0n) return;
    if (resets) {
      this.#leaves(before, packets);
      return;
    }
    const [was, is] = [nextTable(before.instructions), nextTable(after.instructions)];
    if (was === is) return;
    if (was !== undefined) add(this.#sentOn, was, packets);
    if (is !== undefined) add(this.#sentOn, is, -packets);
  }

  #leaves(rule: CountedRule, packets: bigint): void {
    if (packets === 0n) return;
    add(this.#gone, rule.tableId, packets);
    const to = nextTable(rule.instructions);
    if (to !== undefined) add(this.#sentOn, to, packets);
  }

  /** A controller puts a packet into the first table. */
  put(): void {
    this.#put += 1n;
  }

  /** Of a table; `received` are the packets that came in by the vswitch's ports. */
  show(tableId: number, { matched, sentOn }: CountedByTable, received: bigint): TableCount {
    const here = (matched.get(tableId) ?? 0n) + (this.#gone.get(tableId) ?? 0n);
    const on = (sentOn.get(tableId) ?? 0n) + (this.#sentOn.get(tableId) ?? 0n);
    const looked = tableId === 0 ? received + this.#put : on;
    const before = this.#shown.get(tableId) ?? none;
    const most = max(before.matched, here);
    const shown = { matched: most, lookups: max(before.lookups, max(looked, most)) };
    if (shown.lookups > 0n) this.#shown.set(tableId, shown);
    return shown;
  }
}

const none: TableCount = { lookups: 0n, matched: 0n };

/** Where a rule sends packets on to. */
export function nextTable(instructions: readonly Instruction[]): number | undefined {
  for (const one of instructions) {
    if (one.type === 'gotoTable') return one.table;
    if (one.type !== 'applyActions') continue;
    for (const action of one.actions) if (action.type === 'resubmit') return action.table;
  }
  return undefined;
}

function add(to: LazyMap<number, bigint>, tableId: number, packets: bigint): void {
  to.set(tableId, (to.get(tableId) ?? 0n) + packets);
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
