/**
 * The rulebook: the flow tables that a tenant believes it installed (DESIGN 4).
 *
 * It decides what a flow-mod means (OF1.3.5 section 6.4); what goes down to a datapath is derived
 * from the changes it returns. Mutable, owned by one vswitch's runtime, deterministic: time is an
 * argument. Timers are ours and never a switch's, so a rule can live on two datapaths at once
 * (LIME 4.1: "the switch instances should not change rules autonomously").
 */
import {
  flowCommand,
  flowFlag,
  ofError,
  group as ofpg,
  port as ofpp,
  table,
  version,
} from '../openflow/constants.ts';
import { isSubset, overlaps } from '../openflow/match.ts';
import type { PacketFields } from '../openflow/packet.ts';
import type {
  Action,
  FlowMod,
  FlowStatsFilter,
  Instruction,
  Match,
  OfError,
} from '../openflow/values.ts';
import { limits } from './limits.ts';
import { lookup, type Met } from './lookup.ts';
import { inOrder, RuleIndex } from './rule-index.ts';
import { Tally } from './tally.ts';

/** One rule of a tenant. A modify makes a new value with the same serial and tally. */
export interface Rule {
  /** Names the rule below, in our cookies; never used twice in a vswitch's life. */
  readonly serial: number;
  readonly tableId: number;
  readonly priority: number;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
  /** The tenant's cookie. */
  readonly cookie: bigint;
  readonly flags: number;
  readonly idleTimeoutSec: number;
  readonly hardTimeoutSec: number;
  /** When the tenant added it; durations count from here. Milliseconds of the world's clock. */
  readonly addedMs: number;
  /** The hard time-out counts from here: a modify restarts it, as Open vSwitch does. */
  readonly hardFromMs: number;
  /** When its counters were last seen to change (or it was added). */
  usedMs: number;
  readonly tally: Tally;
}

/** OFPRR_* (OF1.3.5 section 7.4.2). */
export type RemovalReason = 'idleTimeout' | 'hardTimeout' | 'delete' | 'groupDelete';

export type RuleChange =
  /** `resets`: counters begin at zero, also on the datapath (OF1.3.5 section 6.4). */
  | {
      readonly type: 'add';
      readonly rule: Rule;
      readonly replaced: Rule | undefined;
      readonly resets: boolean;
    }
  | {
      readonly type: 'modify';
      readonly rule: Rule;
      readonly before: Rule;
      readonly resets: boolean;
    }
  | { readonly type: 'remove'; readonly rule: Rule; readonly reason: RemovalReason };

export class Rulebook {
  readonly #index = new RuleIndex();
  /** Serials of the rules that have a time-out: the only ones that are looked at again. */
  readonly #timed = new Set<number>();
  /** Rules that a datapath refused, and what stands instead. */
  readonly #refused = new WeakMap<Rule, Rule | undefined>();
  #nextSerial: number;

  constructor(nextSerial = 1) {
    this.#nextSerial = nextSerial;
  }

  get size(): number {
    return this.#index.size;
  }

  get nextSerial(): number {
    return this.#nextSerial;
  }

