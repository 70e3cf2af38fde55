/**
 * Follows a packet through the tables of one switch, a tenant's or a datapath's; each step is a
 * line, as in Open vSwitch's ofproto/trace.
 *
 * Several outputs are several copies, which the caller goes on with. It is done in steps, since
 * there may be very many entries to look at.
 */

import { printActions } from '../../openflow/print/print-actions.ts';
import { printPort } from '../../openflow/print/print-match.ts';
import { groupType, nicira, port as ofpp } from '../../openflow/values/constants.ts';
import type { Action, Bucket, Instruction } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Steps } from '../../slices/steps.ts';
import { changedBy } from './header-actions.ts';
import type { Packet } from './headers.ts';

/** Deeper lines are consequences of those before them. */
export interface TraceLine {
  readonly depth: number;
  readonly text: string;
}

/** An entry, or a rule, that was met. */
export interface MetEntry {
  readonly priority: number;
  readonly instructions: readonly Instruction[];
  /** As it is printed. */
  readonly text: string;
  /** Of a datapath's. */
  readonly cookie?: bigint;
}

export interface TracedGroup {
  /** OFPGT_*. */
  readonly groupType: number;
  readonly buckets: readonly Bucket[];
}

/** What a walk asks of the switch. */
export interface TracedSwitch {
  find(table: number, packet: Packet): Steps<MetEntry | undefined>;
  group(groupId: number, packet: Packet): TracedGroup | undefined;
  /** A port that a bucket watches. */
  isLive(port: number): boolean;
  /** What a meter lets pass, in words. */
  meterText(meterId: number): string;
  /** What becomes of a copy that is sent to a port, in words. */
  output(port: number, copy: Copy): string;
  /** What becomes of what meets nothing, in words. */
  missed(table: number, copy: Copy): string;
}

/** A packet that leaves a table. */
export interface Copy {
  readonly packet: Packet;
  /** Only if a hash, or a meter, wants it. */
  readonly isPerhaps: boolean;
  /** The entry that sends it. */
  readonly by: MetEntry | undefined;
}

/** What a switch looks up before it takes the packet up anew. */
export interface TracePass {
  readonly packet: Packet;
  readonly table: number;
  readonly met: { readonly table: number; readonly entry: MetEntry | undefined }[];
  /** From some point on a hash decides, which nobody here knows. */
  isOpen: boolean;
}

/** What a walk says and has met. */
export class Trail {
  readonly lines: TraceLine[] = [];
  readonly passes: TracePass[] = [];
  lookups = 0;

  say(depth: number, text: string): void {
    this.lines.push({ depth, text });
  }
}

/** Where the packet is, which changes as it goes; copies have their own. */
interface At {
  packet: Packet;
  /** The action set. */
  set: readonly Action[];
  pass: TracePass | undefined;
  readonly depth: number;
  readonly isPerhaps: boolean;
  readonly by: MetEntry | undefined;
}

export class TableTrace {
  readonly #on: TracedSwitch;
  readonly #trail: Trail;

  constructor(on: TracedSwitch, trail: Trail) {
    this.#on = on;
    this.#trail = trail;
  }

  /** Until all is carried out, the action set too. */
  *enter(packet: Packet, table: number, isPerhaps = false, depth = 0): Steps<void> {
    const pass: TracePass = { packet, table, met: [], isOpen: isPerhaps };
    this.#trail.passes.push(pass);
    const at: At = { packet, set: [], pass, depth, isPerhaps, by: undefined };
    yield* this.#lookUp(at, table);
  }

