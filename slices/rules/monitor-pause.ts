/**
 * A connection that does not read its monitors' updates (flow-monitors.ts): which updates it is
 * sent even so, and how it is told of the others afterwards.
 */
import { flowRemovedReason } from '../../openflow/values/constants.ts';
import type { RuleUpdate } from './flow-monitors.ts';
import type { Rule, Rulebook } from './rulebook.ts';

export class MonitorPause {
  /** Rules that were put or changed since have a later one. */
  readonly revision: number;
  /** Rules that came since have this one, or a later one. */
  readonly #serial: number;
  /** Rules of before that were told to be gone, and are back. */
  readonly #back = new Set<number>();

  constructor({ revision, nextSerial }: Pick<Rulebook, 'revision' | 'nextSerial'>) {
    this.revision = revision;
    this.#serial = nextSerial;
  }

  /** What is told of a change now: that a rule goes which is known. */
  heard(update: RuleUpdate): RuleUpdate | undefined {
    const { type, rule } = update;
    if (type === 'modify') return undefined;
    if (type === 'delete') {
      const isUnknown = this.#back.delete(rule.serial) || this.#isLater(rule);
      return isUnknown ? undefined : update;
    }
    const { before } = update;
    const isReplaced = before !== undefined && before.serial !== rule.serial;
    // In its place is one that is told of as new afterwards.
    const left = isReplaced ? this.heard(gone(before)) : undefined;
    if (!this.#isLater(rule)) this.#back.add(rule.serial);
    return left;
  }

  /** Whether a rule that stands is told of as new. */
  isNew(rule: Rule): boolean {
    return this.#isLater(rule) || this.#back.has(rule.serial);
  }

  /** Serials are numbers of 32 bits that begin again. */
  #isLater({ serial }: Rule): boolean {
    return ((serial - this.#serial) | 0) >= 0;
  }
}

function gone(rule: Rule): RuleUpdate {
  return { type: 'delete', rule, reason: flowRemovedReason.delete };
}
