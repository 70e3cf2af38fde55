/**
 * The greatest length of a rule's entries on a datapath of the flat encoding.
 *
 * What an output is there depends on where its vport leads now, and that changes without the rule:
 * a neighbour moves, a port is configured. So a rule is measured as if every virtual link were a
 * tagged way and every port were flooded; what fits so fits always.
 */

import { is10 } from '../../openflow/actions/actions.ts';
import { normalMatch, oxm } from '../../openflow/match/match.ts';
import { port as ofpp, type Version, version, vlan } from '../../openflow/values/constants.ts';
import type { Action, Match, OfError, Oxm } from '../../openflow/values/values.ts';
import type { DatapathName, Tag, Vport } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { endsFrom, isHostOn } from '../../slices/network/host-attachments.ts';
import type { Attachment, Vswitch } from '../../slices/network/snapshot.ts';
import { trunksOf } from '../../slices/network/trunks.ts';
import { refuseLongFlow } from '../requests/fit.ts';
import { spanningTree } from '../wiring/port-wiring.ts';
import { popQueue, queuesOf } from '../wiring/queues.ts';
import { tagging, untagging } from './actions.ts';

/** Where actions are to be. */
export interface Place {
  readonly speaks: Version;
  readonly datapath: DatapathName;
  readonly vswitch: Vswitch;
}

/** Why a rule is too long for an entry there. */
export function refuseLongEntry(
  place: Place,
  match: Match,
  actions: readonly Action[],
): OfError | undefined {
  // Most rules are a few actions of a vswitch with a few ports.
  const copies = Math.max(1, place.vswitch.ports.size);
  if (actions.length * copies * ACTIONS_PER_OUTPUT_MAX <= limits.shortActionsMax) return undefined;
  const derived = longestActions(place, actions);
  return refuseLongFlow(place.speaks, {
    tableId: 0,
    priority: 0,
    match: longestMatch(match, trunksOf(place.vswitch).length > 0),
    instructions: [{ type: 'applyActions', actions: derived }],
    cookie: 0n,
  });
}

/** What some actions are at most. */
export function longestActions(place: Place, actions: readonly Action[]): readonly Action[] {
  return actions.flatMap((action) => longestOf(place, action));
}

/** Tag on, tag changed, queue, output, queue, tag off. */
const ACTIONS_PER_OUTPUT_MAX = 6;

/** With all that an entrance may ask for besides (rules.ts). */
function longestMatch(match: Match, hasTrunks: boolean): Match {
  const inner = oxm('eth_type', 0x8100);
  const mask = hasTrunks ? vlan.present : undefined;
  const tag = oxm('vlan_vid', vlan.present, mask);
  const where = [oxm('in_port', 1), tag, inner, ...spanningTree];
  const isThere = (field: Oxm): boolean =>
    match.some((one) => one.oxmClass === field.oxmClass && one.field === field.field);
  return normalMatch([...match, ...where.filter((field) => !isThere(field))]);
}

const someTag = 1 as Tag;
const somewhere = 1;

function longestOf(place: Place, action: Action): readonly Action[] {
  const { speaks } = place;
  switch (action.type) {
    case 'output':
    case 'enqueue':
      return longestOutput(place, action.port);
    case 'setQueue':
      return [];
    case 'pushVlan':
      return [untagging(speaks), speaks === version.of10 ? { type: 'setVlanVid', vid: 0 } : action];
    case 'setVlanVid':
    case 'setVlanPcp':
    case 'stripVlan':
    case 'popVlan':
      return [untagging(speaks), action];
    default:
      // What 1.0 alone has is refused where 1.3 is spoken (rules.ts).
      return speaks === version.of13 && is10(action) ? [] : [action];
  }
}

function longestOutput(place: Place, port: number): readonly Action[] {
  const { vswitch, speaks } = place;
  const ports = [...vswitch.ports.keys()];
  switch (port) {
    case ofpp.controller:
      return [...tagging(speaks, someTag, false), toPort(somewhere)];
    case ofpp.normal:
    case ofpp.flood:
    case ofpp.all:
      return ports.flatMap((vport) => longestWay(place, vport));
    case ofpp.inPort: {
      const ways = ports.map((vport) => longestWay(place, vport));
      return ways.reduce((longest, way) => (way.length > longest.length ? way : longest), []);
    }
    default:
      return longestWay(place, port as Vport);
  }
}

/** A host that is plugged in here stays here; everything else may be behind a tag. */
function longestWay(place: Place, vport: Vport): readonly Action[] {
  const attachment = place.vswitch.ports.get(vport);
  const ends = attachment?.type === 'host' ? endsFrom(attachment, place.datapath) : [attachment];
  return ends.flatMap((end) => longestTo(place, end));
}

function longestTo(place: Place, attachment: Attachment | undefined): readonly Action[] {
  const { speaks, datapath } = place;
  const isAccess = attachment?.type === 'host' && attachment.vlan !== undefined;
  if (isAccess || !isHostOn(attachment, datapath)) {
    // Of a shared port, in place of that port's tag.
    const off = mayComeTagged(place) ? [untagging(speaks)] : [];
    return [...off, ...tagging(speaks, someTag, false), toPort(somewhere)];
  }
  if (queuesOf(attachment).size === 0) return [untagging(speaks), toPort(somewhere)];
  if (speaks === version.of10) {
    return [untagging(speaks), { type: 'enqueue', port: somewhere, queueId: 0 }];
  }
  return [untagging(speaks), { type: 'setQueue', queueId: 0 }, toPort(somewhere), popQueue];
}

/** Whether one of its hosts shares its port there with others. */
function mayComeTagged({ vswitch, datapath }: Place): boolean {
  return [...vswitch.ports.values()].some((one) => {
    return one.type === 'host' && one.vlan !== undefined && isHostOn(one, datapath);
  });
}

function toPort(port: number): Action {
  return { type: 'output', port, maxLen: 0 };
}
