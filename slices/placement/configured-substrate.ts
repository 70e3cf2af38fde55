/**
 * The datapaths and cables of a configuration as what networks are placed on, with the ways that
 * frames take; and which cables carry more than they have.
 */
import { pairText } from '../config/config-ends.ts';
import { bandwidthText, type Kbps } from '../config/reservations.ts';
import type { Config } from '../config/values.ts';
import { type DatapathName, endText, type VswitchName } from '../ids.ts';
import { hostRanks, vlinkRanks, wishOf } from '../network/ranks.ts';
import { noWish, type Routes, type Wish } from '../network/routes.ts';
import { type Cable, type Path, Substrate, type WaysOf } from './substrate.ts';

/** Equal paths that are looked at. */
const RANKS = 4;

/** The path that frames take from one datapath to another, by what is wished of it. */
type WayOf = (from: DatapathName, to: DatapathName, wish: Wish) => Path | undefined;

export interface Ground {
  readonly cables: readonly Cable[];
  readonly wayOf: WayOf;
  substrate(avoided: ReadonlySet<DatapathName>): Substrate;
}

export function groundOf({ datapaths, links, linkBandwidths }: Config, routes: Routes): Ground {
  const byEnd = new Map<string, Cable>();
  const cables = links.map((ends): Cable => {
    const key = pairText(ends);
    const kbps = linkBandwidths.get(key) ?? Number.POSITIVE_INFINITY;
    const cable: Cable = { key, ends: [ends[0].device, ends[1].device], kbps };
    for (const end of ends) byEnd.set(endText(end), cable);
    return cable;
  });
  const known = new Map<string, Path | undefined>();
  const wayOf: WayOf = (from, to, wish) => {
    const key = `${from} ${to} ${wish.rank} ${wish.via} ${wish.avoid}`;
    if (!known.has(key)) known.set(key, reckoned(from, to, wish));
    return known.get(key);
  };
  const reckoned: WayOf = (from, to, wish) => {
    const hops = routes.way(from, to, wish)?.hops;
    if (hops === undefined) return undefined;
    let at = from;
    return hops.flatMap((hop) => {
      const cable = byEnd.get(endText({ device: at, port: hop.port }));
      at = hop.to;
      return cable ?? [];
    });
  };
  const waysOf: WaysOf = function* (from, to, wish = noWish) {
    for (let rank = 0; rank < RANKS; rank++) {
      const way = wayOf(from, to, { ...wish, rank });
      if (way === undefined) return;
      yield way;
    }
  };
  const capacities = datapaths.map(({ name, capacity = {} }) => ({ name, capacity }));
  return {
    cables,
    wayOf,
    substrate: (avoided) => new Substrate(capacities, cables, avoided, waysOf),
  };
}

/** Where vswitches are. */
export type Places = ReadonlyMap<VswitchName, DatapathName>;

export interface Overbooked {
  readonly object: string;
  readonly why: string;
}

/** Cables on whose frames' very ways more is set aside than they have. */
export function crowdedCables(
  config: Config,
  { wayOf }: Ground,
  places: Places,
): readonly Overbooked[] {
  const users = new Map<Cable, { sum: Kbps; names: string[] }>();
  for (const { name, kbps, path } of usesOf(config, wayOf, places)) {
    for (const cable of new Set(path)) {
      const use = users.get(cable) ?? { sum: 0, names: [] };
      users.set(cable, use);
      use.sum += kbps;
      use.names.push(name);
    }
  }
  return [...users].flatMap(([{ key, kbps }, { sum, names }]) => {
    if (sum <= kbps) return [];
    const whose = names.join(', ');
    const all = bandwidthText(kbps);
    const why = `it has ${all}, and ${bandwidthText(sum)} are set aside for ${whose}`;
    return [{ object: `link ${key}`, why }];
  });
}

/** What is set aside, and on which way: with the ranks that the snapshot gives (vswitches.ts). */
function usesOf(config: Config, wayOf: WayOf, places: Places) {
  const links = vlinkRanks(config);
  const plugs = hostRanks(config.hosts);
  const vlinks = config.vlinks.map((ends, i) => {
    const [from, to] = ends.map(({ device }) => places.get(device));
    const kbps = config.vlinkBandwidths.get(pairText(ends)) ?? 0;
    const wish = wishOf(config, ends, links[i]);
    return { name: ends.map(endText).join(' - '), kbps, from, to, wish };
  });
  const hosts = config.hosts.map(({ name, port, at, bandwidth = 0 }, i) => {
    const from = places.get(port.device);
    const wish = { ...noWish, rank: plugs[i] ?? 0 };
    return { name, kbps: bandwidth, from, to: at.device, wish };
  });
  return [...vlinks, ...hosts].flatMap(({ name, kbps, from, to, wish }) => {
    if (kbps === 0 || from === undefined || to === undefined) return [];
    return [{ name, kbps, path: wayOf(from, to, wish) ?? [] }];
  });
}
