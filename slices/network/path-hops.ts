/**
 * Paths that a person chose: over some cables, or through some datapaths (`via`).
 *
 * The latter is the cheapest that leads through them in their order and meets none twice.
 * The cheapest parts strung together may meet a datapath twice where a longer part would not. So
 * whole paths are looked for, the most promising first: what a path has cost, and what the rest
 * costs at least. What is found first is the cheapest; of equal ones, that by the lower ports.
 */
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Edge, Graph } from './graph.ts';
import { PathQueue } from './path-queue.ts';

/** A path as far as it is known. */
interface Begun {
  readonly at: DatapathName;
  /** Which of the stops comes next. */
  readonly stop: number;
  readonly cost: number;
  /** The last hop, and what was before it; absent where it begins. */
  readonly edge?: Edge;
  readonly before?: Begun;
}

/** `via`: what it leads through between its ends, in this order. Undefined: there is none. */
export function pathThrough(
  graph: Graph,
  from: DatapathName,
  to: DatapathName,
  via: readonly DatapathName[],
  without: ReadonlySet<number> = new Set(),
): readonly Edge[] | undefined {
  const stops = [...via.filter((one) => one !== from && one !== to), to];
  const tails = tailsOf(graph, stops);
  const rest = ({ at, stop }: Begun): number => {
    const next = stops[stop];
    return next === undefined ? 0 : graph.distance(at, next) + (tails[stop] ?? 0);
  };
  const begun = new PathQueue<Begun>();
  const put = (one: Begun): void => {
    const least = one.cost + rest(one);
    if (least < Number.POSITIVE_INFINITY) begun.put(least, one);
  };
  put({ at: from, stop: 0, cost: 0 });
  for (let steps = 0; steps < limits.viaStepsMax; steps++) {
    const one = begun.take();
    if (one === undefined) return undefined;
    if (one.stop === stops.length) return edgesOf(one);
    for (const edge of graph.edgesFrom(one.at, to)) {
      const next = edge.hop.to;
      if (without.has(edge.cable) || next === from || isMet(one, next)) continue;
      const isStop = next === stops[one.stop];
      // A stop that is passed before its turn could not be met again.
      if (!isStop && stops.includes(next, one.stop)) continue;
      const cost = one.cost + edge.cost;
      put({ at: next, stop: isStop ? one.stop + 1 : one.stop, cost, edge, before: one });
    }
  }
  return undefined;
}

/** What it costs at least from each stop to the end. */
function tailsOf(graph: Graph, stops: readonly DatapathName[]): readonly number[] {
  const tails = stops.map(() => 0);
  for (let i = stops.length - 2; i >= 0; i--) {
    const [stop, next] = [stops[i], stops[i + 1]];
    if (stop === undefined || next === undefined) continue;
    tails[i] = graph.distance(stop, next) + (tails[i + 1] ?? 0);
  }
  return tails;
}

function isMet(path: Begun, datapath: DatapathName): boolean {
  for (let one: Begun | undefined = path; one !== undefined; one = one.before) {
    if (one.at === datapath) return true;
  }
  return false;
}

function edgesOf(path: Begun): readonly Edge[] {
  const edges: Edge[] = [];
  for (let one: Begun | undefined = path; one !== undefined; one = one.before) {
    if (one.edge !== undefined) edges.push(one.edge);
  }
  return edges.reverse();
}

/** The path over these cables, in this order or the other; undefined: they do not lead there. */
export function pathAlong(
  graph: Graph,
  from: DatapathName,
  to: DatapathName,
  cables: readonly number[],
): readonly Edge[] | undefined {
  for (const row of [cables, cables.toReversed()]) {
    const edges: Edge[] = [];
    let at = from;
    for (const cable of row) {
      const edge = graph.edgesFrom(at, to).find((one) => one.cable === cable);
      if (edge === undefined) break;
      edges.push(edge);
      at = edge.hop.to;
    }
    if (edges.length === cables.length && at === to) return edges;
  }
  return undefined;
}
