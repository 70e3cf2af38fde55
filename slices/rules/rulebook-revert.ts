/**
 * Reverts a change that a datapath refused (rulebook.ts): the slot of the rule (its table, priority
 * and match) holds what it would hold if the change had never been made.
 *
 * Changes that are not acknowledged may have followed on the one that is refused: a modify of the
 * rule, a replacement, a deletion; or what the rule used before was deleted, with which it went. A
 * switch that refused the first has done those to what stood there instead, so they are done again
 * here, in their order, from that.
 */
import type { Instruction } from '../../openflow/values/values.ts';

import { LazyMap } from '../lazy-collections.ts';
import { limits } from '../limits.ts';
import { Rule } from './rule.ts';
import type { RemovedReason, RuleChange } from './rule-change.ts';
import { RuleCounter } from './rule-counters.ts';
import type { RuleValues } from './rule-values.ts';

/** A change of the same slot that was made after the refused one. */
export interface LaterChange {
  readonly change: RuleChange;
  /** A datapath refused it, too. */
  readonly isRefused: boolean;
  /** Datapaths have been sent it. */
  readonly isSent: boolean;
}

/** A group or a meter was deleted after the refused change: rules that use it went with it. */
export interface LaterLoss {
  readonly reason: UsedReason;
  takes(instructions: readonly Instruction[]): boolean;
  readonly isRefused: boolean;
  readonly isSent: boolean;
}

type UsedReason = Extract<RemovedReason, 'groupDelete' | 'meterDelete'>;

interface Removed {
  /** As it was then. */
  readonly rule: Rule;
  readonly reason: RemovedReason;
  /** It was this one that the change removed: whoever is to hear of that is known. */
  readonly isOwn: boolean;
}

/** What became of the slot. */
export interface Reverted {
  /** Rules that the slot had since the refused change, that among them. */
  readonly serials: ReadonlySet<number>;
  /** What the book has there now. */
  readonly stands: Rule | undefined;
  /** What datapaths should have there, whatever they were sent. */
  readonly sent: Rule | undefined;
  /** Later changes that come to nothing: their rules do not use any more what was deleted. */
  readonly void: readonly RuleChange[];
  /** Rules that later changes have removed: themselves, or others that never were. */
  readonly removed: readonly Removed[];
  /** Whether a rule of another request has the slot by now: nothing was changed for that. */
  readonly isOvertaken: boolean;
  /** Whether datapaths were led to what it had made when a change before it was refused. */
  readonly isResent: boolean;
}

export class TakingBack {
  readonly #values: RuleValues;
  /** What a change began from, when a change before it was refused; by `keyOf`. */
  readonly #began = new LazyMap<number, Rule | undefined>();
  /** What a new rule stands in place of, since that was not let go; by the new one's serial. */
  readonly #beneath = new LazyMap<number, Rule>();

  constructor(values: RuleValues) {
    this.#values = values;
  }

  /** `later` are in their order. */
  revert(change: RuleChange, later: readonly (LaterChange | LaterLoss)[]): Reverted {
    const { arena } = this.#values;
    const began = this.#beganFrom(change);
    const isResent = began !== undefined;
    let stands = isResent ? began.rule : beforeOf(change);
    let sent = stands;
    // Counters that a refused change reset are with what it replaced: those go on.
    let kept = stands === undefined ? undefined : (tallyOf(stands) ?? tallyOf(beforeOf(change)));
    const serials = new Set([change.rule.serial]);
    /** Rules that may have the slot because of this change, and those that it began from. */
    const own = new Set([change.rule.serial, stands?.serial]);
    const removed: Removed[] = [];
    const nothing: RuleChange[] = [];
    for (const one of later) {
      const { isRefused, isSent } = one;
      if ('takes' in one) {
        if (stands !== undefined && isTaken(one, stands)) {
          removed.push({ rule: stands, reason: one.reason, isOwn: false });
          stands = undefined;
        }
        if (isSent) sent = stands;
        continue;
      }
      const { change: next } = one;
      this.#begins(next, stands);
      serials.add(next.rule.serial);
      const reset = tallyOf(beforeOf(next));
      if (isRefused) kept ??= reset;
      else {
        if (reset !== undefined) kept = undefined;
        const then = after(next, stands);
        if (next.type === 'remove' && stands !== undefined && then === stands) nothing.push(next);
        if (next.type === 'remove' && stands !== undefined && then === undefined) {
          removed.push(removal(next, stands));
        }
        stands = then;
      }
      own.add(next.rule.serial).add(stands?.serial);
      if (isSent) sent = stands;
    }
    const { tableId, priority, content } = change.rule;
    const slot = arena.find(tableId, priority, content);
    if (slot !== 0) {
      const serial = arena.serialOf(slot);
      if (!own.has(serial)) {
        if (stands !== undefined) keep(this.#beneath, serial, stands);
        const none = { stands: undefined, sent: undefined, void: [] };
        return { serials, removed, ...none, isOvertaken: true, isResent };
      }
      // It is another when a change before this one was taken back.
      serials.add(serial);
    }
    const counted = slot === 0 ? undefined : this.#values.take(slot).counter;
    if (stands !== undefined) {
      const put = this.#putAgain(stands, kept ?? counted);
      if (sent === stands) sent = put;
      stands = put;
    }
    return { serials, removed, stands, sent, void: nothing, isOvertaken: false, isResent };
  }

  #putAgain(rule: Rule, counter: Rule['counter'] | undefined): Rule {
    const slot = this.#values.put(rule, { content: rule.content });
    if (counter instanceof RuleCounter) this.#values.arena.counters.put(slot, counter);
    return this.#values.ruleAt(slot);
  }

