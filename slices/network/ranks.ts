/**
 * The choice of each virtual cable among several equal paths (routes.ts): virtual cables of a
 * tenant between the same two datapaths have consecutive ranks, and those between the same two
 * vswitches follow each other. So parallel virtual cables do not share a physical one while another
 * is idle.
 *
 * Ranks are the file's, and do not change when vswitches move: what is in a row stays in a row.
 * What served already keeps its rank under another file, so that its frames stay where they are.
 */
import { pairText } from '../config/config-names.ts';
import type { Config, HostConfig, VirtualEnd } from '../config/values.ts';
import { tenantOf } from '../ids.ts';
import { mapped, type Steps, withEach } from '../steps.ts';
import { noWish, type Wish } from './routes.ts';

type Cable = Config['vlinks'][number];

/** What is wished of the paths of each virtual link and each host's cable. */
export interface Wishes {
  /** In the order of the file, each from its first end to its second. */
  readonly vlinks: readonly Wish[];
  /** From the host's vswitch to the host. */
  readonly hosts: readonly Wish[];
}

/** In steps; `known` has the ranks of those that keep one. */
export function* wishesOf(
  config: Pick<Config, 'vswitches' | 'hosts' | 'vlinks' | 'pathWishes' | 'ledOver'>,
  known: {
    vlink?(one: Cable): number | undefined;
    host?(one: HostConfig): number | undefined;
  } = {},
): Steps<Wishes> {
  const { hosts, vlinks } = config;
  const vlinkRanks = yield* ranksOfVlinks(config, known.vlink);
  const hostRanks = yield* ranksOfHosts(hosts, known.host);
  return {
    vlinks: yield* mapped(vlinks, (ends, i) => wishIn(config, pairText(ends), vlinkRanks[i])),
    hosts: yield* mapped(hosts, ({ name }, i) => wishIn(config, name, hostRanks[i])),
  };
}

/** The same of one host, where all others have their ranks. */
export function wishOfHost(
  config: Pick<Config, 'hosts' | 'pathWishes' | 'ledOver'>,
  { name, port, at }: HostConfig,
  known: (one: HostConfig) => number | undefined,
): Wish {
  const beside = config.hosts.filter((one) => {
    return one.port.device === port.device && one.at.device === at.device;
  });
  const ranks = beside.map(known);
  inRow([...beside.keys()], ranks);
  return wishIn(config, name, ranks[beside.findIndex((one) => one.name === name)]);
}

/** By the name of a host, or that of a virtual link. */
function wishIn(
  { pathWishes, ledOver }: Pick<Config, 'pathWishes' | 'ledOver'>,
  key: string,
  rank = 0,
): Wish {
  return { ...noWish, ...pathWishes.get(key), rank, over: ledOver.get(key) ?? [] };
}

/** Of each virtual link, in the order of the file; `known` says of those that have one. */
function* ranksOfVlinks(
  { vswitches, vlinks }: Pick<Config, 'vswitches' | 'vlinks'>,
  known: (cable: Cable) => number | undefined = () => undefined,
): Steps<readonly number[]> {
  const homes = new Map(vswitches.map(({ name, on }) => [name, on]));
  const pair = (one: string, other: string): string => [one, other].sort().join(' ');
  const byPlace = new Map<string, Map<string, number[]>>();
  yield* withEach(vlinks.entries(), ([i, [one, other]]) => {
    const on = ({ device }: VirtualEnd): string => homes.get(device) ?? '';
    const place = `${tenantOf(one.device)} ${pair(on(one), on(other))}`;
    const cables = byPlace.get(place) ?? new Map<string, number[]>();
    byPlace.set(place, cables);
    const ends = pair(one.device, other.device);
    cables.set(ends, [...(cables.get(ends) ?? []), i]);
  });
  const ranks = yield* mapped(vlinks, known);
  yield* withEach(byPlace.values(), (cables) => inRow([...cables.values()].flat(), ranks));
  return ranks.map((rank) => rank ?? 0);
}

/** Of each host: those of a vswitch at one datapath in a row. */
function* ranksOfHosts(
  hosts: readonly HostConfig[],
  known: (host: HostConfig) => number | undefined = () => undefined,
): Steps<readonly number[]> {
  const byPlace = new Map<string, number[]>();
  yield* withEach(hosts.entries(), ([i, { port, at }]) => {
    const place = `${port.device} ${at.device}`;
    const there = byPlace.get(place);
    if (there === undefined) byPlace.set(place, [i]);
    else there.push(i);
  });
  const ranks = yield* mapped(hosts, known);
  yield* withEach(byPlace.values(), (some) => inRow(some, ranks));
  return ranks.map((rank) => rank ?? 0);
}

/** Those that have no rank get the lowest that are free. */
function inRow(some: readonly number[], ranks: (number | undefined)[]): void {
  const taken = new Set(some.map((i) => ranks[i]));
  let rank = 0;
  for (const i of some) {
    if (ranks[i] !== undefined) continue;
    while (taken.has(rank)) rank += 1;
    ranks[i] = rank;
    rank += 1;
  }
}
