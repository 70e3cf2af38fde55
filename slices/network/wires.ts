/**
 * The ways that the placements ask for: who sends there, over which hops, what it means.
 *
 * translation/datapath/wiring.ts turns them into classifier entries, snapshot.ts gives each its
 * label, its tag, or both.
 */

import { isSameValue } from '../equality.ts';
import type { DatapathName, Vport, VswitchId, VswitchName } from '../ids.ts';
import { isOutside } from './crossings.ts';
import { endsOf, type HostAttachment, placesOf } from './host-ends.ts';
import { isBig } from './members.ts';
import { type Hop, noWish, type Path, type Routes, type Wish } from './routes.ts';
import {
  type Carriage,
  isFlat,
  placementOf,
  type Snapshot,
  type Vswitch,
  type Wire,
  type WireEnd,
  type WireRole,
} from './values.ts';

export type { Carriage, Wire, WireEnd } from './values.ts';

/** Whether they are the same in everything. */
export function sameWires(some: readonly Wire[], others: readonly Wire[]): boolean {
  return (
    some.length === others.length &&
    some.every((one, i) => {
      const other = others[i];
      return other !== undefined && sameWire(one, other);
    })
  );
}

/** A key names the vport, and says neither what that is now nor where its host is plugged in. */
function sameWireEnd(one: WireEnd, other: WireEnd): boolean {
  if (one.type === 'enter') return other.type === 'enter' && one.vswitch === other.vswitch;
  return isSameValue(one, other);
}

/** A key says where a way ends, what that means, and over which path it leads. */
function sameWire(one: Wire, other: Wire): boolean {
  return (
    one.key === other.key &&
    one.from === other.from &&
    one.carriage === other.carriage &&
    one.role === other.role &&
    one.isDetour === other.isDetour &&
    one.to === other.to &&
    sameWireEnd(one.end, other.end)
  );
}

/** The goal of ways that enter `vport` at the body on `body`. */
export function enterGoal(vswitch: Vswitch, vport: Vport, body: DatapathName): string {
  return `enter/${vswitch.id}/${vport}/${body}`;
}

/**
 * The goal of ways by which another body leads to the one on `body` what enters by `vport`. Where
 * there are several tables it is one of its own, so that what comes by it is counted apart.
 */
export function leadGoal(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  body: DatapathName,
): string {
  if (isFlat(snapshot, body)) return enterGoal(vswitch, vport, body);
  return `lead/${vswitch.id}/${vport}/${body}`;
}

/** The goal of ways from bodies to the host of `vport`. */
export function deliverGoal(
  { id }: Vswitch,
  vport: Vport,
  { isSecond }: Pick<HostAttachment, 'isSecond'> = {},
): string {
  return `deliver/${id}/${vport}${isSecond ? '/second' : ''}`;
}

/** The vswitch at whose port the way of a key, or those to a goal, end. */
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
    const used = wayOf(snapshot, ends, from, pathOf(routes, from), 'used');
    const path = spareRoutes && pathOf(spareRoutes, from);
    const spare = path && wayOf(snapshot, ends, from, path, 'spare');
    const beside = spare === undefined || spare.key === used.key ? [] : [spare];
    return [...beside, ...withBackups(snapshot, ends, used, wish)];
  });
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

/** The way in use from a datapath to a goal at one of a vswitch's ports. */
export function wayFrom(
  { wires }: Pick<Snapshot, 'wires'>,
  { name }: Vswitch,
  goal: string,
  from: DatapathName,
): Wire | undefined {
  const own = wires.get(name);
  if (own === undefined) return undefined;
  return indexOf(own).used.get(`${goal}@${from}`);
}

/** And those beside it that are switched to when its first cable fails, in their order. */
export function backupsFrom(
  { wires }: Pick<Snapshot, 'wires'>,
  { name }: Vswitch,
  goal: string,
  from: DatapathName,
): readonly Wire[] {
  const own = wires.get(name);
  return (own && indexOf(own).backups.get(`${goal}@${from}`)) ?? [];
}

/** By goal and sender. */
interface Index {
  readonly used: ReadonlyMap<string, Wire>;
  readonly backups: ReadonlyMap<string, readonly Wire[]>;
}

const indexes = new WeakMap<readonly Wire[], Index>();

function indexOf(wires: readonly Wire[]): Index {
  const known = indexes.get(wires);
  if (known !== undefined) return known;
  const keyOf = ({ goal, from }: Wire): string => `${goal}@${from}`;
  const made: Index = {
    used: new Map(wires.filter(({ role }) => role === 'used').map((one) => [keyOf(one), one])),
    backups: Map.groupBy(
      wires.filter(({ role }) => role === 'backup'),
      keyOf,
    ),
  };
  indexes.set(wires, made);
  return made;
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
      wires.push(...deliverWires(snapshot, vswitch, vport, bodies));
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
  const isApart = leadGoal(snapshot, vswitch, vport, to) !== enterGoal(vswitch, vport, to);
  const senders = new Set(isApart ? linked : [...linked, ...bodies]);
  // A neighbour on the same datapath needs a wire only where frames cross outside.
  const isNeighbour = vswitch.ports.get(vport)?.type === 'link' && linked.includes(to);
  const isByLink = isFlat(snapshot, to) || isOutside(snapshot, to, vswitch, vport);
  if (!isNeighbour || !isByLink) senders.delete(to);
  const { wish = noWish } = vswitch.ports.get(vport) ?? {};
  const waysOf = (goal: string, isLed: boolean, senders: Iterable<DatapathName>) => {
    const ends: Ends = {
      goal,
      what: `vport ${vport} of ${vswitch.name}`,
      of: { device: vswitch.name, port: vport },
      to,
      end: { type: 'enter', vswitch, vport, isLed },
    };
    return waysTo(snapshot, ends, senders, wish, (routes, from) => routes.wayOut(from, to, wish));
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
  return endsOf(attachment).flatMap((end) => waysToHost(snapshot, vswitch, vport, bodies, end));
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
    goal: deliverGoal(vswitch, vport, attachment),
    what: `host ${attachment.host}`,
    of: { device: vswitch.name, port: vport },
    to,
    end: {
      type: 'deliver',
      port: attachment.at.port,
      vlan: attachment.vlan,
      queues: attachment.queues,
    },
  };
  const { wish } = attachment;
  return waysTo(snapshot, ends, senders, wish, (routes, from) => routes.way(from, to, wish));
}
