/**
 * The group table: the groups that a tenant believes it made (OF1.3.5 sections 5.6 and 6.5).
 *
 * It decides what a group-mod means, as the rulebook does for flow-mods. A tenant's group ids have
 * 32 bits; each id that the tenant names gets one of the datapaths' ids, which it keeps for as long
 * as the group is there or a bucket names it: Open vSwitch lets a bucket name a group that is not
 * there yet, and then that bucket does nothing.
 */
import { groupCommand, ofError, group as ofpg } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type {
  Action,
  Bucket,
  Instruction,
  Message,
  OfError,
} from '../../openflow/values/values.ts';
import { bucketBytes } from '../bytes-below.ts';
import { LazyMap } from '../lazy-collections.ts';
import { limits } from '../limits.ts';
import { boundless, type Room as TenantRoom } from '../room.ts';
import { RuleCounter } from '../rules/rule-counters.ts';
import { Expansion } from './bucket-visits.ts';
import type { Expanding } from './group-expansion.ts';
import { bucketRoom, namesIn, type Room, tooManyNames } from './group-limits.ts';
import { BelowIds, IdTable } from './id-table.ts';

export type GroupMod = Extract<Message, { type: 'groupMod' }>;

/** One group of a tenant. A modify makes a new value, whose counters begin at zero. */
export interface Group {
  readonly groupId: number;
  /** OFPGT_*. */
  readonly groupType: number;
  /** As the tenant said them. */
  readonly buckets: readonly Bucket[];
  /** The same, with the datapaths' ids of the groups that they name. */
  readonly bound: readonly Bucket[];
  /** Of the buckets, there. */
  readonly bytesBelow: number;
  /** Its id on every datapath. */
  readonly below: number;
  /** When the tenant added it: a modify leaves that alone. Milliseconds of the world's clock. */
  readonly addedMs: number;
  readonly counter: RuleCounter;
  /** Of each bucket. */
  readonly counters: readonly RuleCounter[];
}

/** What a group is, without what is derived. */
export type GroupParts = Pick<Group, 'groupId' | 'groupType' | 'buckets' | 'addedMs'>;

/** As it is kept. */
export type KeptGroup = GroupParts & Pick<Group, 'below' | 'counter' | 'counters'>;

export type GroupChange =
  | { readonly type: 'addGroup'; readonly group: Group }
  | { readonly type: 'modifyGroup'; readonly group: Group; readonly before: Group }
  | { readonly type: 'removeGroup'; readonly group: Group };

/**
 * The datapaths' ids for tenants' groups, of all vswitches. Vports' groups are vswitch * 65536 +
 * vport and end below these (translation/entries/pipeline.ts, `groupOf`).
 */
export function groupIds(remembered: readonly number[] = []): BelowIds {
  return new BelowIds(GROUP_IDS_FROM, ofpg.max, remembered);
}

/** 16.7 million of them, up to OFPG_MAX. */
export const GROUP_IDS_FROM = 0xff00_0000;

export class GroupTable {
  readonly #ids: BelowIds;
  readonly #groups = new IdTable<Group>();
  /** What each id that the tenant names is below. */
  readonly #names = new LazyMap<number, number>();
  /** Whether some of those may be named no more: they are kept until datapaths have said so. */
  #isLoose = false;
  /** What a frame takes that meets the groups. */
  readonly #expansion = new Expansion();
  readonly #expanding = () => new Map<number, Expanding>(this.groups().map((g) => [g.groupId, g]));

  readonly #tenant: TenantRoom;

  /** `tenant` is what the groups of all its vswitches leave. */
  constructor(ids: BelowIds, tenant: TenantRoom = boundless) {
    this.#ids = ids;
    this.#tenant = tenant;
  }

  get size(): number {
    return this.#groups.size;
  }

  /** By the tenant's id. */
  groups(): readonly Group[] {
    return this.#groups.all();
  }

  /** Another after each change. */
  get revision(): number {
    return this.#groups.revision;
  }

  byId(groupId: number): Group | undefined {
    return this.#groups.byId(groupId);
  }

