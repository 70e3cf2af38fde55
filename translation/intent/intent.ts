/**
 * The desired contents of one datapath, by owner: the union of contributions
 * (translation/datapath/contribution.ts), except tenants' rules, groups and meters, which are added
 * when somebody reads all of it (union.ts), and the bodies of a flat datapath.
 *
 * It is led from one state to another by plans (converge.ts), in parts that are each acknowledged
 * by all datapaths before the next. A plan says where its owners' contributions differ from what is
 * there, or will be when the plans under way are carried out. The intent becomes another with each
 * part, when that is sent: a datapath that comes back in the middle is made to hold what the parts
 * of before have made, and no more. Where two plans concern the same thing, the part of the later
 * one, once carried out, is the last word.
 *
 * What a datapath refused does not stay in it, and is sent again when there is occasion.
 */

import type { Message } from '../../openflow/values/values.ts';
import type { VswitchName } from '../../slices/ids.ts';
import { sentMeters } from '../../slices/network/punt-meters.ts';
import { atOnce, type Steps } from '../../slices/steps.ts';
import type { OwnerKey } from '../datapath/contribution.ts';
import {
  changes,
  differing,
  inParts,
  type Keys,
  type Phase,
  phases,
  sameEntry,
} from '../entries/difference.ts';
import {
  flowKey,
  type PhysicalFlow,
  type PhysicalGroup,
  type PhysicalMeter,
  sameGroup,
  sameMeter,
  type Tables,
} from '../entries/physical-tables.ts';
import { ChangedKeys, Owned, ownerIn } from './owners.ts';
import type { Key } from './packed-entries.ts';
import {
  type Change,
  type EntryKind,
  expected,
  only,
  type Parts,
  type Pending,
  Plan,
  sizeOf,
  write,
} from './plans.ts';
import { type Doubt, refusedIn } from './refused.ts';

export class Intent {
  /** Owners whose contribution is being compared with another, in steps. */
  readonly #compared = new Set<OwnerKey>();
  readonly #flows: EntryKind<string, PhysicalFlow> = {
    owned: new Owned<string, PhysicalFlow>(flowKey, this.#compared),
    written: new Map(),
    in: ({ flows }) => flows,
    keys: ({ flows }) => flows,
    planned: ({ flows }) => flows,
    isSame: sameEntry,
  };
  readonly #groups: EntryKind<number, PhysicalGroup> = {
    owned: new Owned<number, PhysicalGroup>(({ groupId }) => groupId, this.#compared),
    written: new Map(),
    in: ({ groups }) => groups,
    keys: ({ groups }) => groups,
    planned: ({ groups }) => groups,
    isSame: sameGroup,
  };
  readonly #meters: EntryKind<number, PhysicalMeter> = {
    owned: new Owned<number, PhysicalMeter>(({ meterId }) => meterId, this.#compared),
    written: new Map(),
    in: ({ meters }) => meters,
    keys: ({ meters }) => meters,
    planned: ({ meters }) => meters,
    isSame: sameMeter,
  };
  /** Whether the datapath has meters; where not, those of limits are not sent (punt-meters.ts). */
  hasMeters = true;
  readonly #underWay = new Set<Plan>();
  /** Owners of which something was refused since the datapath was compared with it. */
  readonly #refused = new Set<OwnerKey>();
  /**
   * Those with plans that ended before all parts were carried out, with the last one's number: what
   * was to go is there yet.
   */
  readonly #unfinished = new Map<OwnerKey, number>();
  readonly #names = new Map<OwnerKey, VswitchName>();
  #number = 0;

  get flows(): Owned<string, PhysicalFlow> {
    return this.#flows.owned;
  }

  get groups(): Owned<number, PhysicalGroup> {
    return this.#groups.owned;
  }

  get meters(): Owned<number, PhysicalMeter> {
    return this.#meters.owned;
  }

  /** What it has of one owner. */
  of(owner: OwnerKey): Tables {
    const { flows, groups, meters } = this;
    return { flows: flows.of(owner), groups: groups.of(owner), meters: meters.of(owner) };
  }

  /** `end` has to follow. */
  plan(wanted: readonly Change[], parts: readonly Phase[] = phases): Plan {
    const plan = this.begin(parts);
    for (const change of wanted) this.extend(plan, change);
    return plan;
  }

