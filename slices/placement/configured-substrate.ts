/**
 * The datapaths and cables of a configuration as the substrate for placements, with the ways that
 * frames take; and the cables that carry more than their bandwidth.
 */
import { pairText } from '../config/config-names.ts';
import { type Amounts, bandwidthText, type Kbps } from '../config/reservations.ts';

import type { Config, DatapathConfig, PathWish } from '../config/values.ts';
import { type DatapathName, endText, type VswitchName } from '../ids.ts';
import type { Edge, Graph } from '../network/graph.ts';
import { pathThrough } from '../network/path-hops.ts';
import { wishesOf } from '../network/ranks.ts';
import { noWish, type Routes, type Wish } from '../network/routes.ts';
import { flatMapped, mapped, type Steps, withEach } from '../steps.ts';
import { type Cable, type Led, type Path, Substrate } from './substrate.ts';

/** Equal paths that are looked at before others. */
const RANKS = 4;

/** The path that frames take from one datapath to another, by what is wished of it. */
export type WayOf = (from: DatapathName, to: DatapathName, wish: Wish) => Path | undefined;

export interface Ground {
  readonly wayOf: WayOf;
  substrate(): Substrate;
}

export function groundOf(
  {
    datapaths,
    links,
    linkBandwidths,
    told,
  }: Pick<Config, 'links' | 'linkBandwidths'> & {
    readonly told?: Config['told'];
    readonly datapaths: readonly Pick<DatapathConfig, 'name' | 'capacity'>[];
  },
  routes: Routes,
): Ground {
  const cables = links.map((ends): Cable => {
    const key = pairText(ends);
    const kbps = linkBandwidths.get(key) ?? Number.POSITIVE_INFINITY;
    return { key, ends: [ends[0].device, ends[1].device], kbps };
  });
  const cablesOf = (edges: readonly Edge[]): Path =>
    edges.flatMap((one) => cables[one.cable] ?? []);
  const wayOf: WayOf = (from, to, wish) => {
    const edges = routes.edgesOf(routes.way(from, to, wish), from);
    return edges && cablesOf(edges);
  };
  const equal = new Map<string, readonly Path[]>();
  /** Those that frames would be spread over. */
  const equalWays = (from: DatapathName, to: DatapathName, wish: PathWish): readonly Path[] => {
    const key = `${from} ${to} ${wish.via} ${wish.avoid}`;
    const known = equal.get(key);
    if (known !== undefined) return known;
    const ranks = Array.from({ length: RANKS }, (_, rank) => rank);
    const ways = ranks.flatMap((rank) => {
      const way = wayOf(from, to, { ...noWish, ...wish, rank });
      return way === undefined ? [] : [way];
    });
    equal.set(key, ways);
    return ways;
  };
  const led: Led = (from, hasRoom, wish = noWish) => {
    let roomy: Graph | undefined;
    const mayCarry = (number: number): boolean => {
      const cable = cables[number];
      return cable !== undefined && hasRoom(cable);
    };
    return (to) => {
      const ways = equalWays(from, to, wish);
      const way = ways.find((one) => one.every(hasRoom));
      if (way !== undefined || ways.length === 0) return way;
      // The cheapest of those that have room, whatever it costs.
      roomy ??= routes.over(mayCarry, wish.avoid);
      const edges =
        wish.via.length > 0
          ? pathThrough(roomy, from, to, wish.via)
          : // From the end: distances to where all begin are computed once.
            roomy.first(to, from)?.toReversed();
      return edges && cablesOf(edges);
    };
  };
  const capacities = datapaths.map((one) => ({ name: one.name, capacity: capacityOf(one, told) }));
  return { wayOf, substrate: () => new Substrate(capacities, cables, led) };
}

/** What the file says counts before what the datapath says. */
export function capacityOf(
  { name, capacity }: Pick<DatapathConfig, 'name' | 'capacity'>,
  told: Config['told'] | undefined,
): Amounts {
  return { ...told?.get(name), ...capacity };
}

/** Where vswitches are. */
export type Places = ReadonlyMap<VswitchName, DatapathName>;

export interface Overbooked {
  readonly object: string;
  readonly why: string;
}

/** In steps, cables on whose frames' very ways more is set aside than they have. */
export function* crowdedCables(
  config: Config,
  { wayOf }: Ground,
  places: Places,
): Steps<readonly Overbooked[]> {
  const users = new Map<Cable, { sum: Kbps; names: string[] }>();
  const uses = yield* usesOf(config, wayOf, places);
  yield* withEach(uses, ({ name, kbps, path }) => {
    for (const cable of new Set(path)) {
      const use = users.get(cable) ?? { sum: 0, names: [] };
      users.set(cable, use);
      use.sum += kbps;
      use.names.push(name);
    }
  });
  return [...users].flatMap(([{ key, kbps }, { sum, names }]) => {
    if (sum <= kbps) return [];
    const whose = names.join(', ');
    const all = bandwidthText(kbps);
    const why = `it has ${all}, and ${bandwidthText(sum)} are set aside for ${whose}`;
    return [{ object: `link ${key}`, why }];
  });
}

/** What is set aside, and on which way. */
function* usesOf(config: Config, wayOf: WayOf, places: Places) {
  const all = yield* setAside(config, places);
  return yield* flatMapped(all, ({ name, kbps, ends: [from, to], wish }) => {
    if (kbps === 0 || from === undefined || to === undefined) return [];
    return [{ name, kbps, path: wayOf(from, to, wish) ?? [] }];
  });
}

/** A virtual link, or a host's cable. */
export interface SetAside {
  /** As `ledOver` names it. */
  readonly key: string;
  readonly name: string;
  readonly kbps: Kbps;
  readonly ends: readonly [DatapathName | undefined, DatapathName | undefined];
  /** As the snapshot has it (vswitches.ts). */
  readonly wish: Wish;
}

/** All of them in steps, in the order of the file; those that set nothing aside, too. */
export function* setAside(config: Config, places: Places): Steps<readonly SetAside[]> {
  const wishes = yield* wishesOf(config);
  const vlinks = yield* mapped(config.vlinks, (ends, i): SetAside => {
    const [one, other] = ends;
    const key = pairText(ends);
    return {
      key,
      name: ends.map(endText).join(' - '),
      kbps: config.vlinkBandwidths.get(key) ?? 0,
      ends: [places.get(one.device), places.get(other.device)],
      wish: wishes.vlinks[i] ?? noWish,
    };
  });
  const hosts = yield* mapped(config.hosts, ({ name, port, at, bandwidth = 0 }, i): SetAside => {
    const ends = [places.get(port.device), at.device] as const;
    return { key: name, name, kbps: bandwidth, ends, wish: wishes.hosts[i] ?? noWish };
  });
  return [...vlinks, ...hosts];
}
