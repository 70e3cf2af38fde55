/**
 * Paths that have no cable in common: as many as exist, and the cheapest in sum, which may not
 * include the shortest path (Suurballe 1974; Bhandari 1999). Each is a cheapest path that may use
 * cables of earlier ones in the other direction: a cable that both would use, neither uses in the
 * end.
 */
import type { DatapathName } from '../ids.ts';
import type { Edge, Edges } from './graph.ts';

/** Which edges there are, and which datapaths paths may lead through. */
export interface Ground {
  readonly edges: Edges;
  isUsed(edge: Edge): boolean;
  leadsThrough(datapath: DatapathName): boolean;
}

/** How an edge is named in a direction of its cable. */
interface Arc {
  readonly edge: Edge;
  readonly weight: number;
}

/**
 * A cable's share in the choice between sets of paths that cost the same: so the choice is one and
 * the same whatever else has failed. Those of a thousand cables are less than any cost.
 */
const COST = 2 ** 26;
const shareOf = (cable: number): number => Math.imul(cable + 1, 0x9e3779b1) >>> 16;

/** At most `count`, the cheapest first. */
export function disjointPaths(
  ground: Ground,
  from: DatapathName,
  to: DatapathName,
  count: number,
): readonly (readonly Edge[])[] {
  /** By cable, in which direction it is used. */
  const flow = new Map<number, Edge>();
  for (let i = 0; i < count; i++) {
    const path = cheapest(ground, flow, from, to);
    if (path === undefined) break;
    for (const edge of path) {
      if (flow.has(edge.cable)) flow.delete(edge.cable);
      else flow.set(edge.cable, edge);
    }
  }
  return pathsIn(flow, from, to).sort((one, other) => weightOf(one) - weightOf(other));
}

function weightOf(path: readonly Edge[]): number {
  return path.reduce((sum, edge) => sum + weightIn(edge), 0);
}

function weightIn({ cost, cable }: Edge): number {
  return cost * COST + shareOf(cable);
}

/** By Bellman and Ford, since what is taken back counts less than nothing. */
function cheapest(
  ground: Ground,
  flow: ReadonlyMap<number, Edge>,
  from: DatapathName,
  to: DatapathName,
): readonly Edge[] | undefined {
  const reached = new Map<DatapathName, { readonly weight: number; readonly by?: Edge }>();
  reached.set(from, { weight: 0 });
  const waiting = new Set<DatapathName>([from]);
  for (const at of waiting) {
    waiting.delete(at);
    const { weight = 0 } = reached.get(at) ?? {};
    for (const { edge, weight: more } of arcsFrom(ground, flow, at)) {
      const next = edge.hop.to;
      if (next === from || (next !== to && !ground.leadsThrough(next))) continue;
      const known = reached.get(next);
      if (known !== undefined && known.weight <= weight + more) continue;
      reached.set(next, { weight: weight + more, by: edge });
      if (next !== to) waiting.add(next);
    }
  }
  const path: Edge[] = [];
  for (let at = to; at !== from; ) {
    const by = reached.get(at)?.by;
    if (by === undefined) return undefined;
    path.push(by);
    at = by.at;
  }
  return path.reverse();
}

/** A cable that a path uses leads back only. */
function arcsFrom(
  { edges, isUsed }: Ground,
  flow: ReadonlyMap<number, Edge>,
  at: DatapathName,
): readonly Arc[] {
  return (edges.get(at) ?? []).flatMap((edge): readonly Arc[] => {
    if (edge.hop.to === at || !isUsed(edge)) return [];
    const used = flow.get(edge.cable);
    if (used === undefined) return [{ edge, weight: weightIn(edge) }];
    return used.at === at ? [] : [{ edge, weight: -weightIn(edge) }];
  });
}

/** No path meets a datapath twice: there is no way around that costs less than nothing. */
function pathsIn(
  flow: ReadonlyMap<number, Edge>,
  from: DatapathName,
  to: DatapathName,
): (readonly Edge[])[] {
  const left = Map.groupBy(flow.values(), ({ at }) => at);
  const next = (at: DatapathName): Edge | undefined => left.get(at)?.shift();
  const paths: (readonly Edge[])[] = [];
  for (let first = next(from); first !== undefined; first = next(from)) {
    const path = [first];
    for (let at = first.hop.to; at !== to; ) {
      const edge = next(at);
      if (edge === undefined) throw new Error(`a path from ${from} to ${to} ends at ${at}`);
      path.push(edge);
      at = edge.hop.to;
    }
    paths.push(path);
  }
  return paths;
}
