/**
 * Rules whose removal no datapath has acknowledged yet: they are there again where one refuses it,
 * so a modify or a delete that may be about one of them waits.
 *
 * Controllers delete many rules one by one, each by its exact match: whether one is among these is
 * a look at a hash, and not at all of them. Two that have the same hash are looked at.
 */
import type { FlowMod } from '../../openflow/values/values.ts';
import { LazyMap, LazySet } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';
import { hashOf } from '../../slices/rules/key-hash.ts';
import { concerns, isStrict } from '../../slices/rules/rule-filter.ts';
import { type Body, bodyOf } from '../../slices/rules/rule-record.ts';
import type { RoundChange } from './round-change.ts';

/** Whoever makes hashes collide has all of them looked at, as by a request that is not strict. */
const key = { low: 0, high: 0 };

export class ReturningRules {
  readonly #removals = new LazySet<RoundChange>();
  /** By what a strict request names: how many of them. */
  readonly #counts = new LazyMap<number, number>();

  add(removal: RoundChange): void {
    this.#removals.add(removal);
    this.#count(removal, 1);
  }

  delete(removal: RoundChange): void {
    if (this.#removals.delete(removal)) this.#count(removal, -1);
  }

  /** Whether a modify or a delete may be about one of them. */
  mayBe(mod: FlowMod): boolean {
    if (this.#removals.size === 0) return false;
    if (isStrict(mod) && !this.#counts.has(nameOf(mod.priority, bodyOf(mod.match, []))))
      return false;
    if (this.#removals.size > limits.removalsAskedMax) return true;
    for (const { change, isRefused } of this.#removals) {
      if ('rule' in change && !isRefused && concerns(mod, change.rule)) return true;
    }
    return false;
  }

  #count({ change }: RoundChange, more: number): void {
    if (!('rule' in change)) return;
    const name = nameOf(change.rule.priority, change.rule.body);
    const count = (this.#counts.get(name) ?? 0) + more;
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}

function nameOf(priority: number, { dv, at, matchSize }: Body): number {
  return hashOf(key, priority, dv, at, matchSize);
}
