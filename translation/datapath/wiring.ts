/**
 * The wiring of one datapath: the classifier entries, egress entries and groups of its vports.
 *
 * These are all that depends on a placement. Tenants' rules name vports only and are the same
 * bytes on every datapath (encoding.ts), as code is before a linker says where it lives.
 *
 *   frame from a host or a link --> classifier --> (vswitch, vport) --> guard, tenant's tables
 *   a rule's output:v --> egress --> group (vswitch, v) --> host's port, or a way (ways.ts)
 */
import type { Action, Instruction, Match } from '../../openflow/values/values.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { LazyMap } from '../../slices/lazy-collections.ts';
import { behind } from '../../slices/network/behind.ts';
import { isOutside } from '../../slices/network/crossings.ts';
import { endsFrom, endsOn } from '../../slices/network/host-attachments.ts';
import type { HostAttachment } from '../../slices/network/shared-ports.ts';
import type { Attachment, Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { isFlat, placementOf } from '../../slices/network/snapshot.ts';
import { type Carriage, enterGoal, type Wire, wiresOf } from '../../slices/network/wires.ts';
import { entranceMaskBit } from '../entries/cache-eviction.ts';
import {
  indirect,
  type PhysicalFlow,
  type PhysicalGroup,
  type PhysicalMeter,
  type Tables,
  tablesOf,
  toAll,
  trimmedFlow,
} from '../entries/physical-tables.ts';
import {
  cookieOf,
  forgetIngress,
  groupOf,
  notPassed,
  resubmit,
  setVport,
  tables,
  writeVport,
} from '../entries/pipeline.ts';
import { puntMeters } from '../entries/punt.ts';
import { missFlow } from '../entries/table-miss.ts';
import { siteOf } from '../flat/rules.ts';
import { flatWiring } from '../flat/wiring.ts';
import { copyFlows } from '../wiring/copies.ts';
import { egressFlows, noteTag } from '../wiring/egress.ts';
import { groupOfWays, mayHaveSeveral } from '../wiring/failover.ts';
import { learningFlows } from '../wiring/normal.ts';
import { toLedRules } from '../wiring/overrides.ts';
import { meterFlows, meterIn, portMeters } from '../wiring/port-meters.ts';
import { entranceOf, portFlows } from '../wiring/port-wiring.ts';
import { hasQueues, queueEnds, wantNoQueue } from '../wiring/queues.ts';
import {
  crossingFlow,
  crossingMeter,
  recirculate,
  recirculationFlows,
} from '../wiring/recirculation.ts';
import { hostFrames, tagging, taggingUnwrapped, untagging } from '../wiring/shared-ports.ts';
import { arrivalFlows, sendAlong, type WayEnd, wayStartFlows } from '../wiring/ways.ts';
import { constantFlows } from './constants.ts';
import {
  type Basis,
  type KnownHosts,
  keeping,
  kept,
  type Parts,
  steadyBasis,
} from './wiring-cache.ts';

const priorities = { classify: 100 } as const;

/** Everything but tenants' rules and guards that belongs on `datapath`. */
export function wiringOf(snapshot: Snapshot, datapath: DatapathName): Tables {
  const all = [...snapshot.vswitches.values()];
  const { flows, groups, meters } = wiringOfThese(snapshot, datapath, all);
  return tablesOf([...constantFlows(snapshot, datapath), ...flows], groups, meters);
}

/** The part of it that belongs to these vswitches. */
export function wiringOfThese(
  snapshot: Snapshot,
  datapath: DatapathName,
  vswitches: readonly Vswitch[],
): Parts {
  if (isFlat(snapshot, datapath)) {
    return { flows: flatWiring(siteOf(snapshot, datapath), vswitches), groups: [], meters: [] };
  }
  const steady = vswitches.flatMap((one) => {
    return [...steadyParts(snapshot, steadyBasis(snapshot, one, datapath), datapath)];
  });
  const moving = vswitches.map((one) => movingParts(snapshot, one, datapath));
  const all = [...steady, ...moving];
  return {
    flows: all.flatMap((one) => one.flows),
    groups: all.flatMap((one) => one.groups),
    meters: all.flatMap((one) => one.meters),
  };
}

/** One vswitch's; what is as it was when asked last is the same value (wiring-cache.ts). */
export function wiringOfOne(snapshot: Snapshot, datapath: DatapathName, vswitch: Vswitch): Tables {
  if (isFlat(snapshot, datapath)) {
    return tablesOf(flatWiring(siteOf(snapshot, datapath), [vswitch]), []);
  }
  const basis = steadyBasis(snapshot, vswitch, datapath);
  const { tables: steady, hosts } = kept(basis, datapath, steadyParts(snapshot, basis, datapath));
  const moving = movingParts(snapshot, vswitch, datapath, hosts);
  if (moving.flows.length + moving.groups.length === 0) return steady;
  const { flows, groups } = tablesOf(moving.flows, moving.groups);
  return {
    flows: new Map([...steady.flows, ...flows]),
    groups: new Map([...steady.groups, ...groups]),
    meters: steady.meters,
  };
}

/** Makes the most of it beforehand, a little in each step. */
export function* wiringSteps(
  snapshot: Snapshot,
  datapath: DatapathName,
  vswitch: Vswitch,
): Generator<void, void> {
  if (isFlat(snapshot, datapath)) return;
  const basis = steadyBasis(snapshot, vswitch, datapath);
  yield* keeping(basis, datapath, steadyParts(snapshot, basis, datapath));
}

/** What follows from this basis, whatever vports' homes are, some entries at a time. */
function* steadyParts(
  snapshot: Snapshot,
  { vswitch, isBody, isNeighbour, missesUp, learns }: Basis,
  datapath: DatapathName,
): Generator<Parts, void> {
  yield { ...noParts, meters: portMeters(vswitch, datapath, isBody) };
  if (isBody) {
    yield { ...noParts, meters: puntMeters(vswitch) };
    yield { ...noParts, flows: meterFlows(vswitch) };
    for (const flows of egressFlows(snapshot, vswitch, datapath)) yield { ...noParts, flows };
    const flows = [...portFlows(snapshot, vswitch), ...recirculationFlows(snapshot, vswitch)];
    const meters: PhysicalMeter[] = [];
    if (isNeighbour) {
      flows.push(crossingFlow(vswitch));
      meters.push(crossingMeter(vswitch));
    }
    if (missesUp) flows.push(missFlow(vswitch));
    if (learns) flows.push(...learningFlows(vswitch));
    yield { flows, meters, groups: vportGroups(snapshot, vswitch, datapath, 'host') };
  }
  for (const wire of wiresOf(snapshot, [vswitch])) {
    const sent = wayStartFlows(snapshot, wire, datapath);
    const arrives = arrivalFlows(snapshot, wire, datapath, endOf(snapshot, wire));
    yield { ...noParts, flows: [...sent, ...arrives] };
  }
}

const noParts: Parts = { flows: [], groups: [], meters: [] };

/** What becomes another with a vport that moves: its own host's, or one at the end of its link. */
function movingParts(
  snapshot: Snapshot,
  vswitch: Vswitch,
  datapath: DatapathName,
  hosts?: KnownHosts,
): Parts {
  const isBody = placementOf(snapshot, vswitch.name).bodies.includes(datapath);
  const groups = isBody ? vportGroups(snapshot, vswitch, datapath, 'link') : [];
  const flows = hostFlows(snapshot, vswitch, datapath, hosts);
  return { flows: [...flows, ...copyFlows(snapshot, vswitch, datapath)], groups, meters: [] };
}

/** Of the vports that lead to hosts, or of those that lead to vswitches. */
function vportGroups(
  snapshot: Snapshot,
  vswitch: Vswitch,
  datapath: DatapathName,
  type: Attachment['type'],
): readonly PhysicalGroup[] {
  return [...vswitch.ports].flatMap(([vport, attachment]) => {
    if (attachment.type !== type) return [];
    return [vportGroup(snapshot, vswitch, vport, attachment, datapath)];
  });
}

function vportGroup(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  attachment: Attachment,
  datapath: DatapathName,
): PhysicalGroup {
  const groupId = groupOf(vswitch.id, vport);
  const ends = attachment.type === 'host' && attachment.also ? endsFrom(attachment, datapath) : [];
  const buckets = ends.map((end) => reach(snapshot, vswitch, vport, end, datapath));
  if (buckets.length > 1) return toAll(groupId, buckets);
  return (
    groupBeside(snapshot, vswitch, vport, attachment, datapath) ??
    indirect(groupId, reach(snapshot, vswitch, vport, attachment, datapath))
  );
}

/** Where there are ways beside the one in use (failover.ts). */
function groupBeside(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  attachment: Attachment,
  datapath: DatapathName,
): PhysicalGroup | undefined {
  if (!mayHaveSeveral(snapshot, attachment)) return undefined;
  const there = behind(snapshot, vswitch, vport, attachment);
  if (there === undefined) return undefined;
  const { vswitch: to, goal } = there;
  const look = attachment.type === 'host' ? [] : [entranceMaskBit(snapshot, to, there.vport)];
  return groupOfWays(snapshot, groupOf(vswitch.id, vport), to, goal, datapath, look);
}

/** How a packet leaves by `vport` from the body on `datapath`: the bucket of the vport's group. */
function reach(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  attachment: Attachment,
  datapath: DatapathName,
): readonly Action[] {
  if (attachment.type === 'host' && attachment.at.device === datapath) {
    return [forgetIngress, ...tagging(attachment.vlan), output(attachment.at.port)];
  }
  const there = behind(snapshot, vswitch, vport, attachment);
  if (there === undefined) return [];
  const along = () => sendAlong(snapshot, there.vswitch, there.goal, datapath);
  if (attachment.type === 'host') return along();
  const look = entranceMaskBit(snapshot, there.vswitch, there.vport);
  if (there.to === datapath && !isOutside(snapshot, datapath, vswitch, vport)) {
    // What the sender's rule wanted of a queue is nothing that a cable carries.
    const fresh = hasQueues(there.vswitch) ? [wantNoQueue] : [];
    const on = resubmit(tables.recirculation);
    return [look, ...fresh, notPassed, setVport(there.vswitch.id, there.vport), on];
  }
  return [look, ...along()];
}

/** A host's own port: its frames enter here, or are carried to the vport's home. */
function hostFlows(
  snapshot: Snapshot,
  vswitch: Vswitch,
  datapath: DatapathName,
  known: KnownHosts = new LazyMap(),
): readonly PhysicalFlow[] {
  const { homes, secondSide } = placementOf(snapshot, vswitch.name);
  const flows: PhysicalFlow[] = [];
  for (const [vport, attachment] of vswitch.ports) {
    const home = homes.get(vport);
    if (attachment.type !== 'host' || home === undefined) continue;
    const ends = endsOn(attachment, datapath);
    if (ends.length === 0) continue;
    const isSecond = secondSide?.has(home) === true;
    const before = known.get(vport);
    const own =
      before?.home === home && before.isSecond === isSecond
        ? before.flows
        : ends.flatMap((end) => hostFlowsOf(snapshot, vswitch, vport, end, home));
    known.set(vport, { home, isSecond, flows: own });
    flows.push(...own);
  }
  return flows;
}

function hostFlowsOf(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  attachment: HostAttachment,
  home: DatapathName,
): readonly PhysicalFlow[] {
  const { device } = attachment.at;
  const bare = untagging(attachment);
  const first = [entranceMaskBit(snapshot, vswitch, vport), ...bare];
  // What is behind a tag that comes off Open vSwitch has not looked at.
  const anew = bare.length === 0 ? [] : recirculate;
  const along = () => sendAlong(snapshot, vswitch, enterGoal(vswitch, vport, home), device);
  const instructions =
    home === device
      ? enter(snapshot, vswitch, vport, [...first, ...anew])
      : apply([...first, ...along()]);
  const metered = [...meterIn(attachment), ...instructions];
  const frames = hostFrames(attachment);
  return frames.map((match) => trimmedFlow(classifierFlow(vswitch, vport, match, metered)));
}

/** What happens to a frame at the end of its way; what another body leads here is counted. */
function endOf(snapshot: Snapshot, { end }: Wire): WayEnd {
  if (end.type === 'enter') {
    const { vswitch, vport, isLed } = end;
    const note = (carriage: Carriage): readonly Action[] => (carriage === 'tag' ? [noteTag] : []);
    const count = isLed ? [setVport(vswitch.id, vport), toLedRules] : [];
    return {
      instructions: (first, carriage) =>
        enter(snapshot, vswitch, vport, [...first, ...note(carriage), ...count]),
      queues: [],
      // hypervisor/tenant/redirected-packets.ts
      cookie: isLed ? cookieOf('led', vswitch.id, vport) : undefined,
    };
  }
  const out = [end.port, ...(end.also === undefined ? [] : [end.also])].map((to) => output(to));
  return {
    instructions: (first) =>
      apply([...first, forgetIngress, ...taggingUnwrapped(end.vlan), ...out]),
    queues: queueEnds(end.queues),
    cookie: undefined,
  };
}

function enter(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  first: readonly Action[],
): readonly Instruction[] {
  const on: Instruction = { type: 'gotoTable', table: entranceOf(snapshot, vswitch, vport) };
  return [...apply(first), writeVport(vswitch.id, vport), on];
}

function classifierFlow(
  vswitch: Vswitch,
  vport: Vport,
  match: Match,
  instructions: readonly Instruction[],
): PhysicalFlow {
  const cookie = cookieOf('wiring', vswitch.id, vport);
  return { tableId: tables.classifier, priority: priorities.classify, match, instructions, cookie };
}

function apply(actions: readonly Action[]): readonly Instruction[] {
  return actions.length === 0 ? [] : [{ type: 'applyActions', actions }];
}

function output(port: number): Action {
  return { type: 'output', port, maxLen: 0xffff };
}
