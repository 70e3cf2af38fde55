/**
 * Datapaths and the cables between them as a graph, some of whose cables and datapaths may not be
 * used: distances, and shortest paths in a fixed order (routes.ts).
 */
import type { DatapathName, Port } from '../ids.ts';

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

export type Edges = ReadonlyMap<DatapathName, readonly Edge[]>;
type Distances = ReadonlyMap<DatapathName, number>;

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

  /** By Dijkstra, from the end. */
  #distancesTo(root: DatapathName): Distances {
    const known = this.#distances.get(root);
    if (known !== undefined) return known;
    const found = new Map<DatapathName, number>();
    const queue = new Queue();
    queue.put(0, root);
    for (let next = queue.take(); next !== undefined; next = queue.take()) {
      const { distance, datapath } = next;
      if (found.has(datapath)) continue;
      found.set(datapath, distance);
      if (datapath !== root && !this.#leadsThrough(datapath)) continue;
      for (const edge of this.#edges.get(datapath) ?? none) {
        if (!this.#isUsed(edge) || found.has(edge.hop.to)) continue;
        queue.put(distance + edge.cost, edge.hop.to);
      }
    }
    this.#distances.set(root, found);
    return found;
  }
}

interface Reached {
  readonly distance: number;
  readonly datapath: DatapathName;
}

/** A binary heap: the nearest first. */
class Queue {
  readonly #heap: Reached[] = [];

  put(distance: number, datapath: DatapathName): void {
    const heap = this.#heap;
    const one: Reached = { distance, datapath };
    let i = heap.length;
    while (i > 0) {
      const above = (i - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.distance <= distance) break;
      heap[i] = parent;
      i = above;
    }
    heap[i] = one;
  }

  take(): Reached | undefined {
    const heap = this.#heap;
    const [nearest] = heap;
    const last = heap.pop();
    if (nearest === undefined || last === undefined || heap.length === 0) return nearest;
    let i = 0;
    for (;;) {
      let below = 2 * i + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left !== undefined && right !== undefined && right.distance < left.distance) below += 1;
      const nearer = heap[below];
      if (nearer === undefined || nearer.distance >= last.distance) break;
      heap[i] = nearer;
      i = below;
    }
    heap[i] = last;
    return nearest;
  }
}

export function pathOf(edges: readonly Edge[], isDetour: boolean): Path {
  const text = edges.map(({ at, hop }) => `${at}:${hop.port}>${hop.to}:${hop.toPort}`).join(' ');
  return { hops: edges.map(({ hop }) => hop), text, isDetour };
}

export function reversed({ hops, isDetour }: Path, from: DatapathName): Path {
  const edges = hops.map((hop, i): Edge => {
    const at = hops[i - 1]?.to ?? from;
    const back = { port: hop.toPort, to: at, toPort: hop.port };
    return { at: hop.to, hop: back, cost: 0, cable: 0 };
  });
  return pathOf(edges.reverse(), isDetour);
}
