/**
 * Where vports are: the classifier entries, egress entries and groups of one datapath.
 *
 * These are all that depends on a placement. Tenants' rules name vports only and are the same
 * bytes on every datapath (encoding.ts), as code is before a linker says where it lives.
 *
 *   frame from a host or a link --> classifier --> (vswitch, vport) --> guard, tenant's tables
 *   a rule's output:v --> egress --> group (vswitch, v) --> host's port, or tag and next hop
 */
import { port as ofpp } from '../openflow/constants.ts';
import { matchOf, oxm, withField } from '../openflow/match.ts';
import type { Action, Instruction, Match } from '../openflow/values.ts';
import type { DatapathName, Port, Tag, Vport } from '../slices/ids.ts';
import type { Hop } from '../slices/routes.ts';
import type { Attachment, Snapshot, Vswitch } from '../slices/snapshot.ts';
import { isFlat, placementOf } from '../slices/snapshot.ts';
import { deliverKey, enterKey, type Wire, wiresOf } from '../slices/wires.ts';
import { egressFlows, noteTag } from './egress.ts';
import { siteOf } from './flat/rules.ts';
import { dropFlow, flatWiring } from './flat/wiring.ts';
import { legacyFlows } from './legacy.ts';
import { entranceLook } from './looks.ts';
import { missFlow } from './misses.ts';
import {
  indirect,
  type PhysicalFlow,
  type PhysicalGroup,
  type Tables,
  tablesOf,
} from './physical.ts';
import {
  cookieOf,
  forgetIngress,
  groupOf,
  notPassed,
  resubmit,
  setVport,
  tables,
  writeVport,
} from './pipeline.ts';
import { entranceOf, portFlows } from './port-wiring.ts';
import { probeFlow } from './probe.ts';
import { hasQueues, queueEnds, tagQueue, wantNoQueue } from './queues.ts';

/** 802.1ad: a tenant's own 802.1Q tag inside stays what it is. */
const SERVICE_TAG = 0x88a8;
/** 802.1Q: the only tag that OpenFlow 1.0 knows. */
const CUSTOMER_TAG = 0x8100;
/** OFPVID_PRESENT (OF1.3.5 section 7.2.3.8). */
const PRESENT = 0x1000;

const priorities = { miss: 0, classify: 100, queue: 110 } as const;

/** Everything but tenants' rules and guards that belongs on `datapath`. */
export function wiringOf(snapshot: Snapshot, datapath: DatapathName): Tables {
  const { flows, groups } = wiringOfThese(snapshot, datapath, [...snapshot.vswitches.values()]);
  const constant = isFlat(snapshot, datapath) ? [dropFlow, probeFlow] : constantFlows();
  return tablesOf([...constant, ...flows], groups);
}

/** The part of it that belongs to these vswitches. */
export function wiringOfThese(
  snapshot: Snapshot,
  datapath: DatapathName,
  vswitches: readonly Vswitch[],
): { readonly flows: readonly PhysicalFlow[]; readonly groups: readonly PhysicalGroup[] } {
  if (isFlat(snapshot, datapath)) {
    return { flows: flatWiring(siteOf(snapshot, datapath), vswitches), groups: [] };
  }
  const flows: PhysicalFlow[] = [];
  const groups: PhysicalGroup[] = [];
  for (const vswitch of vswitches) {
    if (!placementOf(snapshot, vswitch.name).bodies.includes(datapath)) continue;
    flows.push(...egressFlows(snapshot, vswitch, datapath), ...portFlows(snapshot, vswitch));
    if (snapshot.missesUp.has(vswitch.name)) flows.push(missFlow(vswitch));
    for (const [vport, attachment] of vswitch.ports) {
      const actions = reach(snapshot, vswitch, vport, attachment, datapath);
      groups.push(indirect(groupOf(vswitch.id, vport), actions));
    }
  }
  for (const vswitch of vswitches) {
    flows.push(...hostFlows(snapshot, vswitch, datapath));
  }
  for (const wire of wiresOf(snapshot, vswitches))
    flows.push(...wireFlows(snapshot, wire, datapath));
  return { flows, groups };
}

/** How a packet leaves by `vport` from the body on `datapath`: the bucket of the vport's group. */
function reach(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  attachment: Attachment,
  datapath: DatapathName,
): readonly Action[] {
  if (attachment.type === 'host') {
    const { device, port } = attachment.at;
    if (device === datapath) return [forgetIngress, output(port)];
    const queued = attachment.queues.size > 0 ? [tagQueue] : [];
    return sendTagged(snapshot, deliverKey(vswitch, vport), datapath, device, queued);
  }
  const { device, port } = attachment.peer;
  const peer = snapshot.vswitches.get(device);
  const home = placementOf(snapshot, device).homes.get(port);
  if (peer === undefined || home === undefined) return [];
  const look = entranceLook(snapshot, peer, port);
  if (home === datapath) {
    // What the sender's rule wanted of a queue is nothing that a cable carries.
    const fresh = hasQueues(peer) ? [wantNoQueue] : [];
    const on = resubmit(entranceOf(snapshot, peer, port));
    return [look, ...fresh, notPassed, setVport(peer.id, port), on];
  }
  return [look, ...sendTagged(snapshot, enterKey(peer, port, home), datapath, home)];
}

