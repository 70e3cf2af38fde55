/**
 * A body in the flat encoding. It knows which entries it has sent: with a placement, a link or a
 * port's configuration every entry of a rule may become another, and what goes down is the
 * difference.
 */
import { port as ofpp } from '../../openflow/constants.ts';
import { isError, ofError } from '../../openflow/errors.ts';
import { parsePacket } from '../../openflow/packet.ts';
import { printInstructions } from '../../openflow/print.ts';
import type { Match, Message, OfError } from '../../openflow/values.ts';
import type { Rule, Rulebook } from '../../slices/rulebook.ts';
import type { Placement, Vswitch } from '../../slices/snapshot.ts';
import type { Count } from '../../slices/tally.ts';
import type { Body, Change } from '../body.ts';
import type { Mode } from '../encoding.ts';
import { deleteFlow, flowKey, type PhysicalFlow } from '../physical.ts';
import { Counts, type Row } from './counts.ts';
import type { Entrance } from './entrances.ts';
import { freezeFlow, guardFlows } from './guards.ts';
import { LEVELS_MAX, LevelBook, levels } from './levels.ts';
import { ruleEntry, type Site, unfitRule } from './rules.ts';
import { putFlow } from './wiring.ts';

/** What a body needs to know of its datapath, now. */
export interface Ground {
  site(): Site;
  entrances(vswitch: Vswitch): readonly Entrance[];
}

/** A rule as the datapath has it. */
interface Held {
  readonly rule: Rule;
  /** By `flowKey`. */
  readonly flows: ReadonlyMap<string, PhysicalFlow>;
}

export class FlatBody implements Body {
  readonly #ground: Ground;
  readonly #vswitch: Vswitch;
  readonly counts = new Counts();
  /** By serial. */
  readonly #held = new Map<number, Held>();
  /** Entries that were deleted and have not reported yet, by serial. */
  readonly #leaving = new Map<number, number>();
  /** The rules that send packets up. */
  readonly #up = new Map<number, Rule>();
  #levels = new LevelBook();
  #mode: Mode = 'single';
  #guards: readonly PhysicalFlow[] = [];
  #frozen: readonly PhysicalFlow[] = [];

  constructor(ground: Ground, vswitch: Vswitch) {
    this.#ground = ground;
    this.#vswitch = vswitch;
  }

