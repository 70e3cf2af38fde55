/**
 * Rules that left the rulebook, for the packet-ins that they sent up before (packet-ins.ts).
 *
 * Bounded and allowed to forget: a packet-in of a forgotten rule says that it has no cookie.
 */
import { LRUCache } from 'lru-cache';
import { limits } from '../slices/limits.ts';
import type { Rule } from '../slices/rulebook.ts';

export class GoneRules {
  readonly #bySerial = new LRUCache<number, Rule>({ max: limits.goneRulesMax });

  add(rule: Rule): void {
    this.#bySerial.set(rule.serial, rule);
  }

  find(serial: number): Rule | undefined {
    return this.#bySerial.get(serial);
  }
}