  /** By table, then the highest priority first, then the oldest. */
  rules(): readonly Rule[] {
    return [...this.#index.all()].sort(inOrder);
  }

  bySerial(serial: number): Rule | undefined {
    return this.#index.bySerial(serial);
  }

  /** Puts back a rule that the store remembers. */
  restore(rule: Rule): void {
    this.#put(rule);
    this.#nextSerial = Math.max(this.#nextSerial, rule.serial + 1);
  }

  /** What a flow-mod changes; the book is changed when this returns. */
  apply(mod: FlowMod, nowMs: number): readonly RuleChange[] | OfError {
    switch (mod.command) {
      case flowCommand.add:
        return this.#add(mod, nowMs);
      case flowCommand.modify:
      case flowCommand.modifyStrict: {
        const selected = this.#selected(mod);
        if (selected.length === 0 && is10(mod)) return this.#add(mod, nowMs);
        return selected.map((rule) => this.#modify(rule, mod, nowMs));
      }
      case flowCommand.delete:
      case flowCommand.deleteStrict:
        return this.#selected(mod).map((rule) => this.remove(rule, 'delete'));
      default:
        return ofError('flowModFailed', 'badCommand', `command ${mod.command} does not exist`);
    }
  }

  remove(rule: Rule, reason: RemovalReason): RuleChange {
    this.#index.remove(rule);
    this.#timed.delete(rule.serial);
    return { type: 'remove', rule, reason };
  }

  /** Takes a change back that a datapath refused; the book is as it was before it. */
  revert(change: RuleChange): void {
    if (change.type === 'remove') return;
    const before = change.type === 'modify' ? change.before : change.replaced;
    const standing = before !== undefined && this.#refused.has(before);
    const back = standing ? this.#refused.get(before) : before;
    // A later change of the same batch may have followed on this one, and be refused as well.
    this.#refused.set(change.rule, back);
    if (this.#index.bySerial(change.rule.serial) !== change.rule) return;
    this.remove(change.rule, 'delete');
    if (back !== undefined) this.#put(back);
  }

  /** The rules that a statistics request asks for (OF1.3.5 section 7.3.5.2). */
  select(filter: FlowStatsFilter): readonly Rule[] {
    return [...this.#index.all()].filter((rule) => passes(rule, filter)).sort(inOrder);
  }

  /** What a packet meets that enters by a port: lookup.ts. */
  lookup(packet: PacketFields, inPort: number): Met | undefined {
    return lookup(this.#index, packet, inPort);
  }

  /** The rules whose time is over. An idle one may be late by the counters' lag, never early. */
  expired(nowMs: number): readonly { readonly rule: Rule; readonly reason: RemovalReason }[] {
    const over: { rule: Rule; reason: RemovalReason }[] = [];
    for (const rule of this.#timedRules()) {
      const { idleTimeoutSec: idle, hardTimeoutSec: hard } = rule;
      if (hard > 0 && nowMs >= rule.hardFromMs + hard * 1000) {
        over.push({ rule, reason: 'hardTimeout' });
      } else if (idle > 0 && nowMs >= rule.usedMs + idle * 1000 + limits.counterLagMs) {
        over.push({ rule, reason: 'idleTimeout' });
      }
    }
    return over;
  }

  /** The shortest idle time-out in seconds, 0 when there is none: how often to read counters. */
  shortestIdleSec(): number {
    let shortest = 0;
    for (const { idleTimeoutSec: idle } of this.#timedRules()) {
      if (idle > 0 && (shortest === 0 || idle < shortest)) shortest = idle;
    }
    return shortest;
  }

  hasTimeouts(): boolean {
    return this.#timed.size > 0;
  }

  #timedRules(): readonly Rule[] {
    return [...this.#timed].flatMap((serial) => this.#index.bySerial(serial) ?? []);
  }

  #add(mod: FlowMod, nowMs: number): readonly RuleChange[] | OfError {
    const replaced = this.#index.at(mod);
    // An identical rule is replaced, not overlapped: as Open vSwitch reads section 6.4.
    const checks = (mod.flags & flowFlag.checkOverlap) !== 0 && replaced === undefined;
    if (checks && this.#overlapping(mod)) {
      return ofError('flowModFailed', 'overlap', 'a rule of the same priority overlaps');
    }
    if (replaced === undefined && this.size >= limits.rulesPerVswitchMax) {
      const why = `this vswitch holds ${this.size} rules, its limit`;
      return ofError('flowModFailed', 'tableFull', why);
    }
    const resets = replaced === undefined || is10(mod) || (mod.flags & flowFlag.resetCounts) !== 0;
    const rule: Rule = {
      serial: this.#nextSerial,
      tableId: mod.tableId,
      priority: mod.priority,
      match: mod.match,
      instructions: mod.instructions,
      cookie: mod.cookie,
      flags: mod.flags,
      idleTimeoutSec: mod.idleTimeoutSec,
      hardTimeoutSec: mod.hardTimeoutSec,
      addedMs: nowMs,
      hardFromMs: nowMs,
      usedMs: nowMs,
      tally: resets ? new Tally() : replaced.tally,
    };
    this.#nextSerial += 1;
    if (replaced !== undefined) this.remove(replaced, 'delete');
    this.#put(rule);
    return [{ type: 'add', rule, replaced, resets }];
  }

  #modify(before: Rule, mod: FlowMod, nowMs: number): RuleChange {
    const resets = (mod.flags & flowFlag.resetCounts) !== 0;
    const tally = resets ? new Tally() : before.tally;
    const cookie = is10(mod) && mod.cookie !== KEEP_COOKIE ? mod.cookie : before.cookie;
    const { instructions } = mod;
    const rule: Rule = { ...before, instructions, cookie, hardFromMs: nowMs, tally };
    this.#put(rule);
    return { type: 'modify', rule, before, resets };
  }

  #selected(mod: FlowMod): readonly Rule[] {
    const isDelete = mod.command >= flowCommand.delete;
    const isStrict =
      mod.command === flowCommand.modifyStrict || mod.command === flowCommand.deleteStrict;
    // out_port and out_group filter deletes only (OF1.3.5 section 6.4).
    const filter: FlowStatsFilter = {
      tableId: mod.tableId,
      outPort: isDelete ? mod.outPort : ofpp.any,
      outGroup: isDelete ? mod.outGroup : ofpg.any,
      cookie: mod.cookie,
      cookieMask: mod.cookieMask,
      match: mod.match,
    };
    if (!isStrict) return this.select(filter);
    // Strict deletes may name all tables (OF1.3.5 section 6.4).
    const tableIds = mod.tableId === table.all ? this.#index.tableIds() : [mod.tableId];
    return tableIds
      .flatMap((tableId) => this.#index.at({ ...mod, tableId }) ?? [])
      .filter((rule) => passes(rule, filter));
  }

  #overlapping(mod: FlowMod): boolean {
    for (const rule of this.#index.beside(mod)) if (overlaps(rule.match, mod.match)) return true;
    return false;
  }

  #put(rule: Rule): void {
    this.#index.put(rule);
    if (rule.idleTimeoutSec > 0 || rule.hardTimeoutSec > 0) this.#timed.add(rule.serial);
  }
}

/**
 * In OpenFlow 1.0 an add resets counters, and a modify changes the cookie and adds what it does not
 * find (OF1.0.1 section 4.6; Open vSwitch's design.rst has the table).
 */
function is10(mod: FlowMod): boolean {
  return mod.version === version.of10;
}

/** A cookie with which Open vSwitch's modify leaves the rule its own. */
const KEEP_COOKIE = 0xffff_ffff_ffff_ffffn;

/** OF1.3.5 section 5.4: the rule of priority 0 that matches everything. */
export function isTableMiss(rule: Rule): boolean {
  return rule.priority === 0 && rule.match.length === 0;
}

/** Every action of a rule, in the order of its instructions. */
export function actionsOf(instructions: readonly Instruction[]): readonly Action[] {
  return instructions.flatMap((one) =>
    one.type === 'applyActions' || one.type === 'writeActions' ? one.actions : [],
  );
}

function passes(rule: Rule, filter: FlowStatsFilter): boolean {
  if (filter.tableId !== rule.tableId && filter.tableId !== table.all) return false;
  if ((rule.cookie & filter.cookieMask) !== (filter.cookie & filter.cookieMask)) return false;
  if (!isSubset(rule.match, filter.match)) return false;
  const actions = actionsOf(rule.instructions);
  const toPort = (a: Action): boolean =>
    (a.type === 'output' || a.type === 'enqueue') && a.port === filter.outPort;
  const toGroup = (a: Action): boolean => a.type === 'group' && a.groupId === filter.outGroup;
  if (filter.outPort !== ofpp.any && !actions.some(toPort)) return false;
  return filter.outGroup === ofpg.any || actions.some(toGroup);
}