  /** A plan that has nothing yet: `extend` follows, and then `end`. */
  begin(parts: readonly Phase[]): Plan {
    this.#number += 1;
    const plan = new Plan(this.#number, parts);
    this.#underWay.add(plan);
    return plan;
  }

  /** An owner's contribution is to be this, too; one change of an owner at most. */
  extend(plan: Plan, change: Change): void {
    atOnce(this.extending(plan, () => change));
  }

  /** The same in steps; what is wanted is asked anew where it became another meanwhile. */
  *extending(plan: Plan, wanted: () => Change): Steps<void> {
    let change = wanted();
    const isAnew = change.before === undefined;
    const found = isAnew ? yield* this.#compare(change.owner, change.tables) : undefined;
    // Everything was made anew meanwhile.
    if (!this.#underWay.has(plan)) return;
    const pending = this.#pending(change.owner);
    const isKnown = found !== undefined && pending.length === 0;
    if (isAnew && !isKnown) change = wanted();
    const { before, owner, tables, vswitch } = change;
    if (vswitch !== undefined) this.#names.set(owner, vswitch);
    const parts = isKnown
      ? found
      : this.#differing(owner, before ?? this.#expected(owner, pending), tables);
    const isSame = Object.values(parts).every((keys) => sizeOf(keys) === 0);
    if (!isSame) plan.add({ owner, vswitch, tables: only(tables, parts), isAll: isAnew, parts });
  }

  #differing(owner: OwnerKey, have: Tables, want: Tables): Parts {
    const parts = differing(have, want);
    this.flows.adopt(owner, want.flows, sameEntry);
    this.groups.adopt(owner, want.groups, sameGroup);
    this.meters.adopt(owner, want.meters, sameMeter);
    return parts;
  }

  /** Where that differs from what there is of an owner; undefined: it became another meanwhile. */
  *#compare(owner: OwnerKey, want: Tables): Steps<Parts | undefined> {
    this.#compared.add(owner);
    const flows = yield* this.flows.differing(owner, want.flows, sameEntry);
    const groups = yield* this.groups.differing(owner, want.groups, sameGroup);
    const meters = yield* this.meters.differing(owner, want.meters, sameMeter);
    if (!this.#compared.delete(owner)) return undefined;
    const flowAt = (key: string) => want.flows.get(key) ?? flows.have.get(key);
    return inParts(flows.found, groups.found, meters.found, flowAt);
  }

  /** The first contribution of an owner; nothing is to be sent for it. */
  fill({ owner, vswitch, tables }: Change): void {
    if (vswitch !== undefined) this.#names.set(owner, vswitch);
    this.flows.fill(owner, tables.flows);
    this.groups.fill(owner, tables.groups);
    this.meters.fill(owner, tables.meters);
  }

  /** Makes a part of a plan the intent, some keys at a time: what is to be sent for each. */
  *advancing(plan: Plan, phase: Phase, count: number): Generator<readonly Message[], void> {
    for (const keys of plan.keysOf(phase, count)) {
      if (this.#underWay.has(plan)) yield this.#write(plan, phase, keys);
    }
    plan.done.add(phase);
  }

  /** Makes a part of a plan the intent: what is to be sent for that. */
  advance(plan: Plan, phase: Phase): readonly Message[] {
    // Everything was made anew meanwhile.
    if (!this.#underWay.has(plan)) return [];
    plan.done.add(phase);
    return this.#write(plan, phase);
  }

  #write(plan: Plan, phase: Phase, some?: Keys): readonly Message[] {
    const flows = write(this.#flows, plan, phase, some);
    const groups = write(this.#groups, plan, phase, some);
    const meters = write(this.#meters, plan, phase, some);
    return changes(
      { flows: flows.before, groups: groups.before, meters: meters.before },
      { flows: flows.after, groups: groups.after, meters: meters.after },
      { flows: flows.keys, groups: groups.keys, meters: sentMeters(this.hasMeters, meters.keys) },
    );
  }

  /** Nothing more of it will be carried out. */
  end(plan: Plan): void {
    this.#underWay.delete(plan);
    const { left, number } = plan;
    for (const { owner, isAll } of plan.changes) {
      // Where only what differs was planned, or it was before, what another has left is there yet.
      const isLast = (this.#unfinished.get(owner) ?? 0) < number;
      if (isAll && isLast && !left.has(owner)) this.#unfinished.delete(owner);
    }
    for (const owner of left) {
      this.#unfinished.set(owner, Math.max(number, this.#unfinished.get(owner) ?? 0));
    }
    if (this.#underWay.size > 0) return;
    for (const { written } of [this.#flows, this.#groups, this.#meters]) written.clear();
  }

  /** Carries a plan out at once: what comes first, then what changes, then what goes. */
  lead(wanted: readonly Change[]): readonly Message[] {
    const plan = this.plan(wanted);
    const messages = phases.flatMap((phase) => {
      return plan.has(phase) ? this.advance(plan, phase) : [];
    });
    this.end(plan);
    return messages;
  }

  /** The datapath refused this: it does not hold it, or nobody knows what it holds there. */
  refused(message: Message): void {
    const refused = refusedIn(message);
    if (refused === undefined) return;
    const owner = refused.isRule ? undefined : ownerIn(message, this.meters);
    if (refused.type === 'flow') this.#doubt(this.#flows, owner, refused);
    else if (refused.type === 'group') this.#doubt(this.#groups, owner, refused);
    else this.#doubt(this.#meters, owner, refused);
  }

  /** Whose entry, group or meter a message is about; undefined when it is no vswitch's. */
  whose(message: Message): VswitchName | undefined {
    const owner = ownerIn(message, this.meters);
    return owner === undefined ? undefined : this.#names.get(owner);
  }

  /** Nothing is done where something else was asked for since then. */
  #doubt<K extends Key, V>(
    { owned, isSame }: EntryKind<K, V>,
    owner: OwnerKey | undefined,
    { key, asked, doubted }: Doubt<K, V>,
  ): void {
    if (owner === undefined) return;
    const now = owned.of(owner).get(key);
    const isAsked = now !== undefined && asked !== undefined ? isSame(now, asked) : now === asked;
    if (!isAsked) return;
    this.#refused.add(owner);
    if (doubted === undefined) owned.delete(owner, key);
    else owned.set(owner, key, doubted);
    // Nothing is to be sent for that.
    owned.changed?.delete(key);
  }

  /** Notes what becomes another from now on, for one who looks at all of it in many turns. */
  watch(): ChangedKeys {
    const changed = new ChangedKeys();
    this.flows.changed = changed.flows;
    this.groups.changed = changed.groups;
    this.meters.changed = changed.meters;
    return changed;
  }

  unwatch(): void {
    for (const owned of [this.flows, this.groups, this.meters]) owned.changed = undefined;
  }

  /** Whether anything of an owner is in it. */
  has(owner: OwnerKey): boolean {
    return [this.flows, this.groups, this.meters].some((owned) => owned.has(owner));
  }

  /** Vswitches with owners that want something else than what is in it. */
  *unfinished(): Generator<VswitchName, void> {
    for (const owner of new Set([...this.#unfinished.keys(), ...this.#refused]))
      if (this.#names.has(owner)) yield this.#names.get(owner) as VswitchName;
  }

  /** The owners of which something was refused, once. */
  collectRefused(): ReadonlySet<OwnerKey> {
    const refused = new Set(this.#refused);
    this.#refused.clear();
    return refused;
  }

  /** Nothing of an owner is believed to be there, whatever was. */
  forget(owner: OwnerKey): void {
    for (const { owned } of [this.#flows, this.#groups, this.#meters]) owned.forget(owner);
  }

  /** Nothing of it is there any more, nor under way. */
  clear(): void {
    this.#underWay.clear();
    this.#refused.clear();
    this.#unfinished.clear();
    for (const { owned, written } of [this.#flows, this.#groups, this.#meters])
      for (const one of [owned, written]) one.clear();
  }

  #pending(owner: OwnerKey): readonly Pending[] {
    return [...this.#underWay].flatMap((plan) => {
      const change = plan.of(owner);
      return change === undefined ? [] : [{ plan, change }];
    });
  }

  /** What there will be of an owner when the plans under way are carried out. */
  #expected(owner: OwnerKey, pending: readonly Pending[]): Tables {
    const have = this.of(owner);
    if (pending.length === 0) return have;
    return {
      flows: expected(this.#flows, have, pending),
      groups: expected(this.#groups, have, pending),
      meters: expected(this.#meters, have, pending),
    };
  }
}