  /** Where that is another than when it was made. */
  #beganFrom(change: RuleChange): { readonly rule: Rule | undefined } | undefined {
    const key = keyOf(change);
    if (this.#began.has(key)) {
      const rule = this.#began.get(key);
      this.#began.delete(key);
      return { rule };
    }
    const { serial } = change.rule;
    const rule = change.type === 'add' ? this.#beneath.get(serial) : undefined;
    if (rule !== undefined) this.#beneath.delete(serial);
    return rule && { rule };
  }

  #begins(change: RuleChange, from: Rule | undefined): void {
    keep(this.#began, keyOf(change), from);
  }
}

/** Remembered until it is refused, or so many others were that it has been answered. */
function keep<T>(map: LazyMap<number, T>, key: number, value: T): void {
  map.set(key, value);
  if (map.size <= limits.refusedRulesMax) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

function isTaken({ isRefused, takes }: LaterLoss, { instructions }: Rule): boolean {
  return !isRefused && takes(instructions);
}

function removal(
  { rule: { serial }, reason }: RuleChange & { type: 'remove' },
  rule: Rule,
): Removed {
  return { rule, reason, isOwn: rule.serial === serial };
}

/** A revision names one state of one rule, and a rule is removed once. */
function keyOf({ type, rule }: RuleChange): number {
  return type === 'remove' ? -rule.serial : rule.revision;
}

function beforeOf(change: RuleChange): Rule | undefined {
  if (change.type === 'add') return change.replaced;
  return change.type === 'modify' ? change.before : change.rule;
}

/** Counters that are with the rule, because it has them no more in the book. */
function tallyOf(rule: Rule | undefined): RuleCounter | undefined {
  return rule?.counter instanceof RuleCounter ? rule.counter : undefined;
}

/** Whether a rule goes with what it uses, and this is not the rule, or not as it was then. */
function isOther(change: RuleChange & { type: 'remove' }, { serial, revision }: Rule): boolean {
  const { rule, reason } = change;
  if (reason !== 'groupDelete' && reason !== 'meterDelete') return false;
  return rule.serial !== serial || rule.revision !== revision;
}

/** What a change makes of a slot that holds `rule`. */
function after(change: RuleChange, rule: Rule | undefined): Rule | undefined {
  if (change.type === 'add') return change.rule;
  if (rule === undefined) return undefined;
  // It went with its group or meter, which another rule need not use (changes.ts, `#withUsed`).
  if (change.type === 'remove') return isOther(change, rule) ? rule : undefined;
  return modified(change, rule);
}

/** What a modify makes of a slot that holds `rule`, which need not be the one it was made for. */
export function modified(
  { rule: made, before }: RuleChange & { type: 'modify' },
  rule: Rule | undefined,
): Rule | undefined {
  if (rule === undefined || rule.serial === made.serial) return rule && made;
  const { serial, tableId, priority, flags, idleTimeoutSec, hardTimeoutSec, addedMs } = rule;
  const times = { addedMs, hardFromMs: made.hardFromMs, usedMs: rule.usedMs };
  // In 1.0 a modify sets the cookie (flow-mod10.ts).
  const cookie = made.cookie === before.cookie ? rule.cookie : made.cookie;
  const what = { tableId, priority, cookie, flags, idleTimeoutSec, hardTimeoutSec };
  const parts = { match: rule.match, instructions: made.instructions };
  return new Rule({ ...what, ...times, serial }, made.revision, rule.counter, parts);
}
