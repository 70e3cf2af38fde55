/**
 * The contents of a datapath as values: flow entries, groups and meters, and the messages that lead
 * from the present contents to the desired ones.
 */

import { matchKey, sameMatch } from '../../openflow/match/match.ts';
import { printInstructions } from '../../openflow/print/print.ts';
import { printGroup } from '../../openflow/print/print-flow.ts';
import { printMeter } from '../../openflow/print/print-meter.ts';
import {
  flowCommand,
  flowFlag,
  groupCommand,
  groupType,
  meterCommand,
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
  table,
} from '../../openflow/values/constants.ts';
import type {
  Action,
  Bucket,
  FlowMod,
  FlowStatsFilter,
  Instruction,
  Match,
  Message,
  MeterConfig,
} from '../../openflow/values/values.ts';
import { isSameValue } from '../../slices/equality.ts';

/** A flow entry, without counters; never with time-outs, those are the rulebook's. */
export interface PhysicalFlow {
  readonly tableId: number;
  readonly priority: number;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
  readonly cookie: bigint;
  /** OFPFF_*; absent is none. Of these only SEND_FLOW_REM is kept by a switch. */
  readonly flags?: number;
  /** That it is there, or not, is itself a switch-over: it comes and goes with what changes. */
  readonly steers?: boolean;
}

/** Selects every entry of every table. */
export const everyFlow: FlowStatsFilter = {
  tableId: table.all,
  outPort: ofpp.any,
  outGroup: ofpg.any,
  cookie: 0n,
  cookieMask: 0n,
  match: [],
};

/** A group; the wiring's are indirect, but for hosts that move, and for ways with backups. */
export interface PhysicalGroup {
  readonly groupId: number;
  /** OFPGT_*. */
  readonly groupType: number;
  readonly buckets: readonly Bucket[];
}

export function indirect(groupId: number, actions: readonly Action[]): PhysicalGroup {
  const bucket = { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any, actions };
  return { groupId, groupType: groupType.indirect, buckets: [bucket] };
}

/** A copy to each. */
export function toAll(groupId: number, all: readonly (readonly Action[])[]): PhysicalGroup {
  const watch = { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any };
  const buckets = all.map((actions) => ({ ...watch, actions }));
  return { groupId, groupType: groupType.all, buckets };
}

/** A meter: what it does, in the datapath's numbers. */
export type PhysicalMeter = MeterConfig;

/** Entries by `flowKey`, groups and meters by id. */
export interface Tables {
  readonly flows: ReadonlyMap<string, PhysicalFlow>;
  readonly groups: ReadonlyMap<number, PhysicalGroup>;
  readonly meters: ReadonlyMap<number, PhysicalMeter>;
}

export const noTables: Tables = { flows: new Map(), groups: new Map(), meters: new Map() };

/**
 * The same, of which lists have no room to grow: one that was put together has room for 16 more,
 * and there are as many lists that stay as entries.
 */
export function trimmedFlow(flow: PhysicalFlow): PhysicalFlow {
  const instructions = flow.instructions.map(trimmedInstruction);
  return { ...flow, match: flow.match.slice(), instructions };
}

export function trimmedGroup(group: PhysicalGroup): PhysicalGroup {
  const buckets = group.buckets.map((one) => ({ ...one, actions: one.actions.slice() }));
  return { ...group, buckets };
}

function trimmedInstruction(one: Instruction): Instruction {
  return 'actions' in one ? { ...one, actions: one.actions.slice() } : one;
}

type Slot = Pick<PhysicalFlow, 'tableId' | 'priority' | 'match'>;

/** Table, priority and match: what makes an entry one of its own on a switch. */
export function flowKey(flow: Slot): string {
  return `${flow.tableId}/${flow.priority}/${matchKey(flow.match)}`;
}

export function tablesOf(
  flows: readonly PhysicalFlow[],
  groups: readonly PhysicalGroup[],
  meters: readonly PhysicalMeter[] = [],
): Tables {
  return {
    flows: new Map(flows.map((flow) => [flowKey(flow), flow])),
    groups: new Map(groups.map((group) => [group.groupId, group])),
    meters: new Map(meters.map((meter) => [meter.meterId, meter])),
  };
}

/** What an entry does of which the datapath refused a change: it is never what it should do. */
export const unsure: readonly Instruction[] = [{ type: 'gotoTable', table: table.all }];

