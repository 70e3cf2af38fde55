/**
 * The ways that placements ask for, each with its inputs: the sender, the path, and the backups
 * beside it (changed-ways.ts keeps them).
 */
import type { DatapathName, Vport, VswitchName } from '../ids.ts';
import { flatMapped, type Steps } from '../steps.ts';
import { isOutside } from './crossings.ts';
import { endsOf, type HostAttachment, placesOf } from './host-attachments.ts';
import { isBig } from './members.ts';
import { noWish, type Path, type Routes, type Wish } from './routes.ts';
import {
  isFlat,
  placementOf,
  type Snapshot,
  type Vswitch,
  type Wire,
  type WireRole,
} from './values.ts';
import { carriageOf, enterGoal, hostGoal, leadGoal } from './wires.ts';

/** The wires that end at this vswitch. */
export function computedWires(snapshot: Snapshot, vswitch: Vswitch): Steps<readonly Wire[]> {
  const { bodies } = placementOf(snapshot, vswitch.name);
  // From the other bodies too: any may become the primary that they lead to.
  return flatMapped(vswitch.ports.keys(), (vport) => [
    ...bodies.flatMap((body) => enterWires(snapshot, vswitch, vport, body, bodies)),
    ...deliverWires(snapshot, vswitch, vport, bodies),
  ]);
}

function enterWires(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  to: DatapathName,
  bodies: readonly DatapathName[],
): readonly Wire[] {
  const linked = sendersTo(snapshot, vswitch, vport);
  const isApart = leadGoal(snapshot, vswitch, vport, to) !== enterGoal(vswitch, vport, to);
  const senders = new Set(isApart ? linked : [...linked, ...bodies]);
  // A neighbour on the same datapath needs a wire only where frames cross outside.
  const isNeighbour = vswitch.ports.get(vport)?.type === 'link' && linked.includes(to);
  const isByLink = isFlat(snapshot, to) || isOutside(snapshot, to, vswitch, vport);
  if (!isNeighbour || !isByLink) senders.delete(to);
  const { wish = noWish } = vswitch.ports.get(vport) ?? {};
  // What one body leads to another stays in its order: it is to be counted there.
  const { spread: _, ...led } = wish;
  const waysOf = (goal: string, isLed: boolean, senders: Iterable<DatapathName>) => {
    const ends: Ends = {
      goal,
      what: `vport ${vport} of ${vswitch.name}`,
      of: { device: vswitch.name, port: vport },
      to,
      end: { type: 'enter', vswitch, vport, isLed },
    };
    const own = isLed ? led : wish;
    return waysTo(snapshot, ends, senders, own, (routes, from) => routes.wayOut(from, to, own));
  };
  // Members of a big switch lead nothing to each other: what enters goes to its home at once.
  const leads = isApart && !isBig(vswitch);
  const others = leads ? bodies.filter((one) => one !== to) : [];
  return [
    ...waysOf(enterGoal(vswitch, vport, to), false, senders),
    ...waysOf(leadGoal(snapshot, vswitch, vport, to), true, others),
  ];
}

/** The datapaths where frames for this vport come from: the host's, or the peer's bodies. */
function sendersTo(snapshot: Snapshot, vswitch: Vswitch, vport: Vport): readonly DatapathName[] {
  const attachment = vswitch.ports.get(vport);
  if (attachment === undefined) return [];
  if (vswitch.copyOf !== undefined && snapshot.placements.has(vswitch.copyOf)) {
    // Copies of what enters at the other's bodies; nobody has to reach it from its own port.
    return placementOf(snapshot, vswitch.copyOf).bodies;
  }
  if (attachment.type === 'host') return placesOf(attachment).map(({ device }) => device);
  return placementOf(snapshot, attachment.peer.device as VswitchName).bodies;
}

function deliverWires(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  bodies: readonly DatapathName[],
): readonly Wire[] {
  const attachment = vswitch.ports.get(vport);
  if (attachment?.type !== 'host') return [];
  const { at, also } = attachment;
  const ends = also?.device === at.device ? [attachment] : endsOf(attachment);
  return ends.flatMap((end) => waysToHost(snapshot, vswitch, vport, bodies, end));
}

