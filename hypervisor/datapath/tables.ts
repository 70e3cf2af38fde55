/**
 * What datapaths should hold, and the way there while they are connected.
 */
import { errorName } from '../../openflow/errors.ts';
import type { Message } from '../../openflow/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  bodiesOn,
  placementOf,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import {
  type Difference,
  difference,
  flowKey,
  type PhysicalFlow,
  type PhysicalMeter,
  type Tables,
  tablesOf,
} from '../../translation/physical-tables.ts';
import { freezeFlow, guardFlows } from '../../translation/pipeline-body.ts';
import { wiringOf, wiringOfThese } from '../../translation/wiring.ts';
import type { Hypervisor } from '../hypervisor.ts';
import type { Datapath } from './datapath.ts';
import { countWhatPassed } from './fresh-counters.ts';
import { takeBackPlan, type Work } from './work.ts';

/** Which parts of a difference to carry out (translation/physical-tables.ts). */
export type Parts = 'makeAndChange' | 'all';

export interface Rewiring {
  /** Whose placement is another; absent: the ways are. */
  readonly vswitch?: Vswitch;
  readonly parts: Parts;
  /** A datapath that may be away meanwhile: the one that is being left. */
  readonly optional?: DatapathName;
  /** Why waiting for datapaths that are away has no more point, or undefined. */
  readonly giveUp: () => string | undefined;
}

/** What a datapath should hold. */
export interface Desired {
  readonly wiring: Tables;
  /** The wiring, and what its bodies need. */
  readonly all: Tables;
}

/** The wiring of a datapath, and that with all but the rules of its bodies. */
export function desiredFrame(hypervisor: Hypervisor, name: DatapathName): Desired {
  const snapshot = hypervisor.snapshot();
  const wiring = wiringOf(snapshot, name);
  const flows = new Map<string, PhysicalFlow>(wiring.flows);
  const groups = new Map(wiring.groups);
  const meters = new Map<number, PhysicalMeter>(wiring.meters);
  const whose = hypervisor.identity.flowOn(hypervisor, { name });
  flows.set(flowKey(whose), whose);
  for (const vswitch of openOn(hypervisor, name)) {
    for (const meter of hypervisor.runtime(vswitch.name)?.meters.encoded() ?? []) {
      meters.set(meter.meterId, meter);
    }
    for (const group of hypervisor.runtime(vswitch.name)?.groups.encoded(name) ?? []) {
      groups.set(group.groupId, group);
    }
    const above = hypervisor.executor.isFrozen(vswitch.name, name) ? [freezeFlow(vswitch)] : [];
    if (isStandingBack(hypervisor, vswitch, name)) {
      const { primary } = placementOf(snapshot, vswitch.name);
      above.push(...guardFlows(snapshot, vswitch, name, [[]], primary));
    }
    for (const flow of above) flows.set(flowKey(flow), flow);
  }
  return { wiring, all: { flows, groups, meters } };
}

/** The vswitches there whose books say what should be there: what a closed one has stays. */
function openOn(hypervisor: Hypervisor, name: DatapathName): readonly Vswitch[] {
  const all = bodiesOn(hypervisor.snapshot(), name);
  return all.filter((one) => hypervisor.runtime(one.name)?.isClosed !== true);
}

/** Whether one that is closed has a body there. */
export function hasClosed(hypervisor: Hypervisor, name: DatapathName): boolean {
  return openOn(hypervisor, name).length < bodiesOn(hypervisor.snapshot(), name).length;
}

/** Whether the body there leads everything to the primary (single-body.ts). */
function isStandingBack(hypervisor: Hypervisor, { name }: Vswitch, on: DatapathName): boolean {
  const { primary } = placementOf(hypervisor.snapshot(), name);
  return primary !== on && hypervisor.runtime(name)?.gathering.isOn === true;
}

/** Where rules depend on where vswitches live: with the rules, and the bodies that hold them. */
export function desiredFlat(
  hypervisor: Hypervisor,
  name: DatapathName,
): Desired & { readonly flat: FlatDatapath } {
  const snapshot = hypervisor.snapshot();
  const wiring = wiringOf(snapshot, name);
  const flat = new FlatDatapath(snapshot, name);
  const flows = [...wiring.flows.values(), hypervisor.identity.flowOn(hypervisor, { name })];
  for (const vswitch of openOn(hypervisor, name)) {
    const runtime = hypervisor.runtime(vswitch.name);
    const before = runtime && hypervisor.boundary.enter(runtime);
    const body = flat.bodyOf(vswitch);
    body.restore(runtime?.rulebook.rules() ?? []);
    if (runtime !== undefined) hypervisor.boundary.leave(before);
    if (isStandingBack(hypervisor, vswitch, name)) {
      flows.push(...body.standing(placementOf(snapshot, vswitch.name)));
    }
    if (hypervisor.executor.isFrozen(vswitch.name, name)) flows.push(...body.freezeFlows());
  }
  return { wiring, all: tablesOf([...flows, ...flat.flows()], []), flat };
}

