/**
 * Which of several equal paths each cable prefers (routes.ts): virtual cables of a tenant between
 * the same two datapaths have ranks in a row, and those between the same two vswitches follow each
 * other. So parallel virtual cables do not share a physical one while another is idle.
 *
 * Ranks are the file's, and do not change when vswitches move: what is in a row stays in a row.
 */
import type { Config, HostConfig, VirtualEnd } from '../config/values.ts';

/** Of each virtual link, in the order of the file. */
export function vlinkRanks({ vswitches, vlinks }: Config): readonly number[] {
  const homes = new Map(vswitches.map(({ name, on }) => [name, on]));
  const pair = (one: string, other: string): string => [one, other].sort().join(' ');
  const byPlace = new Map<string, Map<string, number[]>>();
  for (const [i, [one, other]] of vlinks.entries()) {
    const tenant = one.device.slice(0, one.device.indexOf('/'));
    const on = ({ device }: VirtualEnd): string => homes.get(device) ?? '';
    const place = `${tenant} ${pair(on(one), on(other))}`;
    const cables = byPlace.get(place) ?? new Map<string, number[]>();
    byPlace.set(place, cables);
    const ends = pair(one.device, other.device);
    cables.set(ends, [...(cables.get(ends) ?? []), i]);
  }
  const ranks = vlinks.map(() => 0);
  for (const cables of byPlace.values()) {
    for (const [rank, i] of [...cables.values()].flat().entries()) ranks[i] = rank;
  }
  return ranks;
}

/** Of each host: those of a vswitch at one datapath in a row. */
export function hostRanks(hosts: readonly HostConfig[]): readonly number[] {
  const counts = new Map<string, number>();
  return hosts.map(({ port, at }) => {
    const where = `${port.device} ${at.device}`;
    const rank = counts.get(where) ?? 0;
    counts.set(where, rank + 1);
    return rank;
  });
}