/** Pushes the tag of the way `key` and sends the frame along its first hop. */
export function sendTagged(
  snapshot: Snapshot,
  key: string,
  from: DatapathName,
  to: DatapathName,
  /** What is done to our tag. */
  toTag: readonly Action[] = [],
): readonly Action[] {
  const tag = snapshot.tags.byKey.get(key);
  const way = snapshot.routes.way(from, to);
  const hop = way?.[0];
  if (tag === undefined || hop === undefined) {
    throw new Error(`no tagged way ${key} from ${from} to ${to}: the snapshot is incomplete`);
  }
  const isOld = way?.some((one) => isFlat(snapshot, one.to));
  return [
    forgetIngress,
    { type: 'pushVlan', ethertype: isOld ? CUSTOMER_TAG : SERVICE_TAG },
    { type: 'setField', oxm: oxm('vlan_vid', PRESENT + tag) },
    ...toTag,
    output(hop.port),
  ];
}

function constantFlows(): readonly PhysicalFlow[] {
  const cookie = cookieOf('wiring', 0, 0);
  const { miss: priority } = priorities;
  const toTenant: Instruction = { type: 'gotoTable', table: tables.tenant };
  return [
    // What no entry names is dropped, and counted: isolation fails closed.
    { tableId: tables.classifier, priority, match: [], instructions: [], cookie },
    { tableId: tables.guard, priority, match: [], instructions: [toTenant], cookie },
    probeFlow,
    ...legacyFlows(),
  ];
}

/** A host's own port: its frames enter here, or are carried to the vport's home. */
function hostFlows(
  snapshot: Snapshot,
  vswitch: Vswitch,
  datapath: DatapathName,
): readonly PhysicalFlow[] {
  const { homes } = placementOf(snapshot, vswitch.name);
  const flows: PhysicalFlow[] = [];
  for (const [vport, attachment] of vswitch.ports) {
    const home = homes.get(vport);
    if (attachment.type !== 'host' || home === undefined) continue;
    if (attachment.at.device !== datapath) continue;
    const look = entranceLook(snapshot, vswitch, vport);
    const instructions =
      home === datapath
        ? enter(snapshot, vswitch, vport, [look])
        : apply([look, ...sendTagged(snapshot, enterKey(vswitch, vport, home), datapath, home)]);
    const match = [oxm('in_port', attachment.at.port)];
    flows.push(classifierFlow(vswitch, vport, match, instructions));
  }
  return flows;
}

/** A tagged way's entries on this datapath: pass it on, or end it. */
function wireFlows(snapshot: Snapshot, wire: Wire, datapath: DatapathName) {
  const tag = snapshot.tags.byKey.get(wire.key);
  const flows: PhysicalFlow[] = [];
  for (const { hops } of wire.ways) {
    if (tag === undefined || hops === undefined) continue;
    hops.forEach((hop, i) => {
      if (hop.to !== datapath) return;
      const next = hops[i + 1];
      const instructions =
        next === undefined ? endWire(snapshot, wire) : apply([passOn(next, hop)]);
      const flow = wireFlow(hop.toPort, tag, instructions);
      flows.push(next === undefined ? { ...flow, cookie: endCookie(wire) ?? flow.cookie } : flow);
      if (next === undefined) flows.push(...queueFlows(wire, hop.toPort, tag));
    });
  }
  return flows;
}

/** Back to where it came from, too: a datapath may send to itself by a neighbour. */
function passOn(next: Hop, came: Hop): Action {
  return output(next.port === came.toPort ? ofpp.inPort : next.port);
}

/** Frames that want a queue of the port where they leave. */
function queueFlows({ end }: Wire, port: Port, tag: Tag): readonly PhysicalFlow[] {
  if (end.type !== 'deliver') return [];
  return queueEnds(end.queues).map(({ match, first }) => {
    const flow = wireFlow(port, tag, apply([popTag, first, forgetIngress, output(end.port)]));
    return { ...flow, priority: priorities.queue, match: withField(flow.match, match) };
  });
}

const popTag: Action = { type: 'popVlan' };

/** What another body leads here is counted (hypervisor/led.ts). */
function endCookie({ end }: Wire): bigint | undefined {
  if (end.type !== 'enter' || !end.isLed) return undefined;
  return cookieOf('led', end.vswitch.id, end.vport);
}

function endWire(snapshot: Snapshot, wire: Wire): readonly Instruction[] {
  const { end } = wire;
  if (end.type === 'deliver') return apply([popTag, forgetIngress, output(end.port)]);
  return enter(snapshot, end.vswitch, end.vport, [popTag, noteTag]);
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

function wireFlow(port: Port, tag: Tag, instructions: readonly Instruction[]): PhysicalFlow {
  return {
    tableId: tables.classifier,
    priority: priorities.classify,
    match: matchOf(oxm('in_port', port), oxm('vlan_vid', PRESENT + tag)),
    instructions,
    cookie: cookieOf('wiring', 0, tag),
  };
}

function apply(actions: readonly Action[]): readonly Instruction[] {
  return actions.length === 0 ? [] : [{ type: 'applyActions', actions }];
}

function output(port: number): Action {
  return { type: 'output', port, maxLen: 0xffff };
}
