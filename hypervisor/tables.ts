/**
 * What datapaths should hold, and the way there while they are connected.
 */
import { errorName } from '../openflow/errors.ts';
import type { Message } from '../openflow/values.ts';
import type { DatapathName } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import { bodiesOn, placementOf, type Snapshot, type Vswitch } from '../slices/snapshot.ts';
import { type Mode, pipelineEncoding } from '../translation/encoding.ts';
import {
  type Difference,
  difference,
  flowKey,
  type PhysicalFlow,
  type PhysicalMeter,
  type Tables,
  tablesOf,
} from '../translation/physical.ts';
import { freezeFlow } from '../translation/pipeline-body.ts';
import { wiringOf, wiringOfThese } from '../translation/wiring.ts';
import type { Datapath } from './datapath.ts';
import type { Hypervisor } from './hypervisor.ts';

/** Which parts of a difference to carry out (translation/physical.ts). */
export type Parts = 'makeAndChange' | 'all';

export interface Rewiring {
  readonly parts: Parts;
  /** A datapath that may be away meanwhile: the one that is being left. */
  readonly optional: DatapathName;
  /** Why waiting for datapaths that are away has no more point, or undefined. */
  readonly giveUp: () => string | undefined;
}

/** The wiring of a datapath, and that with its bodies' rules. */
export function desiredTables(
  hypervisor: Hypervisor,
  name: DatapathName,
): { readonly wiring: Tables; readonly all: Tables } {
  const snapshot = hypervisor.snapshot();
  const wiring = wiringOf(snapshot, name);
  const flows = new Map<string, PhysicalFlow>(wiring.flows);
  const groups = new Map(wiring.groups);
  const meters = new Map<number, PhysicalMeter>();
  for (const vswitch of bodiesOn(snapshot, name)) {
    const { bodies } = placementOf(snapshot, vswitch.name);
    const mode: Mode = bodies.length > 1 ? 'cloned' : 'single';
    for (const rule of hypervisor.runtime(vswitch.name)?.rulebook.rules() ?? []) {
      for (const flow of pipelineEncoding.encode(vswitch, rule, mode))
        flows.set(flowKey(flow), flow);
    }
    for (const meter of hypervisor.runtime(vswitch.name)?.meters.encoded() ?? []) {
      meters.set(meter.meterId, meter);
    }
    for (const group of hypervisor.runtime(vswitch.name)?.groups.encoded(name) ?? []) {
      groups.set(group.groupId, group);
    }
    if (!hypervisor.executor.isFrozen(vswitch.name, name)) continue;
    const freeze = freezeFlow(vswitch);
    flows.set(flowKey(freeze), freeze);
  }
  return { wiring, all: { flows, groups, meters } };
}

/**
 * Leads the wiring of every connected datapath to the snapshot's: what is new everywhere, then
 * the switch-over everywhere, then, if asked for, the removal of what is no longer needed. Each
 * part is acknowledged by all before the next begins. A datapath that is away and not `optional`
 * is waited for: it is made right when it returns.
 */
export function rewire(
  hypervisor: Hypervisor,
  { parts, optional, giveUp }: Rewiring,
  done: (trouble?: string) => void,
): void {
  const work: { datapath: Datapath; parts: Difference }[] = [];
  for (const datapath of hypervisor.datapaths()) {
    const want = wiringOf(hypervisor.snapshot(), datapath.name);
    const found = difference(datapath.wired, want);
    datapath.wired = parts === 'all' ? want : merged(datapath.wired, want);
    if (sizeOf(found) > 0) work.push({ datapath, parts: found });
  }
  const names =
    parts === 'all' ? (['make', 'change', 'break'] as const) : (['make', 'change'] as const);
  const run = (i: number): void => {
    const name = names[i];
    if (name === undefined) {
      const needed = work.map((one) => one.datapath).filter((one) => one.name !== optional);
      awaitReady(hypervisor, needed, giveUp, done);
      return;
    }
    const sends = work.map((one) => [one.datapath, one.parts[name]] as const);
    sendAll(sends, (refused) => {
      if (refused === undefined) run(i + 1);
      else done(refused);
    });
  };
  run(0);
}

/**
 * Leads the datapaths from what the wiring of some vswitches was to what it is in the snapshot of
 * now. Only that: what a migration has made and not yet broken is not touched.
 */
export function changeWiring(
  hypervisor: Hypervisor,
  before: Snapshot,
  vswitches: readonly Vswitch[],
  done: () => void,
): void {
  const work = hypervisor.datapaths().flatMap((datapath) => {
    const wiring = (snapshot: Snapshot): Tables => {
      const { flows, groups } = wiringOfThese(snapshot, datapath.name, vswitches);
      return tablesOf(flows, groups);
    };
    const [have, want] = [wiring(before), wiring(hypervisor.snapshot())];
    const { make, change, break: gone } = difference(have, want);
    const messages = [...make, ...change, ...gone];
    if (messages.length === 0) return [];
    datapath.wired = merged(without(datapath.wired, have), want);
    return [{ datapath, messages }];
  });
  let left = work.length;
  if (left === 0) done();
  for (const { datapath, messages } of work) {
    datapath.applyWhenReady(messages, 'barrier', () => {
      left -= 1;
      if (left === 0) done();
    });
  }
}

function without(tables: Tables, gone: Tables): Tables {
  return {
    flows: new Map([...tables.flows].filter(([key]) => !gone.flows.has(key))),
    groups: new Map([...tables.groups].filter(([id]) => !gone.groups.has(id))),
    meters: tables.meters,
  };
}

function sendAll(
  sends: readonly (readonly [Datapath, readonly Message[]])[],
  done: (refused: string | undefined) => void,
): void {
  const busy = sends.filter(([, messages]) => messages.length > 0);
  let left = busy.length;
  let refused: string | undefined;
  if (left === 0) done(undefined);
  for (const [datapath, messages] of busy) {
    datapath.applyWhenReady(messages, 'full', (outcome) => {
      if (outcome.type === 'acked' && outcome.refusals[0] !== undefined) {
        const { errorType, errorCode } = outcome.refusals[0];
        refused = `datapath ${datapath.name} refused wiring: ${errorName(errorType, errorCode)}`;
      }
      left -= 1;
      if (left === 0) done(refused);
    });
  }
}

/** Waits for datapaths that a change needs and that are away. */
function awaitReady(
  hypervisor: Hypervisor,
  needed: readonly Datapath[],
  giveUp: () => string | undefined,
  done: (trouble?: string) => void,
): void {
  const startedMs = hypervisor.world.nowMs();
  const look = (): void => {
    const away = needed.find((datapath) => !datapath.isReady);
    const enough = giveUp();
    if (away === undefined) done(undefined);
    else if (enough !== undefined) done(enough);
    else if (hypervisor.world.nowMs() - startedMs >= limits.datapathLostMs) {
      done(`datapath ${away.name} is ${away.state.type}`);
    } else hypervisor.world.after(limits.pollIntervalMinMs, look);
  };
  look();
}

/** What a datapath holds when nothing was removed yet. */
function merged(have: Tables, want: Tables): Tables {
  return {
    flows: new Map([...have.flows, ...want.flows]),
    groups: new Map([...have.groups, ...want.groups]),
    meters: have.meters,
  };
}

function sizeOf(found: Difference): number {
  return found.make.length + found.change.length + found.break.length;
}