  /** A table that the packet comes to by itself; `then` its action set is carried out. */
  *#lookUp(at: At, table: number, isNested = false): Steps<void> {
    const trail = this.#trail;
    trail.lookups += 1;
    if (trail.lookups > limits.traceLookupsMax || at.depth > limits.traceVisitsMax) {
      trail.say(at.depth, `${table}. not followed: a packet goes no deeper`);
      return;
    }
    if (at.pass === undefined) {
      trail.say(at.depth, 'the packet is taken up anew, as it now is');
      yield* this.enter(at.packet, table, at.isPerhaps, at.depth + 1);
      return;
    }
    const entry = yield* this.#on.find(table, at.packet);
    if (!at.pass.isOpen) at.pass.met.push({ table, entry });
    if (entry === undefined) {
      const what = this.#on.missed(table, at);
      trail.say(at.depth, `${String(table).padStart(2)}. no match: ${what}`);
    } else {
      trail.say(at.depth, `${String(table).padStart(2)}. ${entry.text}`);
      yield* this.#applyEntry(at, entry);
    }
    if (!isNested) yield* this.#applyActionSet(at);
  }

  *#applyEntry(at: At, entry: MetEntry): Steps<void> {
    const inside = { ...at, by: entry, depth: at.depth + 1 };
    for (const one of entry.instructions) {
      switch (one.type) {
        case 'meter':
          this.#trail.say(inside.depth, `meter:${one.meterId} ${this.#on.meterText(one.meterId)}`);
          break;
        case 'applyActions':
          yield* this.#act(inside, one.actions);
          break;
        case 'clearActions':
          inside.set = [];
          this.#trail.say(inside.depth, 'clear_actions');
          break;
        case 'writeActions':
          inside.set = [...inside.set, ...one.actions];
          this.#trail.say(inside.depth, `write_actions(${printActions(one.actions)})`);
          break;
        case 'writeMetadata': {
          const { metadata, mask } = one;
          const before = inside.packet.metadata;
          const now = (before & ~mask) | (metadata & mask);
          inside.packet = { ...inside.packet, metadata: now };
          this.#trail.say(inside.depth, `write_metadata: now 0x${now.toString(16)}`);
          break;
        }
        case 'gotoTable': {
          this.#trail.say(inside.depth, `goto_table:${one.table}`);
          const next = { ...inside, depth: at.depth };
          yield* this.#lookUp(next, one.table, true);
          inside.packet = next.packet;
          inside.set = next.set;
          break;
        }
        case 'experimenter':
          this.#trail.say(inside.depth, 'an instruction that nobody here knows');
      }
    }
    if (entry.instructions.length === 0) this.#trail.say(inside.depth, 'drop');
    at.packet = inside.packet;
    at.set = inside.set;
    at.pass = inside.pass;
  }

  *#applyActionSet(at: At): Steps<void> {
    const actions = inSetOrder(at.set);
    at.set = [];
    if (actions.length === 0) return;
    this.#trail.say(at.depth, `the action set: ${printActions(actions)}`);
    const inside = { ...at, depth: at.depth + 1 };
    yield* this.#act(inside, actions);
  }

  *#act(at: At, actions: readonly Action[]): Steps<void> {
    for (const action of actions) {
      const text = printActions([action]);
      switch (action.type) {
        case 'output':
        case 'enqueue':
          this.#output(at, action.port, text);
          break;
        case 'controller':
        case 'controller2':
          this.#output(at, ofpp.controller, text);
          break;
        case 'group':
          this.#trail.say(at.depth, text);
          yield* this.#group(at, action.groupId);
          break;
        case 'clone':
          this.#trail.say(at.depth, 'clone: to a copy');
          yield* this.#act({ ...at, set: [], depth: at.depth + 1 }, action.actions);
          break;
        case 'resubmit': {
          this.#trail.say(at.depth, text);
          const inPort = action.inPort === nicira.resubmitInPort ? undefined : action.inPort;
          yield* this.#resubmit(at, action.table, inPort);
          break;
        }
        default: {
          const changed = changedBy(at.packet, action);
          if (changed === undefined) {
            this.#trail.say(
              at.depth,
              `${text}: cannot be done to this packet, which goes no further`,
            );
            return;
          }
          this.#trail.say(at.depth, text);
          // Behind our header a switch finds out what there is by a new look (DESIGN 3).
          if (action.type === 'decap' && at.packet.wrapping?.isBare === true) at.pass = undefined;
          at.packet = changed;
        }
      }
    }
  }

  *#resubmit(at: At, table: number, inPort: number | undefined): Steps<void> {
    const before = at.packet.inPort;
    if (inPort !== undefined) at.packet = { ...at.packet, inPort };
    const next = { ...at, depth: at.depth + 1 };
    yield* this.#lookUp(next, table, true);
    at.packet = { ...next.packet, inPort: before };
    at.set = next.set;
  }

  #output(at: At, port: number, text: string): void {
    this.#trail.say(at.depth, `${text}: ${this.#on.output(port, at)}`);
  }

  *#group(at: At, groupId: number): Steps<void> {
    const group = this.#on.group(groupId, at.packet);
    const inside = { ...at, set: [], depth: at.depth + 1 };
    if (group === undefined) {
      this.#trail.say(inside.depth, `there is no group ${groupId}: nothing happens`);
      return;
    }
    const living = group.buckets.filter((one) => this.#isLive(one, at.packet));
    const isHashed = group.groupType === groupType.select && living.length > 1;
    const isFirst = group.groupType === groupType.ff;
    if (living.length === 0) this.#trail.say(inside.depth, 'no bucket of it is live: dropped');
    // What a hash decides is not compared.
    if (isHashed && at.pass !== undefined) at.pass.isOpen = true;
    for (const [i, { actions }] of (isFirst ? living.slice(0, 1) : living).entries()) {
      const why = isHashed ? ', if the hash of the packet chooses it' : '';
      this.#trail.say(inside.depth, `bucket ${i}${why}:`);
      const isPerhaps = at.isPerhaps || isHashed;
      yield* this.#act({ ...inside, isPerhaps, depth: inside.depth + 1 }, inSetOrder(actions));
    }
  }

  #isLive({ watchPort, watchGroup }: Bucket, packet: Packet): boolean {
    if (watchPort !== ofpp.any) return this.#on.isLive(watchPort);
    if (watchGroup === ofpp.any) return true;
    const watched = this.#on.group(watchGroup, packet);
    return watched?.buckets.some((one) => this.#isLive(one, packet)) ?? false;
  }
}

/** One of each of these, the last that was written; they come in this order. */
const once: readonly Action['type'][] = [
  ...(['stripVlan', 'popVlan', 'popMpls', 'decap', 'encap', 'pushMpls', 'pushVlan'] as const),
  ...(['copyTtlIn', 'decNwTtl', 'decMplsTtl', 'copyTtlOut'] as const),
];
/** One of them all. */
const last: readonly Action['type'][] = ['group', 'output', 'resubmit'];

/** As Open vSwitch carries out an action set, or a bucket (OF1.3.5 section 5.10). */
export function inSetOrder(set: readonly Action[]): readonly Action[] {
  if (set.some(({ type }) => type === 'clone')) return set;
  const lastOf = (type: Action['type']): readonly Action[] => {
    const found = set.findLast((one) => one.type === type);
    return found === undefined ? [] : [found];
  };
  const middle = set.filter(({ type }) => !once.includes(type) && !last.includes(type));
  const queue = middle.filter(({ type }) => type === 'setQueue').slice(-1);
  const sets = middle.filter(({ type }) => type !== 'setQueue');
  const ending = last.flatMap(lastOf).slice(0, 1);
  if (set.length > 0 && ending.length === 0) return [];
  return [...once.flatMap(lastOf), ...sets, ...queue, ...ending];
}

export function portName(number: number): string {
  return printPort(number);
}
