/**
 * A body in the flat encoding. It knows which entries it has sent: with a placement, a link or a
 * port's configuration every entry of a rule may become another, and what goes down is the
 * difference.
 */
import { isError, ofError } from '../../openflow/errors.ts';
import type { Match, Message, OfError } from '../../openflow/values.ts';
import type { Vport } from '../../slices/ids.ts';
import type { Rule, Rulebook } from '../../slices/rulebook.ts';
import type { Placement, Snapshot, Vswitch } from '../../slices/snapshot.ts';
import type { Count } from '../../slices/tally.ts';
import type { Body, Change } from '../body.ts';
import { deleteFlow, flowKey, type PhysicalFlow, sameFlow } from '../physical.ts';
import { copiesOf } from './copies.ts';
import { Counts, type Row, type Seen } from './counts.ts';
import type { Entrance } from './entrances.ts';
import { Guards } from './guards.ts';
import { LEVELS_MAX, LevelBook, levels } from './levels.ts';
import { refuseLongEntry } from './longest.ts';
import { appliedBy, ruleEntry, type Site, unfitRule } from './rules.ts';
import { Senders } from './senders.ts';
import { putFlow } from './wiring.ts';

/** What a body needs to know of its datapath, now. */
export interface Ground {
  site(): Site;
  entrances(vswitch: Vswitch): readonly Entrance[];
  /** The one that an entry's match names. */
  entranceOf(match: Match): Entrance | undefined;
}

/** A rule as the datapath has it. */
interface Held {
  readonly rule: Rule;
  readonly flows: ReadonlyMap<string, PhysicalFlow>; // by flowKey
}

/** What an entry's counters say. */
export interface Reading {
  readonly serial: number;
  /** Of all the rule's entries on this body. */
  readonly sum: Count;
  /** What left since the last reading, by vport. */
  readonly sent: readonly (Count & { readonly vport: Vport })[];
}

export class FlatBody implements Body {
  readonly #ground: Ground;
  readonly #vswitch: Vswitch;
  readonly counts = new Counts();
  /** By serial. */
  readonly #held = new Map<number, Held>();
  readonly #senders = new Senders();
  #levels = new LevelBook();
  readonly #guards: Guards;

  constructor(ground: Ground, vswitch: Vswitch) {
    this.#ground = ground;
    this.#vswitch = vswitch;
    this.#guards = new Guards(ground, vswitch);
  }

