/**
 * The physical ports that must be up for a vport to be up: every one that its cable, or its virtual
 * cable, runs over from where the vswitch lives (LIME 2: a virtual link is a path of physical
 * links).
 *
 * Computed from homes, where packets are processed, and not from bodies: a clone that carries
 * nothing yet, or nothing any more, is nothing that a tenant should hear of.
 */
import type { PhysicalEnd } from '../config/config.ts';
import type { DatapathName, Vport } from '../ids.ts';
import { legsOf } from './graph.ts';
import { type HostAttachment, endsOf as hostEnds } from './host-attachments.ts';
import { type Attachment, placementOf, type Snapshot, type Vswitch, type Wire } from './values.ts';
import { enterGoal, hostGoal, wayFrom } from './wires.ts';

export interface RequiredPort extends PhysicalEnd {
  /** Of a datapath that frames only pass. */
  readonly isTransit: boolean;
}

/** All of them, for each of the places of one that moves. */
export function requiredPortsOf(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
): readonly RequiredPort[] {
  return requiredPorts(snapshot, vswitch, vport).flat();
}

/** A host that moves has two places: it is enough that all is up for one of them. */
export function requiredPorts(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
): readonly (readonly RequiredPort[])[] {
  const attachment = vswitch.ports.get(vport);
  if (attachment?.type === 'host') {
    return hostEnds(attachment).map((end) => requiredByHost(snapshot, vswitch, vport, end));
  }
  return [requiredByLink(snapshot, vswitch, vport, attachment)];
}

function requiredByHost(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  host: HostAttachment,
): readonly RequiredPort[] {
  const { homes } = placementOf(snapshot, vswitch.name);
  const { at } = host;
  const elsewhere = distinct(homes).filter((home) => home !== at.device);
  const ways = elsewhere.flatMap((home) => [
    ...endsOf(wayFrom(snapshot, vswitch, hostGoal(vswitch, vport, host), home)),
    ...endsOf(wayFrom(snapshot, vswitch, enterGoal(vswitch, vport, home), at.device)),
  ]);
  return [{ ...at, isTransit: false }, ...ways];
}

function requiredByLink(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  attachment: Exclude<Attachment, HostAttachment> | undefined,
): readonly RequiredPort[] {
  if (attachment === undefined) return [];
  const { homes } = placementOf(snapshot, vswitch.name);
  const peer = snapshot.vswitches.get(attachment.peer.device);
  if (peer === undefined) return [];
  const theirs = placementOf(snapshot, peer.name).homes;
  return [
    ...endsToHome(snapshot, homes, { vswitch: peer, vport: attachment.peer.port }, theirs),
    ...endsToHome(snapshot, theirs, { vswitch, vport }, homes),
  ];
}

type Homes = ReadonlyMap<Vport, DatapathName>;

/** From wherever a vswitch processes packets to the home of the peer's vport; inside: nothing. */
function endsToHome(
  snapshot: Snapshot,
  from: Homes,
  { vswitch, vport }: { readonly vswitch: Vswitch; readonly vport: Vport },
  homes: Homes,
): readonly RequiredPort[] {
  const to = homes.get(vport);
  if (to === undefined) return [];
  const goal = enterGoal(vswitch, vport, to);
  return distinct(from).flatMap((home) => endsOf(wayFrom(snapshot, vswitch, goal, home)));
}

/** Asked for each of the vports of a placement: remembered. */
const known = new WeakMap<Homes, readonly DatapathName[]>();

function distinct(homes: Homes): readonly DatapathName[] {
  const found = known.get(homes);
  if (found !== undefined) return found;
  const names = [...new Set(homes.values())];
  known.set(homes, names);
  return names;
}

function endsOf(way: Wire | undefined): readonly RequiredPort[] {
  if (way === undefined) return [];
  const legs = legsOf(way.from, way.hops);
  return legs.flatMap(({ at, hop }, i) => [
    { device: at, port: hop.port, isTransit: i > 0 },
    { device: hop.to, port: hop.toPort, isTransit: i < legs.length - 1 },
  ]);
}
