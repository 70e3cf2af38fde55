/**
 * How a packet leaves a body by a vport, in the flat encoding: known when the rule is written.
 */
import type { DatapathName, Port, Tag, Vport } from '../../slices/ids.ts';
import { tagAt } from '../../slices/network/hop-tags.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { behind, wayFrom } from '../../slices/network/wires.ts';
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
  if (attachment.type === 'host' && attachment.at.device === datapath) {
    return { type: 'port', port: attachment.at.port };
  }
  const there = behind(snapshot, vswitch, vport, attachment);
  return there === undefined ? nowhere : tagged(snapshot, there.vswitch, there.goal, datapath);
}

/** The first hop of a tagged way; to itself a datapath sends by way of a neighbour. */
export function tagged(
  snapshot: Snapshot,
  vswitch: Vswitch,
  goal: string,
  from: DatapathName,
): Tagged {
  const way = wayFrom(snapshot, vswitch, goal, from);
  const hop = way?.hops?.[0];
  const tag = hop && tagAt(snapshot, way.key, hop);
  if (tag === undefined || hop === undefined) {
    throw new Error(`no tagged way from ${from} to ${goal}: the snapshot is incomplete`);
  }
  return { type: 'tagged', tag, port: hop.port };
}
