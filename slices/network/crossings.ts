/**
 * Crossings of frames from a vswitch to a neighbour on the same datapath.
 *
 *   inside    the datapath takes the frame up anew, as if it had come in just now
 *   outside   the frame goes out by a link, and comes back by it
 *
 * In either case each vswitch has a pass through the tables to itself, as a switch of its own has:
 * how deep a tenant's rules and groups may go, and what an error among them ends, is the same
 * whoever its neighbours are. A datapath takes a frame up anew only so many times, and then drops
 * it (limits.ts), so rows of vswitches that are longer are cut, and the links between the pieces
 * lead outside. A loop inside ends by itself after as many rounds; frames that a tenant sends round
 * for ever are nobody else's affair.
 */
import type { VirtualEnd } from '../config/config.ts';
import type { DatapathName, Vport, VswitchName } from '../ids.ts';
import { limits } from '../limits.ts';
import { type Steps, withEach } from '../steps.ts';
import {
  type Infeasible,
  isFlat,
  type Outside,
  placementOf,
  type Snapshot,
  type Vswitch,
} from './values.ts';

/** A virtual link with both ends on one datapath. */
interface Crossing {
  readonly key: string;
  /** One end of the cable. */
  readonly vport: VirtualEnd;
  readonly ends: readonly [VswitchName, VswitchName];
}

/** Vswitches that frames go between inside, and the crossings among them. */
interface Cluster {
  readonly vswitches: Set<VswitchName>;
}

/** Whether frames that leave by this vport for a neighbour on `datapath` go outside. */
export function isOutside(
  snapshot: Pick<Snapshot, 'outside' | 'vswitches'>,
  datapath: DatapathName,
  vswitch: Vswitch,
  vport: Vport,
): boolean {
  if (snapshot.outside.size === 0) return false;
  return snapshot.outside.has(crossingKey(snapshot, datapath, vswitch, vport));
}

/**
 * Which crossings lead outside; or why frames cannot cross at all, and by which cables. Only those
 * of some vswitches on some datapaths, if that is said: with a vswitch go all of its tenant.
 */
export function* outsideOf(
  snapshot: Snapshot,
  vswitches: Iterable<Vswitch> = snapshot.vswitches.values(),
  datapaths?: ReadonlySet<DatapathName>,
): Steps<Outside | Infeasible> {
  const outside = new Map<string, Crossing['ends']>();
  for (const [datapath, crossings] of yield* crossingsOf(snapshot, vswitches, datapaths)) {
    yield;
    const hasWayOut = snapshot.routes.wayOut(datapath, datapath) !== undefined;
    const hopsMax = hasWayOut ? limits.insideHopsMax : limits.insideHopsAloneMax;
    for (const joined of componentsOf(crossings)) {
      const long = cut(joined, hopsMax);
      if (long.length > 0 && !hasWayOut) {
        const why = tooLong(datapath, joined, hopsMax);
        return { why, lacking: long.map(({ vport }) => ({ vport, why })) };
      }
      for (const { key, ends } of long) outside.set(key, ends);
    }
  }
  return outside;
}

function tooLong(on: DatapathName, joined: readonly Crossing[], hopsMax: number): string {
  const names = new Set(joined.flatMap(({ ends }) => ends));
  const some = [...names].slice(0, 3).join(', ');
  return (
    `${names.size} vswitches that are linked to each other (${some}...) are on ${on}, some of ` +
    `them more than ${hopsMax} virtual links apart; ${on} carries no more by itself. Add to ` +
    `"links" a cable from ${on} to another datapath, or from ${on} to itself (a veth pair ` +
    'between two of its ports), or place some of them elsewhere'
  );
}

/** By datapath: where frames meet tables only once, every crossing is outside (flat/). */
function* crossingsOf(
  snapshot: Snapshot,
  vswitches: Iterable<Vswitch>,
  datapaths: ReadonlySet<DatapathName> | undefined,
): Steps<ReadonlyMap<DatapathName, readonly Crossing[]>> {
  const found = new Map<DatapathName, Map<string, Crossing>>();
  yield* withEach(vswitches, (vswitch) => {
    const { bodies } = placementOf(snapshot, vswitch.name);
    for (const [vport, attachment] of vswitch.ports) {
      if (attachment.type !== 'link') continue;
      const { device, port } = attachment.peer;
      const home = snapshot.placements.get(device)?.homes.get(port);
      if (home === undefined || !bodies.includes(home) || isFlat(snapshot, home)) continue;
      if (datapaths?.has(home) === false) continue;
      const there = found.get(home) ?? new Map<string, Crossing>();
      found.set(home, there);
      const key = crossingKey(snapshot, home, vswitch, vport);
      there.set(key, { key, vport: attachment.peer, ends: [vswitch.name, device] });
    }
  });
  return new Map([...found].map(([datapath, crossings]) => [datapath, [...crossings.values()]]));
}

