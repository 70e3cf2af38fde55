/**
 * Rules that a datapath refused, and what stands instead: a later change of the same batch may
 * have followed on a refused one, and be refused as well (rulebook.ts, `revert`).
 *
 * By revision, which names one state of one rule. What is old enough to have been answered goes.
 */
import { limits } from './limits.ts';
import type { Rule } from './rule.ts';

export class Refused {
  readonly #instead = new Map<number, Rule | undefined>();

  add(refused: Rule, instead: Rule | undefined): void {
    this.#instead.set(refused.revision, instead);
    if (this.#instead.size <= limits.refusedRulesMax) return;
    const [oldest] = this.#instead.keys();
    if (oldest !== undefined) this.#instead.delete(oldest);
  }

  /** The rule, or what stands instead of it if it was refused. */
  standsFor(rule: Rule | undefined): Rule | undefined {
    if (rule === undefined || !this.#instead.has(rule.revision)) return rule;
    return this.#instead.get(rule.revision);
  }
}
