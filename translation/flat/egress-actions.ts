/**
 * How a packet leaves a body by a vport, in the flat encoding: known when the rule is written.
 */
import type { DatapathName, Port, Tag, Vport } from '../../slices/ids.ts';
import { tagAt } from '../../slices/network/hop-tags.ts';
import { placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { deliverGoal, enterGoal, wayFrom } from '../../slices/network/wires.ts';
import { cannotTransmit } from '../wiring/port-wiring.ts';

export type EgressActions =
  | { readonly type: 'port'; readonly port: Port }
  | { readonly type: 'tagged'; readonly tag: Tag; readonly port: Port }
  | { readonly type: 'nowhere' };

export type Tagged = Extract<EgressActions, { readonly type: 'tagged' }>;

const nowhere: EgressActions = { type: 'nowhere' };

export function egressActionsOf(
  snapshot: Snapshot,
  datapath: DatapathName,
  vswitch: Vswitch,
  vport: Vport,
): EgressActions {
  const attachment = vswitch.ports.get(vport);
  if (attachment === undefined || cannotTransmit(snapshot, vswitch, vport)) return nowhere;
  if (attachment.type === 'host') {
    const { device, port } = attachment.at;
    if (device === datapath) return { type: 'port', port };
    return known(snapshot, vswitch, deliverGoal(vswitch, vport), datapath) ?? nowhere;
  }
  const { device, port } = attachment.peer;
  const peer = snapshot.vswitches.get(device);
  const home = placementOf(snapshot, device).homes.get(port);
  if (peer === undefined || home === undefined) return nowhere;
  return known(snapshot, peer, enterGoal(peer, port, home), datapath) ?? nowhere;
}

/**
 * The first hop of a tagged way; to itself a datapath sends by way of a neighbour. Undefined while
 * the datapath is between two snapshots, and has its ways of the next one not yet: when it has, its
 * rules are made anew (datapath.ts), and until then it sends nothing there.
 */
function known(
  snapshot: Snapshot,
  vswitch: Vswitch,
  goal: string,
  from: DatapathName,
): Tagged | undefined {
  const way = wayFrom(snapshot, vswitch, goal, from);
  const hop = way?.hops?.[0];
  const tag = hop && tagAt(snapshot, way.key, hop);
  return tag === undefined || hop === undefined
    ? undefined
    : { type: 'tagged', tag, port: hop.port };
}

/** The same, of a way that must be there. */
export function tagged(
  snapshot: Snapshot,
  vswitch: Vswitch,
  goal: string,
  from: DatapathName,
): Tagged {
  const found = known(snapshot, vswitch, goal, from);
  if (found === undefined) {
    throw new Error(`no tagged way from ${from} to ${goal}: the snapshot is incomplete`);
  }
  return found;
}