  /** Why a change that the books allow cannot be carried out here; undefined when it can. */
  refuse(change: Change): OfError | undefined {
    if ('group' in change) {
      return ofError('groupModFailed', 'outOfGroups', 'its datapath has no groups');
    }
    if ('meter' in change) {
      return ofError('meterModFailed', 'outOfMeters', 'its datapath has no meters');
    }
    if (change.type === 'remove') return undefined;
    const { rule } = change;
    const site = this.#ground.site();
    const unfit = unfitRule(rule, site.speaks);
    if (unfit !== undefined) return unfit;
    if (!this.#levels.hasRoomFor(rule.priority)) {
      return ofError('flowModFailed', 'tableFull', `${LEVELS_MAX} different priorities`);
    }
    for (const entrance of this.#ground.entrances(this.#vswitch)) {
      const entry = ruleEntry(site, entrance, rule, levels.lowest, this.#mode);
      if (entry !== undefined && isError(entry)) return entry;
    }
    return undefined;
  }

  change(change: Change, mode: Mode): readonly Message[] {
    this.#mode = mode;
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

  fill(rules: readonly Rule[], mode: Mode): readonly Message[] {
    this.#mode = mode;
    return [...this.empty(), ...rules.flatMap((rule) => this.#put(rule, undefined, true))];
  }

  turn(rules: readonly Rule[], mode: Mode): readonly Message[] {
    this.#mode = mode;
    return rules.flatMap((rule) => this.#put(rule, undefined, false));
  }

  empty(): readonly Message[] {
    const gone = [...this.#held].flatMap(([serial, { flows }]) =>
      this.#delete(serial, [...flows.values()]),
    );
    this.#held.clear();
    this.#up.clear();
    this.#levels = new LevelBook();
    return gone;
  }

  guard(regions: readonly Match[], { primary }: Placement): readonly Message[] {
    const site = this.#ground.site();
    const flows = this.#ground
      .entrances(this.#vswitch)
      .flatMap((entrance) => guardFlows(site, entrance, regions, primary));
    this.#guards = [...this.#guards, ...flows];
    return flows.map((flow) => putFlow(flow, site.speaks, true));
  }

  unguard(): readonly Message[] {
    const gone = this.#guards;
    this.#guards = [];
    return gone.map(deleteFlow);
  }

  freeze(): readonly Message[] {
    this.#frozen = this.freezeFlows();
    return this.#frozen.map((flow) => putFlow(flow, this.#ground.site().speaks, true));
  }

  freezeFlows(): readonly PhysicalFlow[] {
    return this.#ground.entrances(this.#vswitch).map(freezeFlow);
  }

  thaw(): readonly Message[] {
    const known = this.#frozen.length > 0 ? this.#frozen : this.freezeFlows();
    this.#frozen = [];
    return known.map(deleteFlow);
  }

  /** Everything that it has sent, for a comparison with what is there. */
  flows(): readonly PhysicalFlow[] {
    return [...this.#held.values()].flatMap(({ flows }) => [...flows.values()]);
  }

  /**
   * An entry reports its last counters. The rule's sum; and whether it was the last entry of a rule
   * that is no longer here.
   */
  ended(row: Row): { serial: number; sum: Count; isLast: boolean } | undefined {
    const found = this.counts.ended(row);
    if (found === undefined) return undefined;
    const { serial } = found;
    const left = (this.#leaving.get(serial) ?? 1) - 1;
    if (left > 0) this.#leaving.set(serial, left);
    else this.#leaving.delete(serial);
    const isLast = left <= 0 && !this.#held.has(serial);
    if (isLast) this.counts.forget(serial);
    return { ...found, isLast };
  }

  /**
   * The rule that sent a packet up, or that it missed them all; undefined when it was changed on
   * the way, so that nobody can tell.
   */
  senderOf(rulebook: Rulebook, vport: number, data: Uint8Array): Rule | 'miss' | undefined {
    const [only] = this.#up.values();
    if (only === undefined) return 'miss';
    const hears = this.#ground.site().snapshot.missesUp.has(this.#vswitch.name);
    if (this.#up.size === 1 && (!hears || only.match.length === 0)) return only;
    const met = rulebook.lookup(parsePacket(data), vport)?.rule;
    if (met === undefined && hears) return 'miss';
    return met !== undefined && this.#up.has(met.serial) ? met : undefined;
  }

  /** Writes every rule anew, after what the ground says has changed. */
  renew(): readonly Message[] {
    return [...this.#held.values()].flatMap(({ rule }) => this.#put(rule, undefined, false));
  }

  /** Adds a rule, or changes it. Entries that it had and has no more go last. */
  #put(rule: Rule, replaced: Rule | undefined, resets: boolean): readonly Message[] {
    const had = new Map(this.#held.get(rule.serial)?.flows ?? []);
    if (replaced !== undefined) {
      for (const [key, flow] of this.#held.get(replaced.serial)?.flows ?? []) had.set(key, flow);
    }
    if (!this.#held.has(rule.serial)) this.#levels.use(rule.priority, 1);
    if (resets) this.counts.forget(rule.serial);
    if (sendsUp(rule)) this.#up.set(rule.serial, rule);
    else this.#up.delete(rule.serial);
    const moves = this.#relevel();
    const { speaks } = this.#ground.site();
    const flows = this.#entries(rule);
    this.#held.set(rule.serial, { rule, flows });
    if (replaced !== undefined && this.#held.delete(replaced.serial)) {
      this.#levels.use(replaced.priority, -1);
      this.#up.delete(replaced.serial);
      this.counts.forget(replaced.serial);
    }
    const puts = [...flows].flatMap(([key, flow]) => {
      const before = had.get(key);
      const isSame = before !== undefined && !resets && sameEntry(before, flow);
      return isSame ? [] : [putFlow(flow, speaks, resets)];
    });
    const gone = [...had].flatMap(([key, flow]) => (flows.has(key) ? [] : [flow]));
    return [...moves, ...puts, ...this.#delete(rule.serial, gone)];
  }

  #drop(serial: number): readonly Message[] {
    const held = this.#held.get(serial);
    if (held === undefined) return [];
    this.#held.delete(serial);
    this.#up.delete(serial);
    this.#levels.use(held.rule.priority, -1);
    return [...this.#delete(serial, [...held.flows.values()]), ...this.#relevel()];
  }

  #entries(rule: Rule): ReadonlyMap<string, PhysicalFlow> {
    const site = this.#ground.site();
    const level = this.#levels.of(rule.priority);
    const flows = new Map<string, PhysicalFlow>();
    for (const entrance of this.#ground.entrances(this.#vswitch)) {
      const entry = ruleEntry(site, entrance, rule, level, this.#mode);
      // What does not fit is refused before it gets here (refuse); a packet then meets no rule.
      if (entry !== undefined && !isError(entry)) flows.set(flowKey(entry), entry);
    }
    return flows;
  }

  /** Each entry will report its last counters. */
  #delete(serial: number, flows: readonly PhysicalFlow[]): readonly Message[] {
    if (flows.length > 0) {
      this.#leaving.set(serial, (this.#leaving.get(serial) ?? 0) + flows.length);
    }
    return flows.map(deleteFlow);
  }

  /** Moves the rules whose level is another now that the priorities in use are others. */
  #relevel(): Message[] {
    return this.#levels.shift().flatMap(([priority, level]) => this.#moveTo(priority, level));
  }

  #moveTo(priority: number, level: number): readonly Message[] {
    const { speaks } = this.#ground.site();
    const messages: Message[] = [];
    for (const [serial, { rule, flows }] of this.#held) {
      if (rule.priority !== priority) continue;
      const moved = [...flows.values()].map((flow) => ({ ...flow, priority: level }));
      this.#held.set(serial, { rule, flows: new Map(moved.map((one) => [flowKey(one), one])) });
      messages.push(...moved.map((flow) => putFlow(flow, speaks, true)));
      messages.push(...this.#delete(serial, [...flows.values()]));
    }
    return messages;
  }
}

function sendsUp({ instructions }: Rule): boolean {
  return instructions.some(
    (one) =>
      one.type === 'applyActions' &&
      one.actions.some((action) => action.type === 'output' && action.port === ofpp.controller),
  );
}

function sameEntry(a: PhysicalFlow, b: PhysicalFlow): boolean {
  return (
    a.cookie === b.cookie && printInstructions(a.instructions) === printInstructions(b.instructions)
  );
}
