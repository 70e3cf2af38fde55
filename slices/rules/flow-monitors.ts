/**
 * The flow monitors of one connection (nicira-ext.h): the changes of rules that it is told of, and
 * in which form. Several monitors of a connection that want the same change get one update.
 */
import { monitorFlag, ofError } from '../../openflow/values/constants.ts';
import type { FlowStatsFilter, OfError } from '../../openflow/values/values.ts';
import { isWatched } from './rule-filter.ts';
import type { Rule } from './rulebook.ts';

export interface Monitor {
  readonly id: number;
  /** Of monitorFlag. */
  readonly flags: number;
  readonly filter: FlowStatsFilter;
}

/** What has become of a rule. */
export type RuleUpdate =
  /** `before` was what stood in its place. */
  | { readonly type: 'add'; readonly rule: Rule; readonly before: Rule | undefined }
  | { readonly type: 'modify'; readonly rule: Rule; readonly before: Rule }
  /** `reason` is OFPRR_*, with those of 1.4. */
  | { readonly type: 'delete'; readonly rule: Rule; readonly reason: number };

export class FlowMonitors {
  readonly #countMax: number;
  readonly #byId = new Map<number, Monitor>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get isEmpty(): boolean {
    return this.#byId.size === 0;
  }

  /** All of them, or none and why not; behind them stood one that is `wrong`, or nothing. */
  add(monitors: readonly Monitor[], wrong: OfError | undefined): OfError | undefined {
    const added: number[] = [];
    for (const one of monitors) {
      const why = this.#refuse(one.id);
      if (why !== undefined) return this.#without(added, why);
      this.#byId.set(one.id, one);
      added.push(one.id);
    }
    return wrong && this.#without(added, wrong);
  }

  #refuse(id: number): OfError | undefined {
    if (this.#byId.has(id)) {
      return ofError('niciraError', 'monitorExists', `there is a monitor ${id}`);
    }
    if (this.#byId.size < this.#countMax) return undefined;
    return ofError('badRequest', 'eperm', `this connection has ${this.#byId.size} flow monitors`);
  }

  #without(ids: readonly number[], why: OfError): OfError {
    for (const id of ids) this.#byId.delete(id);
    return why;
  }

  cancel(id: number): OfError | undefined {
    if (this.#byId.delete(id)) return undefined;
    return ofError('niciraError', 'unknownMonitor', `there is no monitor ${id}`);
  }

  /** The flags of all that are told of it, together; 0 when none is. */
  wanting(update: RuleUpdate): number {
    const { type, rule } = update;
    const before = type === 'delete' ? undefined : update.before;
    return wantedBy(this.#byId.values(), monitorFlag[type], rule, before);
  }

  /** Of those that have one of these flags. */
  any(flags: number, rule: Rule): number {
    return wantedBy(this.#byId.values(), flags, rule, undefined);
  }
}

/** The flags of those monitors that have one of these flags and are about the rule. */
export function wantedBy(
  monitors: Iterable<Monitor>,
  any: number,
  rule: Rule,
  before: Rule | undefined,
): number {
  let flags = 0;
  for (const one of monitors) {
    if ((one.flags & any) !== 0 && isWatched(one.filter, rule, before)) flags |= one.flags;
  }
  return flags;
}
