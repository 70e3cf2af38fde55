/**
 * The datapaths of a vswitch that the file wants on several without naming them (`bodies: 3`):
 * first those where its hosts are plugged in, since packets are processed where they enter, then
 * near ones. Existing bodies stay, unless there are more than it wants.
 */
import { amountsOf } from '../config/reservations.ts';
import type { HostConfig, VswitchConfig } from '../config/values.ts';
import type { DatapathName } from '../ids.ts';
import { plural } from '../plural.ts';
import type { Substrate } from './substrate.ts';

export interface Bodies {
  readonly members: readonly DatapathName[];
  /** What it lacks, if it has fewer than it wants. */
  readonly why?: string;
}

interface Around {
  readonly substrate: Substrate;
  readonly hosts: readonly HostConfig[];
  /** Where it is. */
  readonly now: readonly DatapathName[];
  /** Where nothing is placed. */
  readonly closed: ReadonlySet<DatapathName>;
}

/** What it reserves on each that is new to it has to have room there. */
export function bodiesFor(
  vswitch: VswitchConfig,
  { substrate, hosts, now, closed }: Around,
): Bodies {
  const { name, bodies = 0 } = vswitch;
  const own = hosts.filter(({ port }) => port.device === name);
  const hostsAt = (on: DatapathName): number => own.filter(({ at }) => at.device === on).length;
  const byHosts = (all: readonly DatapathName[]): readonly DatapathName[] =>
    all.toSorted((one, other) => hostsAt(other) - hostsAt(one));
  const amounts = amountsOf(vswitch);
  const isFree = (on: DatapathName): boolean =>
    !closed.has(on) && substrate.shortages(on, amounts).length === 0;
  const members = [...(now.length <= bodies ? now : byHosts(now).slice(0, bodies))];
  while (members.length < bodies) {
    const free = substrate.names.filter((on) => !members.includes(on) && isFree(on));
    const next = best(free, (on) => rankOf(substrate, members, on, hostsAt(on)));
    if (next === undefined) break;
    members.push(next);
  }
  if (members.length === bodies) return { members };
  const there = plural(members.length, 'datapath');
  const why = `${name} is to have ${bodies} bodies, and there are ${there} with room for one`;
  return { members, why };
}

/** The less, the better: hosts count more than any way is long. */
function rankOf(
  substrate: Substrate,
  members: readonly DatapathName[],
  on: DatapathName,
  hosts: number,
): number {
  const reach = substrate.reach(on, Number.NEGATIVE_INFINITY);
  const lengths = members.map((one) => Math.min(FAR, reach.distance(one)));
  return lengths.reduce((sum, one) => sum + one, 0) - hosts * FAR * (members.length + 1);
}

/** More cables than any path has. */
const FAR = 10_000;

function best(
  all: readonly DatapathName[],
  rank: (on: DatapathName) => number,
): DatapathName | undefined {
  let [found, least] = [undefined as DatapathName | undefined, Number.POSITIVE_INFINITY];
  for (const one of all) {
    const own = rank(one);
    if (own < least) [found, least] = [one, own];
  }
  return found;
}