  /**
   * Why a change that the books allow cannot be carried out here; undefined when it can. With the
   * snapshot of now, whatever this datapath was led to as yet.
   */
  refuse(change: Change, snapshot: Snapshot): OfError | undefined {
    if ('group' in change) {
      return ofError('groupModFailed', 'outOfGroups', 'its datapath has no groups');
    }
    if ('meter' in change) {
      return ofError('meterModFailed', 'outOfMeters', 'its datapath has no meters');
    }
    if (change.type === 'remove') return undefined;
    const { rule } = change;
    const site = { ...this.#ground.site(), snapshot };
    const unfit = unfitRule(rule, site.speaks);
    if (unfit !== undefined) return unfit;
    const place = { ...site, vswitch: this.#vswitch };
    const long = refuseLongEntry(place, rule.match, appliedBy(rule));
    if (long !== undefined) return long;
    if (!this.#levels.hasRoomFor(rule.priority)) {
      return ofError('flowModFailed', 'tableFull', `${LEVELS_MAX} different priorities`);
    }
    for (const entrance of this.#ground.entrances(this.#vswitch)) {
      const entry = ruleEntry(site, entrance, rule, levels.lowest);
      if (entry !== undefined && isError(entry)) return entry;
    }
    return undefined;
  }

  change(change: Change): readonly Message[] {
    if (!('rule' in change)) return [];
    const { rule } = change;
    switch (change.type) {
      case 'add':
        return this.#put(rule, change.replaced, change.resets);
      case 'modify':
        return this.#put(rule, undefined, change.resets);
      case 'remove':
        return this.#drop(rule.serial);
    }
  }

  repair(rulebook: Rulebook, change: Change): readonly Message[] {
    if (!('rule' in change) || change.type === 'remove') return [];
    const before = change.type === 'add' ? change.replaced : change.before;
    const serials = new Set([change.rule.serial, before?.serial ?? change.rule.serial]);
    return [...serials].flatMap((serial) => {
      const rule = rulebook.bySerial(serial);
      return rule === undefined ? this.#drop(serial) : this.#put(rule, undefined, false);
    });
  }

  /** As `fill`, of entries that may be there already, and have counted. */
  restore(rules: readonly Rule[]): void {
    this.fill(rules);
    for (const { serial } of rules) this.counts.forget(serial);
  }

  fill(rules: readonly Rule[]): readonly Message[] {
    return rules.flatMap((rule) => this.#put(rule, undefined, true));
  }

  empty(): readonly Message[] {
    const gone = [...this.#held].flatMap(([serial, one]) => this.#delete(serial, listOf(one)));
    this.#held.clear();
    this.#senders.clear();
    this.#levels = new LevelBook();
    return gone;
  }

  guard(regions: readonly Match[], { primary }: Placement): readonly Message[] {
    return this.#guards.guard(regions, primary);
  }

  /** As `guard`, for everything; what the datapath is made to hold. */
  standing({ primary }: Placement): readonly PhysicalFlow[] {
    this.#guards.guard([[]], primary);
    return this.#guards.flows();
  }

  unguard(): readonly Message[] {
    return this.#guards.unguard();
  }

  freeze(): readonly Message[] {
    return this.#guards.freeze();
  }

  freezeFlows(): readonly PhysicalFlow[] {
    return this.#guards.freezeFlows();
  }

  thaw(): readonly Message[] {
    return this.#guards.thaw();
  }

  divert(regions: readonly Match[]): readonly Message[] {
    return this.#guards.divert(regions);
  }

  undivert(): readonly Message[] {
    return this.#guards.undivert();
  }

  /** Everything that it has sent, for a comparison with what is there. */
  flows(): readonly PhysicalFlow[] {
    return [...this.#held.values()].flatMap(listOf);
  }

  /**
   * An entry reports its last counters. The rule's sum; and whether it was the last entry of a rule
   * that is no longer here.
   */
  ended(row: Row): (Reading & { readonly isLast: boolean }) | undefined {
    const found = this.counts.ended(row);
    if (!found) return undefined;
    const isLast = found.isLast && !this.#held.has(found.serial);
    if (isLast) this.counts.forget(found.serial);
    return { ...found, sent: this.#sent(row, found), isLast };
  }

  /** A row of one of its entries; undefined when it is not a rule's. */
  saw(row: Row): Reading | undefined {
    const found = this.counts.saw(row);
    return found && { ...found, sent: this.#sent(row, found) };
  }

  /** What the packets that are news left by: no table counts that here. */
  #sent({ match }: Row, { serial, news }: Seen): Reading['sent'] {
    const rule = this.#held.get(serial)?.rule;
    if (rule === undefined || news.packets === 0n) return [];
    const entrance = this.#ground.entranceOf(match);
    if (entrance === undefined) return [];
    const actions = appliedBy(rule);
    const { snapshot } = this.#ground.site();
    return [...copiesOf(snapshot, this.#vswitch, entrance.vport, actions)].map(
      ([vport, copies]) => {
        const times = BigInt(copies);
        return { vport, packets: news.packets * times, bytes: news.bytes * times };
      },
    );
  }

  senderOf(rulebook: Rulebook, vport: number, data: Uint8Array): Rule | 'miss' | undefined {
    const hears = this.#ground.site().snapshot.missesUp.has(this.#vswitch.name);
    return this.#senders.of(rulebook, hears, vport, data);
  }

  /** Writes every rule anew, after what the ground says has changed. */
  renew(): readonly Message[] {
    const rules = [...this.#held.values()];
    const puts = rules.flatMap(({ rule }) => this.#put(rule, undefined, false));
    return [...this.#guards.renew(), ...puts];
  }

  /** Adds a rule, or changes it. Entries that it had and has no more go last. */
  #put(rule: Rule, replaced: Rule | undefined, resets: boolean): readonly Message[] {
    const had = new Map(this.#held.get(rule.serial)?.flows ?? []);
    if (replaced !== undefined) {
      for (const [key, flow] of this.#held.get(replaced.serial)?.flows ?? []) had.set(key, flow);
    }
    if (!this.#held.has(rule.serial)) this.#levels.use(rule.priority, 1);
    if (resets) this.counts.forget(rule.serial);
    this.#senders.put(rule);
    const moves = this.#relevel();
    const { speaks } = this.#ground.site();
    const flows = this.#entries(rule);
    this.#held.set(rule.serial, { rule, flows });
    if (replaced !== undefined && this.#held.delete(replaced.serial)) {
      this.#levels.use(replaced.priority, -1);
      this.#senders.drop(replaced.serial);
      this.counts.forget(replaced.serial);
    }
    const puts = [...flows].flatMap(([key, flow]) => {
      const before = had.get(key);
      const isSame =
        before !== undefined && !resets && before.cookie === flow.cookie && sameFlow(before, flow);
      if (isSame) return [];
      const isNew = before === undefined || resets;
      if (isNew) this.counts.begins(rule.serial, key);
      return [putFlow(flow, speaks, isNew)];
    });
    return [...moves, ...puts, ...this.#delete(rule.serial, notIn(had, flows))];
  }

  #drop(serial: number): readonly Message[] {
    const held = this.#held.get(serial);
    if (held === undefined) return [];
    this.#held.delete(serial);
    this.#senders.drop(serial);
    this.#levels.use(held.rule.priority, -1);
    return [...this.#delete(serial, listOf(held)), ...this.#relevel()];
  }

  #entries(rule: Rule): ReadonlyMap<string, PhysicalFlow> {
    const site = this.#ground.site();
    const level = this.#levels.of(rule.priority);
    const flows = new Map<string, PhysicalFlow>();
    for (const entrance of this.#ground.entrances(this.#vswitch)) {
      const entry = ruleEntry(site, entrance, rule, level);
      // What does not fit is refused before it gets here (refuse); a packet then meets no rule.
      if (entry !== undefined && !isError(entry)) flows.set(flowKey(entry), entry);
    }
    return flows;
  }

  #delete(serial: number, flows: readonly PhysicalFlow[]): readonly Message[] {
    this.counts.leaves(serial, flows.length);
    return flows.map(deleteFlow);
  }

  /** Moves the rules whose level is another now that the priorities in use are others. */
  #relevel(): Message[] {
    return this.#levels.shift().flatMap(([priority]) => this.#moveTo(priority));
  }

  #moveTo(priority: number): readonly Message[] {
    const { speaks } = this.#ground.site();
    const messages: Message[] = [];
    for (const [serial, { rule, flows }] of this.#held) {
      if (rule.priority !== priority) continue;
      const moved = this.#entries(rule);
      this.#held.set(serial, { rule, flows: moved });
      const [come, gone] = [notIn(moved, flows), notIn(flows, moved)];
      messages.push(...come.map((flow) => putFlow(flow, speaks, true)));
      messages.push(...this.#delete(serial, gone));
    }
    return messages;
  }
}

function notIn(some: Held['flows'], others: Held['flows']): readonly PhysicalFlow[] {
  return [...some].flatMap(([key, flow]) => (others.has(key) ? [] : [flow]));
}

function listOf({ flows }: Held): readonly PhysicalFlow[] {
  return [...flows.values()];
}
