/**
 * The actions by which a packet leaves a body by a vport, in the flat encoding: they are known when
 * the rule is written.
 */
import type { VlanRange } from '../../slices/config/values.ts';
import type { DatapathName, Port, Tag, Vport } from '../../slices/ids.ts';
import { behind } from '../../slices/network/behind.ts';
import { tagAt } from '../../slices/network/hop-tags.ts';
import { endsFrom } from '../../slices/network/host-attachments.ts';
import type { Attachment, Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { wayFrom } from '../../slices/network/wires.ts';
import { cannotTransmit } from '../wiring/port-wiring.ts';
import { accessTag } from './ingress.ts';

export type EgressActions =
  /** `only`: frames with one of these tags. */
  | { readonly type: 'port'; readonly port: Port; readonly only?: VlanRange }
  | { readonly type: 'tagged'; readonly tag: Tag; readonly port: Port }
  | { readonly type: 'nowhere' };

export type Tagged = Extract<EgressActions, { readonly type: 'tagged' }>;

const nowhere: EgressActions = { type: 'nowhere' };

/** All places where it goes, those without a tag first: two for a host that moves. */
export function egressActionsOf(
  snapshot: Snapshot,
  datapath: DatapathName,
  newest: Vswitch,
  vport: Vport,
): readonly EgressActions[] {
  // As it is in this snapshot: a datapath's entries may be of one whose ways lead there, while a
  // next one serves already, which has ways that are no entries yet.
  const vswitch = snapshot.vswitches.get(newest.name) ?? newest;
  const attachment = vswitch.ports.get(vport);
  if (attachment === undefined || cannotTransmit(snapshot, vswitch, vport)) return [];
  const ends = attachment.type === 'host' ? endsFrom(attachment, datapath) : [attachment];
  const all = ends.map((end) => egressTo(snapshot, datapath, vswitch, vport, end));
  return [...all.filter(isPort), ...all.filter((one) => !isPort(one))];
}

function isPort({ type }: EgressActions): boolean {
  return type === 'port';
}

function egressTo(
  snapshot: Snapshot,
  datapath: DatapathName,
  vswitch: Vswitch,
  vport: Vport,
  attachment: Attachment,
): EgressActions {
  if (attachment.type === 'host' && attachment.at.device === datapath) {
    const { at, vlan, vlans } = attachment;
    if (vlans !== undefined) return { type: 'port', port: at.port, only: vlans };
    if (vlan === undefined) return { type: 'port', port: at.port };
    return { type: 'tagged', tag: accessTag(vlan), port: at.port };
  }
  const there = behind(snapshot, vswitch, vport, attachment);
  if (there === undefined) return nowhere;
  const isBeside = !isAtWork(snapshot, vswitch, datapath);
  if (isBeside && wayFrom(snapshot, there.vswitch, there.goal, datapath) === undefined) {
    return nowhere;
  }
  return tagged(snapshot, there.vswitch, there.goal, datapath);
}

/**
 * Whether frames are processed by this body. One that is being left is emptied only when its
 * counters have been read, and where its neighbour moves, too, ways to that one may go before.
 */
function isAtWork(
  { placements }: Pick<Snapshot, 'placements'>,
  { name, members }: Vswitch,
  datapath: DatapathName,
): boolean {
  return placements.get(name)?.primary === datapath || members.includes(datapath);
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
