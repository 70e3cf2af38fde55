/**
 * A network that is to be placed: the possible places of each part, and the links between the
 * parts.
 *
 * A vswitch may be on any datapath that has room; a host that is plugged in at several, at one of
 * these. What is placed already is an end that stays where it is.
 */
import { pairText } from '../config/config-names.ts';
import type { Amounts, Kbps } from '../config/reservations.ts';
import type { Config, HostConfig, PathWish } from '../config/values.ts';
import { type DatapathName, endText, type VswitchName } from '../ids.ts';
import { turned } from '../network/wishes.ts';
import { atOnce, flatMapped, type Steps } from '../steps.ts';
import type { Path } from './substrate.ts';

/** What is to be placed. */
export interface Node {
  readonly name: string;
  readonly reserve: Amounts;
  /** Absent: any. */
  readonly offered?: readonly DatapathName[];
}

/** A node by its place in the list, or a datapath. */
export type DemandEnd = number | DatapathName;

/** A virtual cable, or a host's. */
export interface Edge {
  readonly name: string;
  readonly ends: readonly [DemandEnd, DemandEnd];
  readonly kbps: Kbps;
  /** By which datapaths the file wants it to lead. */
  readonly wish?: PathWish | undefined;
}

export interface Demand {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
}

/** Where each node is, and over which cables each edge leads. */
export interface Embedding {
  readonly places: readonly DatapathName[];
  readonly paths: readonly Path[];
}

type Cables = Pick<Config, 'vlinks' | 'hosts' | 'vlinkBandwidths' | 'pathWishes'>;

/** What leads where: virtual cables and hosts' cables of which both ends are known. */
export function edgesOf(
  config: Cables,
  vswitchAt: (name: VswitchName) => DemandEnd | undefined,
  plugOf: (host: HostConfig) => DemandEnd | undefined,
): readonly KeyedEdge[] {
  return atOnce(eachEdge(config, vswitchAt, plugOf));
}

/** The same in steps. */
export function* eachEdge(
  config: Cables,
  vswitchAt: (name: VswitchName) => DemandEnd | undefined,
  plugOf: (host: HostConfig) => DemandEnd | undefined,
): Steps<readonly KeyedEdge[]> {
  const { vlinks, hosts, vlinkBandwidths, pathWishes } = config;
  const cables = yield* flatMapped(vlinks, (link) => {
    const [one, other] = link.map(({ device }) => vswitchAt(device));
    if (one === undefined || other === undefined) return [];
    const key = pairText(link);
    const edge = { key, name: link.map(endText).join(' - ') };
    const rest = { kbps: vlinkBandwidths.get(key) ?? 0, wish: pathWishes.get(key) };
    return [{ ...edge, ...rest, ends: [one, other] } satisfies KeyedEdge];
  });
  const plugs = yield* flatMapped(hosts, (host) => {
    const { name, port, bandwidth: kbps = 0 } = host;
    const [one, other] = [vswitchAt(port.device), plugOf(host)];
    if (one === undefined || other === undefined) return [];
    return [{ key: name, name, kbps, ends: [one, other] } satisfies KeyedEdge];
  });
  return [...cables, ...plugs];
}

/** By what the file has it as. */
type KeyedEdge = Edge & { readonly key: string };

/** As it is seen from one of its ends: the other way round from the second. */
export function wishFrom({ wish }: Edge, end: 0 | 1): PathWish | undefined {
  if (wish === undefined || end === 0) return wish;
  return turned(wish);
}

/** What a cable of an edge costs: what says no bandwidth counts, but little. */
export function weightOf({ kbps }: Edge): number {
  return Math.max(1, kbps);
}

/** Kilobits a second, times cables: what all embeddings are compared by. */
export function costOf({ edges }: Demand, { paths }: Embedding): number {
  return edges.reduce((sum, edge, i) => sum + weightOf(edge) * (paths[i]?.length ?? 0), 0);
}
