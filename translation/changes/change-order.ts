/**
 * The order in which changes were made that no datapath has acknowledged yet (unanswered.ts): by
 * slot (a table, priority and match), and deletes of groups and meters, which delete rules too.
 * Reverting a refused change replays those that followed it.
 */
import { LazyMap } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';
import type { Rule } from '../../slices/rules/rule.ts';
import type { RuleChange } from '../../slices/rules/rule-change.ts';
import type { LaterChange, LaterLoss } from '../../slices/rules/rulebook-revert.ts';
import { type Lot, RoundChange } from './round-change.ts';

/** One change of a lot. */
interface Place {
  readonly lot: Lot;
  readonly i: number;
  /** Of the lot among all. */
  readonly order: number;
}

/** Deletes a group or a meter. */
interface Loss {
  readonly lot: RoundChange;
  readonly order: number;
}

interface Index {
  /** By the first serial of a slot, in their order. */
  readonly bySlot: ReadonlyMap<number, readonly Place[]>;
  readonly losses: readonly Loss[];
}

export class ChangeOrder {
  readonly #lots: Iterable<Lot>;
  /** Made when it is needed. */
  #made: Index | undefined;
  /** Serials of rules that had a slot one after the other: the one before, of each. */
  readonly #before = new LazyMap<number, number>();

  /** `lots` are in their order, and become more and fewer: see `changed`. */
  constructor(lots: Iterable<Lot>) {
    this.#lots = lots;
  }

  /** Hot. */
  changed(): void {
    this.#made = undefined;
  }

  /** There are no lots any more. */
  clear(): void {
    this.#made = undefined;
    this.#before.clear();
  }

  /** Whether a change is about the slot of a rule. */
  concerns(serial: number): boolean {
    return this.#index().bySlot.has(this.#first(serial));
  }

  /** What followed on a change in the slot of its rule, and took away what rules there use. */
  after(lot: Lot, i: number): readonly (LaterChange | LaterLoss)[] {
    const { bySlot, losses } = this.#index();
    const list = bySlot.get(this.#first(lot.link(i).serial)) ?? [];
    const own = list.findIndex((one) => one.lot === lot && one.i === i);
    const from = list[own]?.order ?? 0;
    return following(list.slice(own + 1), losses, lot.later(i).change, from);
  }

  /** What followed on a change that is in no lot any more. */
  since(change: RuleChange): readonly (LaterChange | LaterLoss)[] {
    const { bySlot, losses } = this.#index();
    const list = bySlot.get(this.#first(change.rule.serial)) ?? [];
    return following(list, losses, change, 0);
  }

  /**
   * Rules have the same slot: a change was taken back, and what followed on it was done to another
   * rule than it was made for.
   */
  join(serials: Iterable<number>): void {
    const [one, ...others] = serials;
    if (one === undefined || others.length === 0) return;
    if (this.#before.size > limits.refusedRulesMax) this.#before.clear();
    let isNew = false;
    for (const other of others) isNew = this.#join(one, other) || isNew;
    if (isNew) this.changed();
  }

  /** Whether they were not known to have the same. */
  #join(one: number, other: number): boolean {
    const [first, second] = [this.#first(one), this.#first(other)];
    if (first === second) return false;
    this.#before.set(Math.max(first, second), Math.min(first, second));
    return true;
  }

  /** The first rule that had the slot, as far as anybody remembers. */
  #first(serial: number): number {
    let first = serial;
    for (let next = this.#before.get(first); next !== undefined; ) {
      first = next;
      next = this.#before.get(first);
    }
    return first;
  }

  #index(): Index {
    if (this.#made !== undefined) return this.#made;
    for (const lot of this.#lots) {
      for (let i = 0; i < lot.size; i++) {
        const { serial, replaced } = lot.link(i);
        if (replaced !== 0) this.#join(serial, replaced);
      }
    }
    const bySlot = new Map<number, Place[]>();
    const losses: Loss[] = [];
    let order = 0;
    for (const lot of this.#lots) {
      order += 1;
      if (isLoss(lot)) losses.push({ lot, order });
      for (let i = 0; i < lot.size; i++) {
        const { serial } = lot.link(i);
        if (serial === 0) continue;
        const first = this.#first(serial);
        const list = bySlot.get(first);
        if (list === undefined) bySlot.set(first, [{ lot, i, order }]);
        else list.push({ lot, i, order });
      }
    }
    this.#made = { bySlot, losses };
    return this.#made;
  }
}

/** `later` in the slot of a change, and what was deleted after it that rules there use. */
function following(
  later: readonly Place[],
  losses: readonly Loss[],
  change: RuleChange,
  from: number,
): readonly (LaterChange | LaterLoss)[] {
  const after = later.map(({ lot, i }) => lot.later(i));
  if (losses.length === 0) return after;
  const rules = [change, ...after.map((one) => one.change)].flatMap(rulesOf);
  const taking = losses.flatMap(({ lot, order }) => {
    const { loss } = lot;
    const isOfIts = order > from && rules.some((rule) => loss?.takes(rule.instructions));
    return loss !== undefined && isOfIts ? [{ order, next: loss }] : [];
  });
  if (taking.length === 0) return after;
  const changes = later.map(({ order, lot, i }) => ({ order, next: lot.later(i) }));
  const all = [...changes, ...taking].sort((one, other) => one.order - other.order);
  return all.map(({ next }) => next);
}

function isLoss(lot: Lot): lot is RoundChange {
  if (!(lot instanceof RoundChange)) return false;
  return lot.change.type === 'removeGroup' || lot.change.type === 'removeMeter';
}

/** The rules that a change is about, as they were before and after it. */
function rulesOf(change: RuleChange): readonly Rule[] {
  if (change.type === 'modify') return [change.before, change.rule];
  const { rule } = change;
  return change.type === 'add' && change.replaced !== undefined ? [change.replaced, rule] : [rule];
}
