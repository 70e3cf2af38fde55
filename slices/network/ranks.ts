/**
 * Which of several equal paths each cable prefers (routes.ts): virtual cables of a tenant between
 * the same two datapaths have ranks in a row, and those between the same two vswitches follow each
 * other. So parallel virtual cables do not share a physical one while another is idle.
 *
 * Ranks are the file's, and do not change when vswitches move: what is in a row stays in a row.
 * What served already keeps its rank under another file, so that its frames stay where they are.
 */
import { pairText } from '../config/config-ends.ts';
import type { Config, HostConfig, VirtualEnd } from '../config/values.ts';
import { tenantOf } from '../ids.ts';
import { noWish, type Wish } from './routes.ts';

type Cable = Config['vlinks'][number];

/** What is wished of the paths of each virtual link and each host's cable. */
export interface Wishes {
  /** In the order of the file, each from its first end to its second. */
  readonly vlinks: readonly Wish[];
  /** From the host's vswitch to the host. */
  readonly hosts: readonly Wish[];
}

/** `known` has the ranks of those that keep one. */
export function wishesOf(
  config: Pick<Config, 'vswitches' | 'hosts' | 'vlinks' | 'pathWishes' | 'ledOver'>,
  known: {
    vlink?(one: Cable): number | undefined;
    host?(one: HostConfig): number | undefined;
  } = {},
): Wishes {
  const { hosts, vlinks, pathWishes, ledOver } = config;
  const vlinkRanks = ranksOfVlinks(config, known.vlink);
  const hostRanks = ranksOfHosts(hosts, known.host);
  const wish = (key: string, rank = 0): Wish => {
    return { ...noWish, ...pathWishes.get(key), rank, over: ledOver.get(key) ?? [] };
  };
  return {
    vlinks: vlinks.map((ends, i) => wish(pairText(ends), vlinkRanks[i])),
    hosts: hosts.map(({ name }, i) => wish(name, hostRanks[i])),
  };
}

/** Of each virtual link, in the order of the file; `known` says of those that have one. */
function ranksOfVlinks(
  { vswitches, vlinks }: Pick<Config, 'vswitches' | 'vlinks'>,
  known: (cable: Cable) => number | undefined = () => undefined,
): readonly number[] {
  const homes = new Map(vswitches.map(({ name, on }) => [name, on]));
  const pair = (one: string, other: string): string => [one, other].sort().join(' ');
  const byPlace = new Map<string, Map<string, number[]>>();
  for (const [i, [one, other]] of vlinks.entries()) {
    const on = ({ device }: VirtualEnd): string => homes.get(device) ?? '';
    const place = `${tenantOf(one.device)} ${pair(on(one), on(other))}`;
    const cables = byPlace.get(place) ?? new Map<string, number[]>();
    byPlace.set(place, cables);
    const ends = pair(one.device, other.device);
    cables.set(ends, [...(cables.get(ends) ?? []), i]);
  }
  const ranks = vlinks.map(known);
  for (const cables of byPlace.values()) inRow([...cables.values()].flat(), ranks);
  return ranks.map((rank) => rank ?? 0);
}

/** Of each host: those of a vswitch at one datapath in a row. */
function ranksOfHosts(
  hosts: readonly HostConfig[],
  known: (host: HostConfig) => number | undefined = () => undefined,
): readonly number[] {
  const byPlace = Map.groupBy(hosts.keys(), (i) => {
    const { port, at } = hosts[i] as HostConfig;
    return `${port.device} ${at.device}`;
  });
  const ranks = hosts.map(known);
  for (const some of byPlace.values()) inRow(some, ranks);
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