/**
 * Leads the wiring of every connected datapath to the snapshot's: what is new everywhere, then
 * the switch-over everywhere, then, if asked for, the removal of what is no longer needed. Each
 * part is acknowledged by all before the next begins. A datapath that is away and not `optional`
 * is waited for: it is made right when it returns.
 */
export function rewire(
  hypervisor: Hypervisor,
  { vswitch, parts, optional, giveUp }: Rewiring,
  done: (trouble?: string) => void,
): void {
  const snapshot = hypervisor.snapshot();
  const work: Work[] = [];
  for (const datapath of hypervisor.datapaths()) {
    const want = wiringOf(snapshot, datapath.name);
    const before = datapath.wired;
    const found = difference(before, want);
    datapath.wired = parts === 'all' ? want : merged(datapath.wired, want);
    const flat = datapath.flat;
    const move = flat?.begin(snapshot, vswitch, parts === 'all');
    if (sizeOf(found) > 0 || move !== undefined)
      work.push({ datapath, parts: found, before, move });
  }
  const names =
    parts === 'all' ? (['make', 'change', 'break'] as const) : (['make', 'change'] as const);
  const run = (i: number): void => {
    const name = names[i];
    if (name === undefined) {
      const needed = work
        .filter((one) => sizeOf(one.parts) > 0)
        .map((one) => one.datapath)
        .filter((one) => one.name !== optional);
      awaitReady(hypervisor, needed, giveUp, done);
      return;
    }
    const sends = work.map((one) => [one.datapath, partOf(one, name)] as const);
    const send = (): void =>
      sendAll(sends, (refused) => {
        if (refused === undefined) run(i + 1);
        else {
          for (const one of work) takeBackPlan(one, names.slice(i + 1));
          done(refused);
        }
      });
    const turning = name === 'change' ? work.filter((one) => turns(snapshot, one, vswitch)) : [];
    countAll(hypervisor, turning, send);
  };
  run(0);
}

/** Without a vswitch, ways are led elsewhere: flows of whoever uses them. */
function turns(snapshot: Snapshot, work: Work, vswitch: Vswitch | undefined): boolean {
  if (vswitch === undefined) return work.parts.change.length > 0;
  const { bodies } = placementOf(snapshot, vswitch.name);
  return bodies.includes(work.datapath.name) && turnsFlows(work, vswitch);
}

/**
 * Whether cached flows of hosts' frames are led elsewhere than before: from a rule of the vswitch
 * on this very datapath, or to one.
 */
function turnsFlows({ datapath, parts }: Work, { ports }: Vswitch): boolean {
  const hosts = [...ports.values()].filter((one) => one.type === 'host');
  return parts.change.length > 0 && hosts.some(({ at }) => at.device === datapath.name);
}

/** So that rules are credited with what they did before (fresh-counters.ts). */
function countAll(hypervisor: Hypervisor, work: readonly Work[], done: () => void): void {
  let left = work.length;
  if (left === 0) done();
  for (const { datapath } of work) {
    countWhatPassed(hypervisor, datapath.name, () => {
      left -= 1;
      if (left === 0) done();
    });
  }
}

/** A flat datapath's rules are written anew with its wiring: they depend on it. */
function partOf({ datapath, parts, move }: Work, name: keyof Difference): readonly Message[] {
  const rules = move === undefined ? [] : (datapath.flat?.[name](move) ?? []);
  // What leads packets to a rule comes after it, and goes before it.
  return name === 'break' ? [...parts.break, ...rules] : [...rules, ...parts[name]];
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
      const { flows, groups, meters } = wiringOfThese(snapshot, datapath.name, vswitches);
      return tablesOf(flows, groups, meters);
    };
    const [have, want] = [wiring(before), wiring(hypervisor.snapshot())];
    const { make, change, break: gone } = difference(have, want);
    const rules = datapath.flat?.configure(hypervisor.snapshot(), vswitches) ?? [];
    const messages = [...make, ...change, ...rules, ...gone];
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
    meters: new Map([...tables.meters].filter(([id]) => !gone.meters.has(id))),
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
  const kept = [...have.flows].filter(([, flow]) => flow.steers !== true);
  return {
    flows: new Map([...kept, ...want.flows]),
    groups: new Map([...have.groups, ...want.groups]),
    meters: new Map([...have.meters, ...want.meters]),
  };
}

function sizeOf(found: Difference): number {
  return found.make.length + found.change.length + found.break.length;
}
