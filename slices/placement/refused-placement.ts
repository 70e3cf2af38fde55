/**
 * The reason why a network has no room, and the nearest thing that would fit, which tells a person
 * what to do.
 */
import type { Amounts } from '../config/reservations.ts';
import type { Demand, Node } from './demand.ts';
import { place, release } from './search.ts';
import type { Shortage, Substrate } from './substrate.ts';

/** Of one that `place` has refused. */
export function whyUnplaced(substrate: Substrate, demand: Demand): string {
  const alone = demand.nodes.flatMap((node) => whyNowhere(substrate, node) ?? []);
  if (alone[0] !== undefined) return alone[0];
  const narrow = scaled(demand, 1, 0);
  if (fits(substrate, narrow)) {
    const percent = most((one) => fits(substrate, scaled(demand, 1, one / 100)));
    const why = 'there is no place from which the cables have the bandwidth that it asks for';
    return `${why}; it would fit with ${percent} % of it, or with more "bandwidth" in "links"`;
  }
  const small = scaled(demand, 0, 0);
  if (!fits(substrate, small)) {
    return 'no cables join the datapaths that its vswitches and hosts could be on; add links';
  }
  const percent = most((one) => fits(substrate, scaled(demand, one / 100, 0)));
  const sums = sumText(substrate, demand);
  const why = `there is not room for all that its vswitches reserve together${sums}`;
  const hint = 'it would fit with';
  if (percent > 0) return `${why}; ${hint} ${percent} % of it, or with more "capacity"`;
  return `${why}; ${hint} fewer vswitches, or more datapaths`;
}

/** One that has room on no datapath, and where it comes nearest. */
function whyNowhere(
  substrate: Substrate,
  { name, reserve, offered = substrate.names }: Node,
): string | undefined {
  let nearest: { readonly on: string; readonly short: readonly Shortage[] } | undefined;
  const lack = (short: readonly Shortage[]): number =>
    short.reduce((sum, { wanted, left }) => sum + (wanted - left) / wanted, 0);
  for (const on of offered) {
    const short = substrate.shortages(on, reserve);
    if (short.length === 0) return undefined;
    if (nearest === undefined || lack(short) < lack(nearest.short)) nearest = { on, short };
  }
  if (nearest === undefined) return `there is no datapath for ${name}; add one to "datapaths"`;
  const texts = nearest.short.map(
    ({ what, wanted, left }) => `${wanted} ${what}: ${left} are left`,
  );
  const why = `no datapath has what ${name} reserves (${texts.join(', ')} on ${nearest.on}`;
  return `${why}, which comes nearest); reserve that, or raise the "capacity" of a datapath`;
}

function fits(substrate: Substrate, demand: Demand): boolean {
  const embedding = place(substrate, demand);
  if (embedding !== undefined) release(substrate, demand, embedding);
  return embedding !== undefined;
}

/** The same with a part of what it reserves on datapaths, and of its bandwidths. */
function scaled({ nodes, edges }: Demand, amounts: number, bandwidth: number): Demand {
  const part = (reserve: Amounts): Amounts => {
    const entries = Object.entries(reserve).map(([key, one]) => {
      return [key, key === 'vswitches' && amounts > 0 ? one : Math.floor(one * amounts)];
    });
    return Object.fromEntries(entries);
  };
  return {
    nodes: nodes.map((node) => ({ ...node, reserve: part(node.reserve) })),
    edges: edges.map((edge) => ({ ...edge, kbps: Math.floor(edge.kbps * bandwidth) })),
  };
}

/** The largest whole percentage below 100 at which it is so; 0 when it is at none. */
function most(isSo: (percent: number) => boolean): number {
  let [low, high] = [0, 100];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isSo(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Of what is limited everywhere: what it asks for, and what there is. */
function sumText(substrate: Substrate, { nodes }: Demand): string {
  const keys = new Set(nodes.flatMap(({ reserve }) => Object.keys(reserve) as (keyof Amounts)[]));
  const texts = [...keys].flatMap((key) => {
    const wanted = nodes.reduce((sum, { reserve }) => sum + (reserve[key] ?? 0), 0);
    const left = substrate.names.reduce(
      (sum, on) => sum + Math.max(0, substrate.leftOf(on, key)),
      0,
    );
    return left < Number.POSITIVE_INFINITY ? [`${wanted} ${key} of ${left} that are left`] : [];
  });
  return texts.length === 0 ? '' : ` (${texts.join(', ')})`;
}
