/**
 * Changes that were not acknowledged when a process ended, restored from the store: the rule, group
 * or meter of each, and what had stood there before (unanswered.ts).
 */
import { isError } from '../../openflow/values/errors.ts';
import type { Group, KeptGroup } from '../../slices/groups-meters/groups.ts';
import type { Meter } from '../../slices/groups-meters/meters.ts';
import { type Restored, Rule } from '../../slices/rules/rule.ts';
import { RuleCounter } from '../../slices/rules/rule-counters.ts';
import type { RuleChange } from '../../slices/rules/rulebook.ts';
import type { Change } from '../entries/body.ts';
import { bind, type TenantTables } from '../entries/tenant-tables.ts';

/** What stood before a change; `id` is the tenant's of a group or a meter, and a rule's serial. */
export type StoredChange =
  | {
      readonly kind: 'rule';
      readonly id: number;
      readonly was: Restored;
      /** Whether its counters began anew. */
      readonly resets: boolean;
    }
  | { readonly kind: 'group'; readonly id: number; readonly was: KeptGroup | undefined }
  | { readonly kind: 'meter'; readonly id: number; readonly was: Meter | undefined };

/** In the order of `stored`, without those whose rule, group or meter is gone since. */
export function changesSince(
  tables: TenantTables,
  stored: readonly StoredChange[],
): readonly Change[] {
  const since = new Since(tables);
  const changes = stored.toReversed().map((one) => since.change(one));
  return changes.toReversed().filter((change) => change !== undefined);
}

/** Goes back from what the tables have, a change at a time. */
class Since {
  readonly #tables: TenantTables;
  /** What stood after the change that is looked at, where that is not what stands now. */
  readonly #rules = new Map<number, Rule | undefined>();
  readonly #groups = new Map<number, Group | undefined>();
  readonly #meters = new Map<number, Meter | undefined>();

  constructor(tables: TenantTables) {
    this.#tables = tables;
  }

  change(one: StoredChange): Change | undefined {
    if (one.kind === 'rule') return this.#rule(one);
    const groups = this.#tables.groups.table;
    const meters = this.#tables.meters.table;
    const { id } = one;
    if (one.kind === 'group') {
      const group = this.#groups.has(id) ? this.#groups.get(id) : groups.byId(id);
      if (group === undefined) return undefined;
      const before = one.was && groups.valueOf(one.was);
      this.#groups.set(id, before);
      return before === undefined
        ? { type: 'addGroup', group }
        : { type: 'modifyGroup', group, before };
    }
    const meter = this.#meters.has(id) ? this.#meters.get(id) : meters.byId(id);
    if (meter === undefined) return undefined;
    const before = one.was && { ...one.was, below: meter.below };
    this.#meters.set(id, before);
    return before === undefined
      ? { type: 'addMeter', meter }
      : { type: 'modifyMeter', meter, before };
  }

  #rule({ id, was, resets }: StoredChange & { kind: 'rule' }): RuleChange | undefined {
    const rule = this.#rules.has(id) ? this.#rules.get(id) : this.#tables.rulebook.bySerial(id);
    if (rule === undefined) return undefined;
    const before = this.#ruleOf(was, resets, rule);
    this.#rules.set(was.serial, before);
    if (before?.serial === id) return { type: 'modify', rule, before, resets };
    return { type: 'add', rule, replaced: before, resets };
  }

  /** Nothing when a group or a meter that it used is gone: it would have gone with that. */
  #ruleOf(was: Restored, resets: boolean, now: Rule): Rule | undefined {
    if ('content' in was) return undefined;
    const { groups, meters } = this.#tables;
    const instructions = bind({ groups: groups.table, meters: meters.table }, was.instructions);
    if (isError(instructions)) return undefined;
    const counter = resets ? new RuleCounter(was.counted) : now.counter;
    return new Rule({ ...was, usedMs: now.usedMs }, now.revision, counter, {
      match: was.match,
      instructions,
    });
  }
}
