/**
 * A big switch: a vswitch with a body on each of several datapaths, its members (DESIGN, "A big
 * switch"), and which packets each of them processes.
 *
 *   strict     the primary processes every packet; the others have its rules, and take its place
 *   eventual   what enters by a vport is processed by the member where its host is plugged in
 *
 * Members that are away, or have no way to the primary, process nothing: their hosts' vports are at
 * home at the primary, where no frame of theirs arrives, so they are down and all others are up.
 */
import type { PhysicalEnd } from '../config/config.ts';
import type { DatapathName, Vport, VswitchName } from '../ids.ts';
import { legsOf } from './graph.ts';
import { isPartial } from './partial-members.ts';
import type { Routes } from './routes.ts';
import type { Placement, Vswitch } from './values.ts';

/** What there is of the network below. */
export interface Present {
  /** Whether a body there can process packets. */
  isUsable(datapath: DatapathName): boolean;
  /** `isTransit`: of a datapath that frames only pass. */
  isUp(end: PhysicalEnd & { readonly isTransit: boolean }): boolean;
}

/** Where a big switch's peers live, and the ways between datapaths. */
export interface Surroundings {
  readonly routes: Pick<Routes, 'way'>;
  primaryOf(vswitch: VswitchName): DatapathName | undefined;
}

const allPresent: Present = { isUsable: () => true, isUp: () => true };

/** The datapaths that a vswitch is made of; one only, unless it is a big switch. */
export function isBig({ members }: Pick<Vswitch, 'members'>): boolean {
  return members.length > 0;
}

/** Where a big switch's packets are processed; as before, when no member is left. */
export function placedOver(
  around: Surroundings,
  vswitch: Vswitch,
  before: Placement | undefined,
  present: Present = allPresent,
): Placement {
  const { members } = vswitch;
  const usable = members.filter((one) => present.isUsable(one));
  const parts = partsOf(around, vswitch, before?.primary, usable, present);
  const part = parts.reduce<Part | undefined>(
    (best, one) => (best !== undefined && !isBetter(one, best) ? best : one),
    undefined,
  );
  if (part === undefined) {
    const [first] = members;
    if (before !== undefined || first === undefined) return before ?? nowhere(vswitch);
    return placedOver(around, vswitch, undefined);
  }
  const homes = new Map<Vport, DatapathName>();
  for (const vport of vswitch.ports.keys()) {
    homes.set(vport, homeOf(around, vswitch, vport, part, before));
  }
  return { ...before, bodies: members, primary: part.primary, homes };
}

function nowhere({ name }: Vswitch): never {
  throw new Error(`${name} is no big switch: it has no members`);
}

/** The members that a primary reaches, and what speaks for it, the most important first. */
interface Part {
  readonly primary: DatapathName;
  readonly members: ReadonlySet<DatapathName>;
  readonly merits: readonly number[];
}

function isBetter({ merits }: Part, other: Part): boolean {
  for (const [i, merit] of merits.entries()) {
    const theirs = other.merits[i] ?? 0;
    if (merit !== theirs) return merit > theirs;
  }
  return false;
}

/**
 * One for each member that may be the primary: most members, then the one that is it already, most
 * hosts, the shortest ways to them, the first in the file. Who is it already and reaches all stays.
 * It has all rules.
 */
function partsOf(
  around: Surroundings,
  vswitch: Vswitch,
  now: DatapathName | undefined,
  usable: readonly DatapathName[],
  present: Present,
): readonly Part[] {
  const hosts = [...vswitch.ports.values()].flatMap((one) =>
    one.type === 'host' ? [one.at.device] : [],
  );
  const partOf = (primary: DatapathName): Part => {
    const reached = usable.filter((one) => isJoined(around, present, primary, one));
    const members = new Set(reached);
    const own = hosts.filter((one) => members.has(one) || !vswitch.members.includes(one));
    const hops = own.reduce((sum, one) => sum + lengthOf(around, primary, one), 0);
    return { primary, members, merits: [members.size, Number(primary === now), own.length, -hops] };
  };
  const whole = usable.filter((one) => !isPartial(vswitch, one));
  const kept = now !== undefined && whole.includes(now) ? partOf(now) : undefined;
  if (kept?.members.size === usable.length) return [kept];
  return whole.map(partOf);
}

function lengthOf({ routes }: Surroundings, from: DatapathName, to: DatapathName): number {
  return routes.way(from, to)?.hops.length ?? Number.MAX_SAFE_INTEGER;
}

/** Whether frames pass between two members in both directions. */
function isJoined(
  { routes }: Surroundings,
  { isUp }: Present,
  one: DatapathName,
  other: DatapathName,
): boolean {
  const passes = (from: DatapathName, to: DatapathName): boolean => {
    const path = routes.way(from, to);
    if (path === undefined) return false;
    return legsOf(from, path.hops).every(({ at, hop }, i) => {
      const isHere = isUp({ device: at, port: hop.port, isTransit: i > 0 });
      return isHere && isUp({ device: hop.to, port: hop.toPort, isTransit: hop.to !== to });
    });
  };
  return one === other || (passes(one, other) && passes(other, one));
}

/** The member that processes what enters by a vport. */
function homeOf(
  around: Surroundings,
  vswitch: Vswitch,
  vport: Vport,
  { primary, members }: Part,
  before: Placement | undefined,
): DatapathName {
  const attachment = vswitch.ports.get(vport);
  if (vswitch.consistency !== 'eventual' || attachment === undefined) return primary;
  if (attachment.type === 'host') {
    const { device } = attachment.at;
    if (members.has(device)) return device;
    return vswitch.members.includes(device) ? primary : nearest(around, device, members, primary);
  }
  const kept = before?.homes.get(vport);
  if (kept !== undefined && members.has(kept)) return kept;
  const peer = around.primaryOf(attachment.peer.device);
  return peer !== undefined && members.has(peer) ? peer : primary;
}

function nearest(
  around: Surroundings,
  from: DatapathName,
  members: ReadonlySet<DatapathName>,
  primary: DatapathName,
): DatapathName {
  let best = primary;
  for (const one of members) {
    if (lengthOf(around, from, one) < lengthOf(around, from, best)) best = one;
  }
  return best;
}

/** Whether nobody could tell the two apart. */
export function isSamePlacement(one: Placement, other: Placement): boolean {
  const { bodies, primary, homes } = one;
  return (
    primary === other.primary &&
    isSameMembers(bodies, other.bodies) &&
    homes.size === other.homes.size &&
    [...homes].every(([vport, home]) => other.homes.get(vport) === home)
  );
}

/** Whether the two lists have the same datapaths, in whatever order. */
export function isSameMembers(
  some: readonly DatapathName[],
  others: readonly DatapathName[],
): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}
