/**
 * Finds the rule of a body that sent a packet up. Datapaths of the flat encoding do not say:
 * OpenFlow 1.0 has no cookie in a packet-in (OF1.0.1 section 5.4.1).
 */

import { parsePacket } from '../../openflow/packet/packet.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import type { Rule, Rulebook } from '../../slices/rules/rulebook.ts';

export class PuntingRules {
  /** The rules that send packets up, by serial. */
  readonly #rules = new Map<number, Rule>();

  put(rule: Rule): void {
    if (sendsUp(rule)) this.#rules.set(rule.serial, rule);
    else this.#rules.delete(rule.serial);
  }

  drop(serial: number): void {
    this.#rules.delete(serial);
  }

  clear(): void {
    this.#rules.clear();
  }

  /** Whether no packet has to be looked up. Hot. */
  get isPlain(): boolean {
    return this.#rules.size === 0;
  }

  /**
   * The rule, or that the packet missed them all; undefined when it was changed on the way, so that
   * nobody can tell. `hears`: what misses every rule goes up, too.
   */
  of(
    rulebook: Rulebook,
    hears: () => boolean,
    vport: number,
    data: Uint8Array,
  ): Rule | 'miss' | undefined {
    const [only] = this.#rules.values();
    if (only === undefined) return 'miss';
    if (this.#rules.size === 1 && (only.match.length === 0 || !hears())) return only;
    const met = rulebook.lookup(parsePacket(data), vport)?.rule;
    if (met === undefined && hears()) return 'miss';
    return met !== undefined && this.#rules.has(met.serial) ? met : undefined;
  }
}

export function sendsUp({ instructions }: Rule): boolean {
  return instructions.some(
    (one) =>
      one.type === 'applyActions' &&
      one.actions.some((action) => action.type === 'output' && action.port === ofpp.controller),
  );
}
