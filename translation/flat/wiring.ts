/**
 * The entries of a flat datapath besides tenants' rules: for frames that pass through, end here, or
 * belong to a vswitch that lives elsewhere; for those that miss every rule; and for those of
 * nobody.
 */

import { matchOf, oxm, withField } from '../../openflow/match/match.ts';
import {
  flowCommand,
  port as ofpp,
  type Version,
  version,
  vlan,
} from '../../openflow/values/constants.ts';
import type { Action, FlowMod, Instruction, Match } from '../../openflow/values/values.ts';
import type { Port } from '../../slices/ids.ts';
import { tagAt } from '../../slices/network/hop-tags.ts';
import { endsOn } from '../../slices/network/host-attachments.ts';
import { placementOf, type Vswitch } from '../../slices/network/snapshot.ts';
import { enterGoal, type Wire, wiresOf } from '../../slices/network/wires.ts';
import { addFlow, type PhysicalFlow } from '../entries/physical-tables.ts';
import { cookieOf } from '../entries/pipeline.ts';
import { spanningTree, takenAt } from '../wiring/port-wiring.ts';
import { namedWay, retagging } from '../wiring/ways.ts';
import { tagging, untagging } from './actions.ts';
import { tagged } from './egress-actions.ts';
import { accessTag, type Entrance, entering, entrancesOf, hostEntrances } from './ingress.ts';
import { levels } from './priority-map.ts';
import { matchAt, type Site } from './rules.ts';
import { onlyOf } from './tenant-tags.ts';

/** Below which nothing of a tenant's is: any level does for what meets no rule. */
const WIRE_LEVEL = levels.highest;
const toController: Action = { type: 'output', port: ofpp.controller, maxLen: 0xffff };

/** The wiring of these vswitches, and of the ways through this datapath that end at them. */
export function flatWiring(site: Site, vswitches: readonly Vswitch[]): readonly PhysicalFlow[] {
  const { snapshot, datapath } = site;
  const entrances = [...entrancesOf(snapshot, datapath, vswitches).values()];
  return [
    ...entrances.flatMap((one) => entranceFlows(site, one)),
    ...vswitches.flatMap((vswitch) => carryFlows(site, vswitch)),
    ...wiresOf(snapshot, vswitches).flatMap((wire) => wireFlows(site, wire)),
  ];
}

/** What no entry names is dropped, and counted: isolation fails closed. */
export const dropFlow: PhysicalFlow = {
  tableId: 0,
  priority: levels.drop,
  match: [],
  instructions: [],
  cookie: cookieOf('wiring', 0, 0),
};

/** What the vport does not take; and what misses every rule, while somebody wants to hear it. */
function entranceFlows(site: Site, entrance: Entrance): readonly PhysicalFlow[] {
  const { vswitch, vport } = entrance;
  const flows: PhysicalFlow[] = [];
  const missing = matchAt(site, entrance, []);
  if (missing !== undefined && site.snapshot.missesUp.has(vswitch.name)) {
    const cookie = cookieOf('miss', vswitch.id, 0);
    flows.push(flow(levels.miss, missing, [toController], cookie));
  }
  flows.push(...innerTags(entrance));
  if (entrance.tag === undefined) {
    const cookie = cookieOf('wiring', vswitch.id, vport);
    flows.push(flow(levels.noProbe, entering(entrance), [], cookie));
  }
  if (takenAt(site.snapshot, vswitch, vport) === 'allElse') {
    const match = spanningTree.reduce(withField, entering(entrance));
    flows.push(flow(levels.closed, match, [], cookieOf('wiring', vswitch.id, vport)));
  }
  return flows;
}

/** By a shared port no frame enters that has another tag inside: no rule could know that one. */
function innerTags(entrance: Entrance): readonly PhysicalFlow[] {
  if (entrance.isAccess === undefined) return [];
  const cookie = cookieOf('wiring', entrance.vswitch.id, entrance.vport);
  return onlyOf('stacked', entering(entrance)).map((match) => {
    return flow(levels.inner, match, [], cookie);
  });
}

