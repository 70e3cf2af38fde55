/**
 * The traffic between vswitches and hosts, from counters that were read twice: between a host and
 * its vswitch, by the host's vport; between two vswitches, by the virtual link. The order in which
 * an ensemble moves follows from it (move-order.ts), and the traffic between its two sides
 * meanwhile.
 */
import { type DatapathName, endText, type VswitchName } from '../../slices/ids.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Member } from './ensemble-members.ts';
import type { Traffic } from './move-order.ts';
import type { Found } from './wanted-moves.ts';

/** Between two: what was counted in both directions. */
export interface Exchanged {
  readonly ends: readonly [string, string];
  readonly bytes: bigint;
}

export interface Sample {
  readonly atMs: number;
  /** By the vport that counted. */
  readonly counts: ReadonlyMap<string, Exchanged>;
}

/** Whose vports tell what an ensemble exchanges: its vswitches, and those of its hosts. */
export function measuredVswitches(moves: Iterable<Member['move']>): readonly VswitchName[] {
  return [...new Set([...moves].map(({ vswitch }) => vswitch))];
}

/** The same of what is about to move. */
export function vswitchesOf(
  { config }: Pick<Snapshot, 'config'>,
  { moves, hosts }: Pick<Found, 'moves' | 'hosts'>,
): readonly VswitchName[] {
  const moving = new Set(hosts.map(({ host }) => host));
  const own = config.hosts.flatMap(({ name, port }) => (moving.has(name) ? [port.device] : []));
  return [...new Set([...moves.map(({ vswitch }) => vswitch.name), ...own])];
}

/** A vport that counts, and between whom. */
export interface Counting {
  readonly vswitch: VswitchName;
  readonly vport: number;
  readonly ends: readonly [string, string];
}

/** Of a virtual link the end counts that is named first, if both are looked at. */
export function countingPorts(
  { vswitches }: Snapshot,
  names: readonly VswitchName[],
): readonly Counting[] {
  const all = new Set(names);
  return names.flatMap((name) =>
    [...(vswitches.get(name)?.ports ?? [])].flatMap(([vport, to]): readonly Counting[] => {
      if (to.type === 'host') return [{ vswitch: name, vport, ends: [to.host, name] }];
      const { peer } = to;
      const isOther = all.has(peer.device) && endText(peer) < `${name}:${vport}`;
      if (isOther || peer.device === name) return [];
      return [{ vswitch: name, vport, ends: [name, peer.device] }];
    }),
  );
}

/** Undefined when the two say nothing: they are of one moment. */
export function trafficBetween(before: Sample, after: Sample): Traffic | undefined {
  const seconds = (after.atMs - before.atMs) / 1000;
  if (seconds <= 0) return undefined;
  return [...after.counts].flatMap(([vport, { ends, bytes }]) => {
    const was = before.counts.get(vport);
    // One that began meanwhile is known by the next.
    if (was === undefined || bytes < was.bytes) return [];
    return [{ ends, rate: Number(bytes - was.bytes) / seconds }];
  });
}

/** Bytes a second between two of which one is there already. */
export function crossingNow(traffic: Traffic, isThere: (name: string) => boolean): number {
  return traffic.reduce((sum, { ends: [one, other], rate }) => {
    return isThere(one) === isThere(other) ? sum : sum + rate;
  }, 0);
}

/** Bytes a second that one has sent or been sent; undefined when it was not measured. */
export function rateOf(traffic: Traffic, name: string): number | undefined {
  const own = traffic.filter(({ ends }) => ends.includes(name));
  return own.length === 0 ? undefined : own.reduce((sum, { rate }) => sum + rate, 0);
}

/** Whether one is where an ensemble goes: a member at its own target, others at any of them. */
export function isThereIn(
  { members }: { readonly members: readonly Pick<Member, 'move'>[] },
  snapshot: Snapshot,
): (name: string) => boolean {
  const targets = new Map(members.map(({ move }) => [nameOf(move), targetOf(move)]));
  const all = new Set(targets.values());
  return (name) => {
    const on = placeOf(snapshot, name);
    const target = targets.get(name);
    return on !== undefined && (target === undefined ? all.has(on) : target === on);
  };
}

export function nameOf(move: Member['move']): string {
  return move.type === 'host' ? move.host : move.vswitch;
}

/** On which datapath it is afterwards. */
export function targetOf({ to }: Member['move']): DatapathName {
  return typeof to === 'string' ? to : to.device;
}

/** On which datapath a vswitch lives, or a host is plugged in. */
export function placeOf({ placements, config }: Snapshot, name: string): DatapathName | undefined {
  const placement = placements.get(name as VswitchName);
  return placement?.primary ?? config.hosts.find((host) => host.name === name)?.at.device;
}
