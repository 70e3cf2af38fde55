/**
 * The number of buckets that one frame may visit in a vswitch's groups (group-expansion.ts), and
 * the groups and rules that are refused because they exceed it.
 *
 * Modifying a group must not search the vswitch's rules. So each group remembers the largest number
 * of groups in any rule that names it, for as long as it exists: divided by that number, the limit
 * holds for each group alone.
 */
import { ofError } from '../../openflow/values/constants.ts';
import type { OfError } from '../../openflow/values/values.ts';
import { LazyMap } from '../lazy-collections.ts';
import { limits } from '../limits.ts';
import {
  type Expanding,
  expansionsOf,
  isInLoop,
  type Visits,
  visitsOf,
} from './group-expansion.ts';

/** Makes a copy of all groups as they stand, by id. */
type AllGroups = () => Map<number, Expanding>;

export class Expansion {
  /** Of every group; undefined when they are to be counted anew. */
  #visits: Map<number, Visits> | undefined = new Map();
  /** How many groups the rule names that has most, of those that name this one. */
  readonly #together = new LazyMap<number, number>();

  /** Groups went, or changed otherwise than by `change`. */
  forget(): void {
    this.#visits = undefined;
  }

  /** A group of this id is about to be added: no rule names it. */
  begin(groupId: number): void {
    this.#together.delete(groupId);
  }

  /** A rule names these, one as often as it does. */
  note(named: readonly number[]): void {
    for (const groupId of named) {
      const most = this.#together.get(groupId) ?? 0;
      if (named.length > most) this.#together.set(groupId, named.length);
    }
  }

  /** Why a rule or packet-out may not name these groups, one as often as it does. */
  refuse(named: readonly number[], all: AllGroups): OfError | undefined {
    if (named.length === 0) return undefined;
    const visits = this.#now(all);
    const most = named.reduce((high, id) => Math.max(high, visits.get(id)?.met ?? 0), 0);
    const buckets = most * named.length;
    if (buckets <= limits.bucketsPerFrameMax) return undefined;
    return ofError('badAction', 'tooMany', tooMany(buckets));
  }

  /**
   * A group becomes this one, or why not: by it a frame would take too much of it, of a group that
   * leads to it, or of a rule. `isNamed`: whether there is one of this id, or a bucket names it.
   */
  change(
    group: Expanding & { readonly groupId: number },
    isNamed: boolean,
    all: AllGroups,
  ): OfError | undefined {
    const { groupId } = group;
    const before = this.#now(all);
    if (
      !isNamed &&
      !group.buckets.some((one) => one.watchGroup === groupId || leads(one, groupId))
    ) {
      const visits = visitsOf(group, before);
      const error = this.#tooMuch(groupId, visits, undefined, 'outOfBuckets');
      if (error === undefined) before.set(groupId, visits);
      return error;
    }
    const groups = all().set(groupId, group);
    const after = expansionsOf(groups);
    const code = isInLoop(groups, groupId) ? 'loop' : 'outOfBuckets';
    for (const [id, visits] of after) {
      const error = this.#tooMuch(id, visits, before.get(id), code);
      if (error !== undefined) return error;
    }
    this.#visits = after;
    return undefined;
  }

  #now(all: AllGroups): Map<number, Visits> {
    this.#visits ??= expansionsOf(all());
    return this.#visits;
  }

  #tooMuch(
    groupId: number,
    { met, asked }: Visits,
    before: Visits | undefined,
    code: 'loop' | 'outOfBuckets',
  ): OfError | undefined {
    if (before !== undefined && met <= before.met && asked <= before.asked) return undefined;
    const buckets = Math.max(met, asked) * (this.#together.get(groupId) ?? 1);
    if (buckets <= limits.bucketsPerFrameMax) return undefined;
    return ofError('groupModFailed', code, `group ${groupId}: ${tooMany(buckets)}`);
  }
}

function leads({ actions }: Expanding['buckets'][number], groupId: number): boolean {
  return actions.some((one) => one.type === 'group' && one.groupId === groupId);
}

function tooMany(buckets: number): string {
  return `one frame would visit ${buckets} buckets, more than ${limits.bucketsPerFrameMax}`;
}
