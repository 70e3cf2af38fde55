/**
 * Datapaths and their cables as a graph, without those that may not be used: distances, and
 * shortest paths in a fixed order (routes.ts).
 */
import type { PhysicalEnd } from '../config/values.ts';
import type { DatapathName, Port } from '../ids.ts';
import { PathQueue } from './path-queue.ts';

/** One hop: leave by `port`, arrive at the datapath `to` on its port `toPort`. */
export interface Hop {
  readonly port: Port;
  readonly to: DatapathName;
  readonly toPort: Port;
}

export interface Path {
  readonly hops: readonly Hop[];
  /** Names it: where it leaves and arrives, hop by hop. */
  readonly text: string;
  /** Whether it is another than the preferred one, or none that works. */
  readonly isDetour: boolean;
}

/** One direction of a cable. */
export interface Edge {
  readonly at: DatapathName;
  readonly hop: Hop;
  readonly cost: number;
  /** The same for both directions. */
  readonly cable: number;
}

export type Links = readonly (readonly [PhysicalEnd, PhysicalEnd])[];
export type Edges = ReadonlyMap<DatapathName, readonly Edge[]>;
type Distances = ReadonlyMap<DatapathName, number>;

/** Of each datapath by its ports; a cable's number is its place in the list. */
export function edgesFor(links: Links, costOf: (ends: Links[number]) => number): Edges {
  const all = links.flatMap((ends, cable) => {
    const edge = (from: PhysicalEnd, to: PhysicalEnd): Edge => {
      const hop = { port: from.port, to: to.device, toPort: to.port };
      return { at: from.device, hop, cost: costOf(ends), cable };
    };
    return [edge(ends[0], ends[1]), edge(ends[1], ends[0])];
  });
  return Map.groupBy(
    all.sort((a, b) => a.hop.port - b.hop.port),
    ({ at }) => at,
  );
}

interface Reached {
  readonly distance: number;
  readonly datapath: DatapathName;
}

const none: readonly Edge[] = [];

export class Graph {
  readonly #edges: Edges;
  readonly #isUsed: (edge: Edge) => boolean;
  readonly #leadsThrough: (datapath: DatapathName) => boolean;
  readonly #distances = new Map<DatapathName, Distances>();

  /** Edges of a datapath are in the order in which they are preferred. */
  constructor(
    edges: Edges,
    isUsed: (edge: Edge) => boolean,
    leadsThrough: (datapath: DatapathName) => boolean,
  ) {
    this.#edges = edges;
    this.#isUsed = isUsed;
    this.#leadsThrough = leadsThrough;
  }

  /**
   * The first of the shortest paths that use none of these cables, in the order of edges; with a
   * `turn`, each datapath's edges begin with a later one. Undefined when there is none.
   */
  first(
    from: DatapathName,
    to: DatapathName,
    turn = 0,
    without: ReadonlySet<number> = new Set(),
  ): readonly Edge[] | undefined {
    const distances = this.#distancesTo(to);
    const dead = new Set<DatapathName>();
    const goesOn = (at: DatapathName): readonly Edge[] | undefined => {
      if (at === to) return [];
      const left = distances.get(at);
      const edges = this.#edges.get(at) ?? none;
      for (let i = 0; i < edges.length; i++) {
        const edge = edges[(i + turn) % edges.length];
        if (edge === undefined || left === undefined || without.has(edge.cable)) continue;
        const next = edge.hop.to;
        if (distances.get(next) !== left - edge.cost || !this.#isUsed(edge)) continue;
        if (dead.has(next) || (next !== to && !this.#leadsThrough(next))) continue;
        const rest = goesOn(next);
        if (rest !== undefined) return [edge, ...rest];
      }
      dead.add(at);
      return undefined;
    };
    return goesOn(from);
  }

  /** What the cheapest path costs; infinite when there is none. */
  distance(from: DatapathName, to: DatapathName): number {
    return this.#distancesTo(to).get(from) ?? Number.POSITIVE_INFINITY;
  }

  /** By which a path goes on that ends at `to`. */
  edgesFrom(at: DatapathName, to: DatapathName): readonly Edge[] {
    const goesOn = (next: DatapathName): boolean => next === to || this.#leadsThrough(next);
    const edges = this.#edges.get(at) ?? none;
    return edges.filter((edge) => this.#isUsed(edge) && goesOn(edge.hop.to));
  }

  /** By Dijkstra, from the end. */
  #distancesTo(root: DatapathName): Distances {
    const known = this.#distances.get(root);
    if (known !== undefined) return known;
    const found = new Map<DatapathName, number>();
    const queue = new PathQueue<Reached>();
    queue.put(0, { distance: 0, datapath: root });
    for (let next = queue.take(); next !== undefined; next = queue.take()) {
      const { distance, datapath } = next;
      if (found.has(datapath)) continue;
      found.set(datapath, distance);
      if (datapath !== root && !this.#leadsThrough(datapath)) continue;
      for (const edge of this.#edges.get(datapath) ?? none) {
        if (!this.#isUsed(edge) || found.has(edge.hop.to)) continue;
        const there = distance + edge.cost;
        queue.put(there, { distance: there, datapath: edge.hop.to });
      }
    }
    this.#distances.set(root, found);
    return found;
  }
}

export function pathOf(edges: readonly Edge[], isDetour: boolean): Path {
  const text = edges.map(({ at, hop }) => `${at}:${hop.port}>${hop.to}:${hop.toPort}`).join(' ');
  return { hops: edges.map(({ hop }) => hop), text, isDetour };
}

/** A hop, and where it begins. */
export interface Leg {
  readonly at: DatapathName;
  readonly hop: Hop;
}

export function legsOf(from: DatapathName, hops: readonly Hop[] = []): readonly Leg[] {
  return hops.map((hop, i) => ({ at: hops[i - 1]?.to ?? from, hop }));
}

export function reversed({ hops, isDetour }: Path, from: DatapathName): Path {
  const edges = legsOf(from, hops).map(({ at, hop }): Edge => {
    const back = { port: hop.toPort, to: at, toPort: hop.port };
    return { at: hop.to, hop: back, cost: 0, cable: 0 };
  });
  return pathOf(edges.reverse(), isDetour);
}