function waysToHost(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  bodies: readonly DatapathName[],
  attachment: HostAttachment,
): readonly Wire[] {
  const to = attachment.at.device;
  const senders = bodies.filter((body) => body !== to);
  const ends: Ends = {
    goal: hostGoal(vswitch, vport, attachment),
    what: `host ${attachment.host}`,
    of: { device: vswitch.name, port: vport },
    to,
    end: {
      type: 'deliver',
      port: attachment.at.port,
      ...(attachment.also && { also: attachment.also.port }),
      vlan: attachment.vlan,
      queues: attachment.queues,
    },
  };
  const { wish } = attachment;
  return waysTo(snapshot, ends, senders, wish, (routes, from) => routes.way(from, to, wish));
}

type Ends = Pick<Wire, 'goal' | 'what' | 'of' | 'to' | 'end'>;

type PathOf = (routes: Routes, from: DatapathName) => Path | undefined;

/** Those in use, the spare ones that go elsewhere, and what is switched to next to a failure. */
function waysTo(
  snapshot: Snapshot,
  ends: Ends,
  senders: Iterable<DatapathName>,
  wish: Wish,
  pathOf: PathOf,
): readonly Wire[] {
  const { routes, spareRoutes } = snapshot;
  return [...senders].flatMap((from) => {
    const own = inUse(snapshot, ends, from, wish, routes, pathOf);
    const keys = new Set(own.map(({ key }) => key));
    const next = spareRoutes && inUse(snapshot, ends, from, wish, spareRoutes, pathOf);
    const spares = next?.filter(({ key, hops }) => hops !== undefined && !keys.has(key)) ?? [];
    const [used] = own;
    const backups = own.length === 1 && used ? withBackups(snapshot, ends, used, wish) : own;
    return [...spares.map((one): Wire => ({ ...one, role: 'spare' })), ...backups];
  });
}

/** The way in use; where flows are spread over others that carry all frames, those too. */
function inUse(
  snapshot: Snapshot,
  ends: Ends,
  from: DatapathName,
  wish: Wish,
  routes: Routes,
  pathOf: PathOf,
): readonly Wire[] {
  const path = pathOf(routes, from);
  const used = wayOf(snapshot, ends, from, path, 'used');
  if (wish.spread === undefined || path === undefined || used.carriage === 'tag') return [used];
  const { paths, isWhole } = routes.spread(path, from, ends.to, wish);
  const shared = paths
    .map((one) => wayOf(snapshot, ends, from, one, 'shared'))
    .filter(({ carriage }) => carriage === 'label');
  const isDetour = used.isDetour || !isWhole || shared.length < paths.length;
  return [{ ...used, isDetour }, ...shared];
}

/** On datapaths with groups; for frames of any kind, so not where a flat one is on the way. */
function withBackups(snapshot: Snapshot, ends: Ends, used: Wire, wish: Wish): readonly Wire[] {
  const { routes, config } = snapshot;
  const { from, to, hops, key } = used;
  const count = config.failover.backups;
  if (count === 0 || hops === undefined || used.carriage === 'tag') return [used];
  const path = { hops, text: key.slice(ends.goal.length + 1), isDetour: used.isDetour };
  const { paths, isWhole } = routes.backups(path, from, to, count, wish);
  const backups = paths
    .map((one) => wayOf(snapshot, ends, from, one, 'backup'))
    .filter(({ carriage }) => carriage === 'label');
  const isDetour = used.isDetour || !isWhole || backups.length < paths.length;
  return [{ ...used, isDetour }, ...backups];
}

function wayOf(
  snapshot: Snapshot,
  ends: Ends,
  from: DatapathName,
  path: Path | undefined,
  role: WireRole,
): Wire {
  const { hops, text, isDetour = false } = path ?? { hops: undefined, text: `${from}>` };
  const carriage = carriageOf(snapshot, from, hops);
  return { key: `${ends.goal}@${text}`, ...ends, from, hops, carriage, role, isDetour };
}
