/**
 * A change of a vswitch's tables that is sent to the bodies, alone or in a lot: its contents, and
 * the request that it came from (unanswered.ts).
 */
import type { Instruction } from '../../openflow/values/values.ts';
import type { LaterChange, LaterLoss } from '../../slices/rules/rulebook-revert.ts';
import type { Origin } from '../controllers/verdict.ts';
import type { Change } from '../entries/body.ts';

/** What a change is about. */
export type ChangeKind = 'rule' | 'group' | 'meter';

/** Which rule a change made or changed; whose place it took, if any. 0 is none. */
export interface Link {
  readonly serial: number;
  readonly replaced: number;
}

/** Changes that were made one behind the other, and are acknowledged together. */
export interface Lot {
  readonly size: number;
  link(i: number): Link;
  later(i: number): LaterChange;
  /** The first rule that it adds, if any. */
  readonly firstAdded: number | undefined;
}

/** A change of any book, and whose request it came from; a time-out has no origin. */
export class RoundChange implements Lot {
  readonly size = 1;
  readonly change: Change;
  readonly origin: Origin | undefined;
  /** The primary body refused it, or a part of its request. */
  isRefused = false;
  /** Bodies have been sent it, or are about to. */
  isSent = false;
  /** What the store calls the list that it is in; undefined when it needs none. */
  number: number | undefined;

  constructor(change: Change, origin?: Origin) {
    this.change = change;
    this.origin = origin;
  }

  link(): Link {
    const { change } = this;
    if (!('rule' in change)) return { serial: 0, replaced: 0 };
    const replaced = change.type === 'add' ? (change.replaced?.serial ?? 0) : 0;
    return { serial: change.rule.serial, replaced };
  }

  later(): LaterChange {
    const { change, isRefused, isSent } = this;
    if (!('rule' in change)) throw new Error('a group or a meter is in no rule’s slot');
    return { change, isRefused, isSent };
  }

  /** What it takes away, with the rules that use that; undefined when it is nothing. */
  get loss(): LaterLoss | undefined {
    const { change, isRefused, isSent } = this;
    const taken = { isRefused, isSent };
    if (!('type' in change)) return undefined;
    if (change.type === 'removeGroup') {
      const { below } = change.group;
      const uses = (one: Instruction): boolean =>
        (one.type === 'applyActions' || one.type === 'writeActions') &&
        one.actions.some((action) => action.type === 'group' && action.below === below);
      return { reason: 'groupDelete', takes: (all) => all.some(uses), ...taken };
    }
    if (change.type !== 'removeMeter') return undefined;
    const { below } = change.meter;
    const uses = (one: Instruction): boolean => one.type === 'meter' && one.below === below;
    return { reason: 'meterDelete', takes: (all) => all.some(uses), ...taken };
  }

  get firstAdded(): number | undefined {
    const { change } = this;
    return 'rule' in change && change.type === 'add' ? change.rule.serial : undefined;
  }
}

/** The serial of a rule, or the datapaths' id of another thing. */
export function idOf(change: Change): number {
  if ('rule' in change) return change.rule.serial;
  return 'group' in change ? change.group.below : change.meter.below;
}

export function kindOf(change: Change): ChangeKind {
  if ('rule' in change) return 'rule';
  return 'group' in change ? 'group' : 'meter';
}

/**
 * What goes with its group or meter is there again, too, when the change is refused that made it
 * use that one.
 */
export function isDeletion(lot: Lot): lot is RoundChange {
  return lot instanceof RoundChange && lot.change.type === 'remove';
}

export function isOfUsed(lot: Lot): boolean {
  return lot instanceof RoundChange && !('rule' in lot.change);
}

/** What is there after it says nothing of what was there before; of new rules `from` says it. */
export function hasBefore(change: Change): boolean {
  if (!('rule' in change)) return change.type !== 'removeGroup' && change.type !== 'removeMeter';
  return change.type === 'modify' || (change.type === 'add' && change.replaced !== undefined);
}
