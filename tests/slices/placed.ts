/**
 * Random datapaths, cables and networks for the tests of placement, and its oracle: every way of
 * placing a network, looked at.
 */
import { pairText } from '../../slices/config/config-names.ts';
import type { DatapathConfig } from '../../slices/config/values.ts';
import type { DatapathName, Port } from '../../slices/ids.ts';
import { Routes } from '../../slices/network/routes.ts';
import { groundOf } from '../../slices/placement/configured-substrate.ts';
import {
  costOf,
  type Demand,
  type DemandEnd,
  type Edge,
  type Embedding,
  weightOf,
} from '../../slices/placement/demand.ts';
import type { Substrate } from '../../slices/placement/substrate.ts';
import type { Random } from '../openflow/random.ts';

interface Ground {
  readonly names: readonly DatapathName[];
  readonly cables: readonly (readonly [DatapathName, DatapathName, kbps: number])[];
  readonly rules: readonly number[];
}

/** Joined to a tree, and a few cables more. */
export function randomGround(random: Random, count: number, kbpsMax: number): Ground {
  const names = Array.from({ length: count }, (_, i) => `s${i + 1}` as DatapathName);
  const pairs = names.slice(1).map((name, i) => [name, names[random.number(i + 1)]]);
  const more = random.some(count, () => [random.pick(names), random.pick(names)]);
  const cables = [...pairs, ...more].flatMap(([one, other]) => {
    if (one === undefined || other === undefined || one === other) return [];
    return [[one, other, 1 + random.number(kbpsMax)] as const];
  });
  return { names, cables, rules: names.map(() => 5 + random.number(10)) };
}

export function substrateOf({ names, cables, rules }: Ground): Substrate {
  const datapaths = names.map((name, i) => ({ name, capacity: { rules: rules[i] ?? 0 } }));
  return substrateFor(datapaths, cables);
}

/** As the product makes it of a file. */
export function substrateFor(
  datapaths: readonly Pick<DatapathConfig, 'name' | 'capacity'>[],
  cables: readonly (readonly [DatapathName, DatapathName, kbps: number])[],
): Substrate {
  const links = cables.map(([one, other], i) => {
    const port = (i + 1) as Port;
    return [
      { device: one, port },
      { device: other, port },
    ] as const;
  });
  const linkBandwidths = new Map(links.map((ends, i) => [pairText(ends), cables[i]?.[2] ?? 0]));
  return groundOf({ datapaths, links, linkBandwidths }, new Routes(links)).substrate();
}

/** A tree of nodes, a few edges more, and hosts. */
export function randomDemand(random: Random, { names }: Ground, count: number): Demand {
  const nodes = Array.from({ length: count }, (_, i) => ({
    name: `v${i}`,
    reserve: { rules: 1 + random.number(7) },
    ...(random.number(8) === 0 && { offered: [random.pick(names), random.pick(names)] }),
  }));
  const edge = (one: DemandEnd, other: DemandEnd): Edge => {
    return { name: `${one}-${other}`, ends: [one, other], kbps: random.number(4) };
  };
  const tree = nodes.slice(1).map((_, i) => edge(i + 1, random.number(i + 1)));
  const hosts = random.some(count, () => edge(random.number(count), random.pick(names)));
  return { nodes, edges: [...tree, ...hosts] };
}

/**
 * The least cost of all placements, where each edge takes the shortest path with room, the widest
 * first; undefined when there is none. Branches that cost more than the best are left out.
 */
export function leastCost(ground: Ground, demand: Demand): number | undefined {
  const substrate = substrateOf(ground);
  const order = demand.edges.map((_, i) => i);
  order.sort((a, b) => (demand.edges[b]?.kbps ?? 0) - (demand.edges[a]?.kbps ?? 0) || a - b);
  const hops = new Map(ground.names.map((name) => [name, substrate.reach(name, 0)]));
  const places: DatapathName[] = [];
  let best: number | undefined;
  /** Of edges between those that are placed: no path is shorter than the shortest. */
  const bound = (): number =>
    demand.edges.reduce((sum, edge) => {
      const [from, to] = edge.ends.map((end) => (typeof end === 'number' ? places[end] : end));
      if (from === undefined || to === undefined) return sum;
      return sum + weightOf(edge) * (hops.get(from)?.distance(to) ?? Number.POSITIVE_INFINITY);
    }, 0);
  const visit = (node: number): void => {
    if (bound() >= (best ?? Number.POSITIVE_INFINITY)) return;
    const wanted = demand.nodes[node];
    if (wanted === undefined) {
      const cost = costOfPlaces(substrate, demand, order, places);
      if (cost !== undefined && cost < (best ?? Number.POSITIVE_INFINITY)) best = cost;
      return;
    }
    for (const name of wanted.offered ?? ground.names) {
      if (substrate.shortages(name, wanted.reserve).length > 0) continue;
      substrate.reserve(name, wanted.reserve);
      places.push(name);
      visit(node + 1);
      places.pop();
      substrate.reserve(name, wanted.reserve, -1);
    }
  };
  visit(0);
  return best;
}

function costOfPlaces(
  substrate: Substrate,
  demand: Demand,
  order: readonly number[],
  places: readonly DatapathName[],
): number | undefined {
  const paths = demand.edges.map((): Embedding['paths'][number] => []);
  const at = (end: DemandEnd) => (typeof end === 'number' ? places[end] : end) as DatapathName;
  let isDone = true;
  const carried: number[] = [];
  for (const i of order) {
    const edge = demand.edges[i] as Edge;
    const path = substrate.reach(at(edge.ends[0]), edge.kbps).path(at(edge.ends[1]));
    if (path === undefined) {
      isDone = false;
      break;
    }
    substrate.carry(path, edge.kbps);
    carried.push(i);
    paths[i] = path;
  }
  for (const i of carried) substrate.carry(paths[i] ?? [], demand.edges[i]?.kbps ?? 0, -1);
  return isDone ? costOf(demand, { places, paths }) : undefined;
}