  /** The ids that groups have, or had a moment ago, on datapaths. */
  idsBelow(): readonly number[] {
    return [...this.#names.values()];
  }

  /** Whether one of them has this id on datapaths. */
  hasBelow(below: number): boolean {
    for (const one of this.#groups.items()) if (one.below === below) return true;
    return false;
  }

  /**
   * Puts back groups that the store remembers, each with its id below, which `ids` has. Answers
   * those that have another id now, since the store gave theirs to others as well.
   */
  restore(all: readonly KeptGroup[]): Group[] {
    for (const { groupId, below } of all) this.#names.set(groupId, this.#ids.claim(below));
    const groups = all.map((one) => this.valueOf(one));
    for (const group of groups) this.#groups.put(group.groupId, group);
    this.#expansion.forget();
    return groups.filter(({ below }, i) => below !== all[i]?.below);
  }

  /** One that was kept, as a value; it is in the book or not. */
  valueOf(kept: KeptGroup): Group {
    return { ...this.#made(kept), counter: kept.counter, counters: kept.counters };
  }

  /** What a group-mod changes; the book is changed when this returns. */
  apply(mod: GroupMod, nowMs: number): readonly GroupChange[] | OfError {
    switch (mod.command) {
      case groupCommand.add:
        return this.#add(mod, nowMs);
      case groupCommand.modify:
        return this.#modify(mod);
      case groupCommand.addOrMod:
        return this.byId(mod.groupId) === undefined ? this.#add(mod, nowMs) : this.#modify(mod);
      default:
        return this.#delete(mod.groupId);
    }
  }

  /** Takes a change back that a datapath refused; the book is as it was before it. */
  revert(change: GroupChange): void {
    const { group } = change;
    this.#expansion.forget();
    if (change.type === 'removeGroup') this.#groups.putBack(group.groupId, group);
    else {
      const before = change.type === 'modifyGroup' ? change.before : undefined;
      this.#groups.revert(group.groupId, group, before);
    }
  }

  /** Every change up to now was acknowledged: ids below that nobody names may be others'. */
  settle(): void {
    if (this.#isLoose) this.#sweep();
    this.#isLoose = false;
  }

  /**
   * The instructions of a rule with the datapaths' ids of the groups that they name: those must be
   * there, and a frame that meets the rule must not take too much for all of them.
   */
  bind(instructions: readonly Instruction[]): readonly Instruction[] | OfError {
    const named = groupsUsed(instructions);
    const known = named.filter((groupId) => this.byId(groupId) !== undefined);
    const error = this.#expansion.refuse(known, this.#expanding);
    if (error !== undefined) return error;
    const bound: Instruction[] = [];
    for (const one of instructions) {
      if (one.type !== 'applyActions' && one.type !== 'writeActions') {
        bound.push(one);
        continue;
      }
      const actions = this.bindActions(one.actions);
      if (isError(actions)) return actions;
      bound.push({ ...one, actions });
    }
    this.#expansion.note(known);
    return bound;
  }

  bindActions(actions: readonly Action[]): readonly Action[] | OfError {
    const unknown = actions.find((one) => one.type === 'group' && !this.byId(one.groupId));
    if (unknown?.type === 'group') {
      return ofError('badAction', 'badOutGroup', `group ${unknown.groupId} does not exist`);
    }
    const named = groupsUsed([{ type: 'applyActions', actions }]);
    const error = this.#expansion.refuse(named, this.#expanding);
    if (error !== undefined) return error;
    return actions.map((one) => this.#bindAction(one));
  }

  #add(mod: GroupMod, nowMs: number): readonly GroupChange[] | OfError {
    if (this.byId(mod.groupId) !== undefined) {
      return ofError('groupModFailed', 'groupExists', `group ${mod.groupId} already exists`);
    }
    if (this.#groups.size >= limits.groupsPerVswitchMax) {
      const why = `this vswitch already has ${this.#groups.size} groups, the limit`;
      return ofError('groupModFailed', 'outOfGroups', why);
    }
    if (this.#tenant.left() < 1) {
      return ofError('groupModFailed', 'outOfGroups', this.#tenant.why());
    }
    const full = this.#room().refuse(mod.buckets);
    if (full !== undefined) return full;
    if (this.#namesTooMuch(mod)) return tooManyNames();
    this.#expansion.begin(mod.groupId);
    const error = this.#expand(mod);
    if (error !== undefined) return error;
    const { groupId, groupType, buckets } = mod;
    const group = this.#made({ groupId, groupType, buckets, addedMs: nowMs });
    this.#groups.put(groupId, group);
    this.#isLoose = true;
    return [{ type: 'addGroup', group }];
  }

  #modify(mod: GroupMod): readonly GroupChange[] | OfError {
    const before = this.byId(mod.groupId);
    if (before === undefined) {
      return ofError('groupModFailed', 'unknownGroup', `group ${mod.groupId} does not exist`);
    }
    const full = this.#room(before).refuse(mod.buckets);
    if (full !== undefined) return full;
    if (this.#namesTooMuch(mod)) return tooManyNames();
    const error = this.#expand(mod);
    if (error !== undefined) return error;
    const { groupId, groupType, buckets } = mod;
    const group = this.#made({ groupId, groupType, buckets, addedMs: before.addedMs });
    this.#groups.put(groupId, group);
    this.#isLoose = true;
    return [{ type: 'modifyGroup', group, before }];
  }

  /** What the groups leave, without one that is to be another. */
  #room(without?: Group): Room {
    const room = bucketRoom();
    for (const one of this.#groups.items()) if (one !== without) room.take(one);
    return room;
  }

  /** What is not there is deleted already (OF1.3.5 section 6.5). */
  #delete(groupId: number): readonly GroupChange[] {
    const one = this.byId(groupId);
    const gone = groupId === ofpg.all ? this.groups() : one === undefined ? [] : [one];
    for (const group of gone) this.#groups.delete(group.groupId);
    if (gone.length > 0) this.#expansion.forget();
    this.#isLoose = true;
    return gone.map((group) => ({ type: 'removeGroup', group }));
  }

  /** Refuses a group by which a frame takes too much of any group or rule. */
  #expand(mod: GroupMod): OfError | undefined {
    return this.#expansion.change(mod, this.#names.has(mod.groupId), this.#expanding);
  }

  #made(parts: GroupParts): Group {
    const { groupId, groupType, buckets, addedMs } = parts;
    const bound = buckets.map((one) => ({
      ...one,
      watchGroup: one.watchGroup === ofpg.any ? ofpg.any : this.#belowOf(one.watchGroup),
      actions: one.actions.map((action) => this.#bindAction(action)),
    }));
    const counters = buckets.map(() => new RuleCounter());
    const ids = { groupId, below: this.#belowOf(groupId), bytesBelow: bucketBytes(buckets) };
    return { ...ids, groupType, buckets, addedMs, bound, counter: new RuleCounter(), counters };
  }

  #bindAction(action: Action): Action {
    if (action.type !== 'group') return action;
    return { ...action, below: this.#belowOf(action.groupId) };
  }

  #belowOf(groupId: number): number {
    const known = this.#names.get(groupId);
    if (known !== undefined) return known;
    const below = this.#ids.take();
    this.#names.set(groupId, below);
    return below;
  }

  #namesTooMuch({ groupId, buckets }: GroupMod): boolean {
    const named = new Set([groupId, ...buckets.flatMap(namesIn)]);
    const more = [...named].filter((one) => !this.#names.has(one)).length;
    return this.#names.size + more > limits.groupNamesPerVswitchMax || more > this.#ids.left;
  }

  /** Frees the ids that neither a group has nor a bucket names. */
  #sweep(): void {
    const groups = this.#groups.all();
    const named = new Set(groups.map(({ groupId }) => groupId));
    for (const { buckets } of groups) {
      for (const one of buckets.flatMap(namesIn)) named.add(one);
    }
    for (const [groupId, below] of this.#names) {
      if (named.has(groupId)) continue;
      this.#names.delete(groupId);
      this.#ids.free(below);
    }
  }
}

/** The groups that a rule uses itself: these are the references that a group counts. */
export function groupsUsed(instructions: readonly Instruction[]): readonly number[] {
  return instructions.flatMap((one) =>
    one.type === 'applyActions' || one.type === 'writeActions'
      ? one.actions.flatMap((action) => (action.type === 'group' ? [action.groupId] : []))
      : [],
  );
}