/** A host's own port, when the vswitch processes its frames elsewhere. */
function carryFlows(site: Site, vswitch: Vswitch): readonly PhysicalFlow[] {
  const { snapshot, datapath } = site;
  const { homes, bodies } = placementOf(snapshot, vswitch.name);
  const isBodyThere = bodies.includes(datapath);
  return [...vswitch.ports].flatMap(([vport, attachment]) => {
    const home = homes.get(vport);
    if (attachment.type !== 'host') return [];
    if (home === undefined || home === datapath) return [];
    const ends = endsOn(attachment, datapath);
    const ways = ends.flatMap((end) => hostEntrances(snapshot, datapath, vswitch, vport, end));
    return ways.flatMap((entrance) => {
      // Such frames are processed where they enter (slices/network/shared-ports.ts).
      if (entrance.trunk !== undefined) return [];
      const actions = sendTagged(site, enterGoal(vswitch, vport, home), entrance);
      const own = entering(entrance);
      const match = entrance.isAccess ? own : withField(own, oxm('vlan_vid', vlan.none));
      const cookie = cookieOf('wiring', vswitch.id, vport);
      const carry = { ...flow(levels.carry, match, actions, cookie), steers: true };
      return [carry, ...(isBodyThere ? [] : innerTags(entrance))];
    });
  });
}

/** Leads a frame, as it entered, along the way to a goal at a port of its vswitch. */
export function sendTagged(
  { snapshot, datapath, speaks }: Site,
  goal: string,
  { vswitch, inPort, tag, isAccess }: Entrance,
): readonly Action[] {
  const way = tagged(snapshot, vswitch, goal, datapath);
  // The priority bits of a host's tag stay outside: in ours they are a mark (packet-in-mark.ts).
  const off = isAccess ? [untagging(speaks)] : [];
  const on = tagging(speaks, way.tag, tag !== undefined && !isAccess);
  return [...off, ...on, output(way.port, inPort)];
}

/** A tagged way's entries on this datapath: pass it on, or give it to a host. */
function wireFlows({ snapshot, datapath, speaks }: Site, wire: Wire): readonly PhysicalFlow[] {
  const { key, end, hops = [], carriage } = wire;
  const name = namedWay(snapshot, wire);
  const flows: PhysicalFlow[] = [];
  if (name === undefined || carriage !== 'tag') return [];
  for (const [i, hop] of hops.entries()) {
    const tag = tagAt(snapshot, key, hop);
    if (hop.to !== datapath || tag === undefined) continue;
    const match = matchOf(oxm('in_port', hop.toPort), oxm('vlan_vid', vlan.present | tag));
    const next = hops[i + 1];
    if (next !== undefined) {
      const swap = retagging(snapshot, key, hop, next).flatMap((to) => tagging(speaks, to, true));
      const actions = [...swap, output(next.port, hop.toPort)];
      flows.push(flow(WIRE_LEVEL, match, actions, name.cookie));
    } else if (end.type === 'deliver') {
      const ports = end.also === undefined ? [end.port] : [end.port, end.also];
      const own =
        end.vlan === undefined ? [untagging(speaks)] : tagging(speaks, accessTag(end.vlan), true);
      const actions = [...own, ...ports.map((one) => output(one, hop.toPort))];
      flows.push(flow(WIRE_LEVEL, match, actions, name.cookie));
    }
  }
  return flows;
}

/** To the port where a frame came in a switch sends only by another name. */
function output(port: Port, inPort: Port | undefined): Action {
  return { type: 'output', port: port === inPort ? ofpp.inPort : port, maxLen: 0xffff };
}

function flow(
  priority: number,
  match: Match,
  actions: readonly Action[],
  cookie: bigint,
): PhysicalFlow {
  const instructions: readonly Instruction[] =
    actions.length === 0 ? [] : [{ type: 'applyActions', actions }];
  return { tableId: 0, priority, match, instructions, cookie };
}

/**
 * Adds the entry, or replaces the one that is there. Its counters go on unless it `resets`: in
 * OpenFlow 1.0 only a modify keeps them, and adds what is not there (OF1.0.1 section 4.6).
 */
export function putFlow(entry: PhysicalFlow, speaks: Version, resets: boolean): FlowMod {
  const add = addFlow(entry, speaks !== version.of10 && resets);
  if (speaks !== version.of10 || resets) return add;
  return { ...add, command: flowCommand.modifyStrict };
}
