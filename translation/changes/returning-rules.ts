/**
 * Rules whose removal no datapath has acknowledged yet: they return if one refuses it, so a modify
 * or a delete that may be about one of them waits.
 *
 * Controllers delete many rules one by one, each by its exact match: whether one is among these is
 * a look at a hash, and not at all of them. Two that have the same hash are looked at.
 */
import { isWithin } from '../../openflow/match/match-bytes.ts';
import { Signature } from '../../openflow/match/match-signature.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { LazyMap, LazySet } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';
import { hashOf } from '../../slices/rules/key-hash.ts';
import { concerns, isStrict } from '../../slices/rules/rule-filter.ts';
import { contentOf, type RuleContent } from '../../slices/rules/rule-record.ts';
import type { LaterChange } from '../../slices/rules/rulebook-revert.ts';
import type { RoundChange } from './round-change.ts';

/** Whoever makes hashes collide has all of them looked at, as by a request that is not strict. */
const key = { low: 0, high: 0 };
/** Of those that are values, on the way of bytes. */
const REMOVALS_LOOKED_AT = 64;
const signature = new Signature();

/** Changes that were made in bytes, of which some take rules out. */
export interface RemovingLot {
  removals(): Iterable<LaterChange>;
  /** Whether it takes out a rule that lies within a match, of this signature, in bytes. Hot. */
  takesWithin(wide: DataView, matchAt: number, signature: Signature): boolean;
}

export class ReturningRules {
  readonly #removals = new LazySet<RoundChange>();
  readonly #lots = new LazySet<RemovingLot>();
  /** How many rules those take out. */
  #ofLots = 0;
  /** By what a strict request names: how many of them. */
  readonly #counts = new LazyMap<number, number>();

  add(removal: RoundChange): void {
    this.#removals.add(removal);
    this.#count(removal, 1);
  }

  delete(removal: RoundChange): void {
    if (this.#removals.delete(removal)) this.#count(removal, -1);
  }

  /** One that a lot takes out, by its name (`nameOf`). Hot. */
  addOf(lot: RemovingLot, name: number): void {
    this.#lots.add(lot);
    this.#ofLots += 1;
    this.#countName(name, 1);
  }

  /** All that the lot took out, and their names. */
  deleteOf(lot: RemovingLot, names: readonly number[]): void {
    this.#lots.delete(lot);
    this.#ofLots -= names.length;
    for (const name of names) this.#countName(name, -1);
  }

  /** Whether a strict request may be about one of them, by what it names. Hot. */
  mayBeNamed(name: number): boolean {
    return this.#counts.has(name);
  }

  /**
   * Whether a modify or a delete that is not strict may be about one of them, by its match in bytes
   * whose fields are in order; where it may be, or there are very many, `mayBe` knows. Hot.
   */
  mayBeWithin(wide: DataView, matchAt: number): boolean {
    if (this.#removals.size + this.#ofLots === 0) return false;
    if (this.#removals.size > REMOVALS_LOOKED_AT) return true;
    for (const { change } of this.#removals) {
      const isIn =
        'rule' in change && isWithin(change.rule.content.dv, change.rule.content.at, wide, matchAt);
      if (isIn) return true;
    }
    if (this.#ofLots > limits.removalsInBytesAskedMax) return true;
    signature.of(wide, matchAt);
    for (const lot of this.#lots) if (lot.takesWithin(wide, matchAt, signature)) return true;
    return false;
  }

  /** Whether a modify or a delete may be about one of them. */
  mayBe(mod: FlowMod): boolean {
    const size = this.#removals.size + this.#ofLots;
    if (size === 0) return false;
    if (isStrict(mod) && !this.mayBeNamed(nameOf(mod.priority, contentOf(mod.match, []))))
      return false;
    if (size > limits.removalsAskedMax) return true;
    const mayReturn = ({ change, isRefused }: Pick<RoundChange, 'change' | 'isRefused'>): boolean =>
      'rule' in change && !isRefused && concerns(mod, change.rule);
    for (const one of this.#removals) if (mayReturn(one)) return true;
    for (const lot of this.#lots) for (const one of lot.removals()) if (mayReturn(one)) return true;
    return false;
  }

  #count({ change }: RoundChange, more: number): void {
    if (!('rule' in change)) return;
    this.#countName(nameOf(change.rule.priority, change.rule.content), more);
  }

  #countName(name: number, more: number): void {
    const count = (this.#counts.get(name) ?? 0) + more;
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}

/** What a strict request names, in any table. Hot. */
export function nameOf(
  priority: number,
  { dv, at, matchSize }: Pick<RuleContent, 'dv' | 'at' | 'matchSize'>,
): number {
  return hashOf(key, priority, dv, at, matchSize);
}
