/**
 * The ways that the placements ask for: who sends there, over which hops, what it means.
 *
 * translation/wiring.ts turns them into classifier entries, snapshot.ts gives each its label, its
 * tag, or both.
 */
import type { DatapathName, Vport, VswitchId, VswitchName } from '../ids.ts';
import { isOutside } from './crossings.ts';
import type { Hop, Routes } from './routes.ts';
import {
  type Carriage,
  isFlat,
  placementOf,
  type Snapshot,
  type Vswitch,
  type Wire,
} from './values.ts';

export type { Carriage, Wire, WireEnd } from './values.ts';

/** Whether they are the same in everything. */
export function sameWires(some: readonly Wire[], others: readonly Wire[]): boolean {
  return (
    some.length === others.length &&
    some.every((one, i) => {
      const other = others[i];
      return other !== undefined && one.key === other.key && sameWays(one.ways, other.ways);
    })
  );
}

/** A key says where a way ends, and what that means. */
function sameWays(some: Wire['ways'], others: Wire['ways']): boolean {
  return (
    some.length === others.length &&
    some.every((one, i) => {
      const other = others[i];
      if (other === undefined || one.from !== other.from) return false;
      if (one.carriage !== other.carriage || one.isSpare !== other.isSpare) return false;
      return sameHops(one.hops, other.hops);
    })
  );
}

function sameHops(some: readonly Hop[] | undefined, others: readonly Hop[] | undefined): boolean {
  if (some === undefined || others === undefined) return some === others;
  return (
    some.length === others.length &&
    some.every((hop, i) => {
      const other = others[i];
      return hop.port === other?.port && hop.to === other.to && hop.toPort === other.toPort;
    })
  );
}

/** The key of the way that enters `vport` at the body on `body`. */
export function enterKey(vswitch: Vswitch, vport: Vport, body: DatapathName): string {
  return `enter/${vswitch.id}/${vport}/${body}`;
}

/**
 * The key of the way by which another body leads to the one on `body` what enters by `vport`. Where
 * there are several tables it is a way of its own, so that what comes by it is counted apart.
 */
export function leadKey(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  body: DatapathName,
): string {
  if (isFlat(snapshot, body)) return enterKey(vswitch, vport, body);
  return `lead/${vswitch.id}/${vport}/${body}`;
}

/** The key of the way from bodies to the host of `vport`. */
export function deliverKey(vswitch: Vswitch, vport: Vport): string {
  return `deliver/${vswitch.id}/${vport}`;
}

/** The vswitch at whose port the way of a key ends. */
export function endOfKey(key: string): VswitchId {
  return Number(key.split('/', 2)[1]) as VswitchId;
}

/** How frames go from a datapath over these hops. */
export function carriageOf(
  snapshot: Snapshot,
  from: DatapathName,
  hops: readonly Hop[] | undefined,
): Carriage {
  const isPlain = !isFlat(snapshot, from) && !hops?.some((hop) => isFlat(snapshot, hop.to));
  return isPlain ? 'label' : 'tag';
}

/** Those in use, and the spare ones that go elsewhere. */
function waysFrom(
  snapshot: Snapshot,
  senders: readonly DatapathName[],
  hopsOf: (routes: Routes, from: DatapathName) => readonly Hop[] | undefined,
): Wire['ways'] {
  const { routes, spareRoutes } = snapshot;
  const ways = (by: Routes, isSpare: boolean): Wire['ways'] =>
    senders.flatMap((from) => {
      const hops = hopsOf(by, from);
      if (isSpare && hops === undefined) return [];
      return [{ from, hops, carriage: carriageOf(snapshot, from, hops), isSpare }];
    });
  // Where both have an entry for the same frames, the one in use is the later, and counts.
  return [...(spareRoutes ? ways(spareRoutes, true) : []), ...ways(routes, false)];
}

/** The wires that end at these vswitches; at all, if none are named. */
export function wiresOf(
  snapshot: Snapshot,
  vswitches: Iterable<Vswitch> = snapshot.vswitches.values(),
): readonly Wire[] {
  const wires: Wire[] = [];
  for (const { name } of vswitches) wires.push(...(snapshot.wires.get(name) ?? []));
  return wires;
}

/** The same from what they follow from (changed-ways.ts keeps them). */
export function reckonedWires(snapshot: Snapshot, vswitches: Iterable<Vswitch>): readonly Wire[] {
  const wires: Wire[] = [];
  for (const vswitch of vswitches) {
    const { bodies } = placementOf(snapshot, vswitch.name);
    for (const vport of vswitch.ports.keys()) {
      for (const body of bodies) {
        // From the other bodies too: any may become the primary that they lead to.
        wires.push(...enterWires(snapshot, vswitch, vport, body, bodies));
      }
      wires.push(...deliverWire(snapshot, vswitch, vport, bodies));
    }
  }
  return wires;
}

function enterWires(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  to: DatapathName,
  bodies: readonly DatapathName[],
): readonly Wire[] {
  const linked = sendersTo(snapshot, vswitch, vport);
  const isApart = leadKey(snapshot, vswitch, vport, to) !== enterKey(vswitch, vport, to);
  const senders = new Set(isApart ? linked : [...linked, ...bodies]);
  // A neighbour on the same datapath needs a wire only where frames cross outside.
  const isNeighbour = vswitch.ports.get(vport)?.type === 'link' && linked.includes(to);
  const isByLink = isFlat(snapshot, to) || isOutside(snapshot, to, vswitch, vport);
  if (!isNeighbour || !isByLink) senders.delete(to);
  const wireOf = (key: string, isLed: boolean, senders: Iterable<DatapathName>): Wire => ({
    key,
    what: `vport ${vport} of ${vswitch.name}`,
    of: { device: vswitch.name, port: vport },
    to,
    end: { type: 'enter', vswitch, vport, isLed },
    ways: waysFrom(snapshot, [...senders], (routes, from) => routes.wayOut(from, to)),
  });
  const others = isApart ? bodies.filter((one) => one !== to) : [];
  return [
    wireOf(enterKey(vswitch, vport, to), false, senders),
    wireOf(leadKey(snapshot, vswitch, vport, to), true, others),
  ].filter((wire) => wire.ways.length > 0);
}

/** The datapaths where frames for this vport come from: the host's, or the peer's bodies. */
function sendersTo(snapshot: Snapshot, vswitch: Vswitch, vport: Vport): readonly DatapathName[] {
  const attachment = vswitch.ports.get(vport);
  if (attachment === undefined) return [];
  if (attachment.type === 'host') return [attachment.at.device];
  return placementOf(snapshot, attachment.peer.device as VswitchName).bodies;
}

function deliverWire(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  bodies: readonly DatapathName[],
): readonly Wire[] {
  const attachment = vswitch.ports.get(vport);
  if (attachment?.type !== 'host') return [];
  const to = attachment.at.device;
  const senders = bodies.filter((body) => body !== to);
  if (senders.length === 0) return [];
  return [
    {
      key: deliverKey(vswitch, vport),
      what: `host ${attachment.host}`,
      of: { device: vswitch.name, port: vport },
      to,
      end: { type: 'deliver', port: attachment.at.port, queues: attachment.queues },
      ways: waysFrom(snapshot, senders, (routes, from) => routes.way(from, to)),
    },
  ];
}