/** Adds or replaces the entry; what it replaces leaves its counters to it, unless it `resets`. */
export function addFlow(flow: PhysicalFlow, resets = true): FlowMod {
  const flags = reports(flow) | (resets ? flowFlag.resetCounts : 0);
  return { ...flowMod(flow, flowCommand.add), flags };
}

/** Changes what the entry does; its counters, cookie and place stay (OF1.3.5 section 6.4). */
export function modifyFlow(flow: PhysicalFlow, resets = false): FlowMod {
  const flags = resets ? flowFlag.resetCounts : 0;
  return { ...flowMod(flow, flowCommand.modifyStrict), flags };
}

export function deleteFlow(flow: PhysicalFlow): FlowMod {
  return { ...flowMod(flow, flowCommand.deleteStrict), instructions: [] };
}

/** Deletes every entry of a table whose cookie agrees with `cookie` where `mask` has ones. */
export function deleteAll(tableId: number, cookie: bigint, mask: bigint): FlowMod {
  const none: PhysicalFlow = { tableId, priority: 0, match: [], instructions: [], cookie };
  return { ...flowMod(none, flowCommand.delete), cookie, cookieMask: mask };
}

function flowMod(flow: PhysicalFlow, command: number): FlowMod {
  return {
    type: 'flowMod',
    xid: 0,
    // In 1.3 a modify leaves the cookie, in 1.0 it sets it (OF1.0.1 section 5.3.3).
    cookie: flow.cookie,
    cookieMask: 0n,
    tableId: flow.tableId,
    command,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    priority: flow.priority,
    bufferId: NO_BUFFER,
    outPort: ofpp.any,
    outGroup: ofpg.any,
    flags: 0,
    match: flow.match,
    instructions: flow.instructions,
  };
}

export function addGroup(group: PhysicalGroup): Message {
  return groupMod(groupCommand.add, group);
}

/** Its counters begin at zero, on Open vSwitch. */
export function modifyGroup(group: PhysicalGroup): Message {
  return groupMod(groupCommand.modify, group);
}

/** The entries that use it go, too (OF1.3.5 section 6.5). */
export function deleteGroup(groupId: number): Message {
  return groupMod(groupCommand.delete, { groupId, groupType: groupType.all, buckets: [] });
}

function groupMod(command: number, group: PhysicalGroup): Message {
  return { type: 'groupMod', xid: 0, command, ...group };
}

export function addMeter(meter: PhysicalMeter): Message {
  return { type: 'meterMod', xid: 0, command: meterCommand.add, ...meter };
}

/** Its counters begin at zero, on Open vSwitch. */
export function modifyMeter(meter: PhysicalMeter): Message {
  return { type: 'meterMod', xid: 0, command: meterCommand.modify, ...meter };
}

/** The entries that use it go, too (OF1.3.5 section 6.6). */
export function deleteMeter(meterId: number): Message {
  return { type: 'meterMod', xid: 0, command: meterCommand.delete, meterId, flags: 0, bands: [] };
}

/** Whether the switch says when the entry goes, with its last counters. */
export function reports(flow: Pick<PhysicalFlow, 'flags'>): number {
  return (flow.flags ?? 0) & flowFlag.sendFlowRem;
}

/** Whether two entries do the same; what differs may mean the same, and then prints alike. */
export function sameFlow(a: Does, b: Does): boolean {
  if (isSameValue(a.instructions, b.instructions)) return true;
  return printInstructions(a.instructions) === printInstructions(b.instructions);
}

type Does = Pick<PhysicalFlow, 'instructions'>;

/** Whether `flowKey` says the same of both. */
export function sameSlot(a: Slot, b: Slot): boolean {
  return a.tableId === b.tableId && a.priority === b.priority && sameMatch(a.match, b.match);
}

export function sameMeter(a: PhysicalMeter, b: PhysicalMeter): boolean {
  return printMeter(a) === printMeter(b);
}

export function sameGroup(a: PhysicalGroup, b: PhysicalGroup): boolean {
  return isSameValue(a, b) || printPhysical(a) === printPhysical(b);
}

function printPhysical({ groupId, groupType: type, buckets }: PhysicalGroup): string {
  return printGroup(groupId, type, buckets);
}