/** The keys of these crossings, wherever their frames go. */
export function* crossingKeysOf(
  snapshot: Snapshot,
  vswitches: Iterable<Vswitch>,
  datapaths: ReadonlySet<DatapathName>,
): Steps<readonly string[]> {
  const all = [...(yield* crossingsOf(snapshot, vswitches, datapaths)).values()];
  return all.flatMap((crossings) => crossings.map(({ key }) => key));
}

/** The same for both ends of a virtual link. */
function crossingKey(
  { vswitches }: Pick<Snapshot, 'vswitches'>,
  datapath: DatapathName,
  { id, ports }: Vswitch,
  vport: Vport,
): string {
  const attachment = ports.get(vport);
  const peer = attachment?.type === 'link' ? attachment.peer : undefined;
  const own = { id: id as number, port: vport as number };
  const other = { id: (peer && vswitches.get(peer.device)?.id) ?? 0, port: peer?.port ?? 0 };
  const isFirst = own.id < other.id || (own.id === other.id && own.port < other.port);
  const end = isFirst ? own : other;
  return `${datapath}/${end.id}/${end.port}`;
}

/** Crossings that share vswitches, together. */
function componentsOf(crossings: readonly Crossing[]): readonly (readonly Crossing[])[] {
  const clusters = joinedBy(crossings, Number.POSITIVE_INFINITY);
  const components = new Map<Cluster, Crossing[]>();
  for (const crossing of crossings) {
    const cluster = clusters.get(crossing.ends[0]);
    if (cluster === undefined) continue;
    const list = components.get(cluster) ?? [];
    components.set(cluster, list);
    list.push(crossing);
  }
  return [...components.values()];
}

/** The crossings that have to go outside, so that no way inside has more than `hopsMax` of them. */
function cut(crossings: readonly Crossing[], hopsMax: number): readonly Crossing[] {
  if (!hasLongWay(crossings, hopsMax)) return [];
  const clusters = joinedBy(crossings, hopsMax + 1);
  return crossings.filter(({ ends: [one, other] }) => clusters.get(one) !== clusters.get(other));
}

/** Clusters of at most so many vswitches, joined in the order of the crossings. */
function joinedBy(
  crossings: readonly Crossing[],
  sizeMax: number,
): ReadonlyMap<VswitchName, Cluster> {
  const clusters = new Map<VswitchName, Cluster>();
  const of = (name: VswitchName): Cluster => {
    const known = clusters.get(name) ?? { vswitches: new Set([name]) };
    clusters.set(name, known);
    return known;
  };
  for (const { ends } of crossings) {
    const [one, other] = [of(ends[0]), of(ends[1])];
    if (one === other || one.vswitches.size + other.vswitches.size > sizeMax) continue;
    const [large, small] = one.vswitches.size < other.vswitches.size ? [other, one] : [one, other];
    for (const name of small.vswitches) {
      large.vswitches.add(name);
      clusters.set(name, large);
    }
  }
  return clusters;
}

/** Whether some way that meets no vswitch twice has more than `hopsMax` crossings. */
function hasLongWay(crossings: readonly Crossing[], hopsMax: number): boolean {
  const neighbours = new Map<VswitchName, Set<VswitchName>>();
  for (const { ends } of crossings) {
    for (const [from, to] of [ends, [ends[1], ends[0]] as const]) {
      const list = neighbours.get(from) ?? new Set();
      neighbours.set(from, list.add(to));
    }
  }
  if (neighbours.size <= hopsMax + 1) return false;
  let steps = 0;
  const met = new Set<VswitchName>();
  const goesOn = (at: VswitchName, hops: number): boolean => {
    steps += 1;
    // Where it takes long to tell, there are many ways: one will be long enough.
    if (hops > hopsMax || steps > limits.crossingStepsMax) return true;
    met.add(at);
    const isLong = [...(neighbours.get(at) ?? [])].some(
      (next) => !met.has(next) && goesOn(next, hops + 1),
    );
    met.delete(at);
    return isLong;
  };
  return [...neighbours.keys()].some((start) => goesOn(start, 0));
}
