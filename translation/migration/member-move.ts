/**
 * A member of a big switch moves to another datapath (slices/network/members.ts): the new one joins
 * and has all rules before anything is processed there, and the old one leaves when nothing is
 * processed there any more. So it is an apply of the running configuration with another list of
 * members (reconfiguration.ts), after more checks than an apply makes, since its tenant must not
 * notice it. Without a given target, and if no datapath may take its place, it leaves and the other
 * members go on (member-places.ts); and one that has left comes back.
 *
 * The file goes on saying what it says; the store remembers the other list for as long as it does
 * (start-members.ts).
 */
import type { Config } from '../../slices/config/config.ts';
import { withMembers, withoutMembers } from '../../slices/config/members.ts';
import { type DatapathName, endText, type Vport, type VswitchName } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { isBig } from '../../slices/network/members.ts';
import { enteringAt, isPartial } from '../../slices/network/partial-members.ts';
import { placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { rulesByInPort } from '../../slices/rules/rule-filter.ts';
import { lostBy } from '../datapath/tag-ways.ts';
import { type LeavingMember, placesFor } from './member-places.ts';
import { darkPorts, type MoveCircumstances, whyNoTarget } from './move-checks.ts';
import type { Problems } from './plan.ts';
import type { Reconfiguration } from './reconfiguration.ts';

export interface MemberPlan {
  readonly type: 'memberPlan';
  readonly vswitch: VswitchName;
  /** Absent: none leaves. */
  readonly from?: DatapathName;
  /** Absent: none joins. */
  readonly to?: DatapathName;
  /** Its members afterwards; none: it is on one datapath, as a whole. */
  readonly members: readonly DatapathName[];
  /** Of these, those that hold a part of its rules. */
  readonly partial?: readonly DatapathName[];
  readonly steps: readonly string[];
}

export interface AskedMember {
  /** A vswitch. */
  readonly name: string;
  /** The member that leaves; undefined: not said. */
  readonly from: string | undefined;
  /** Undefined: wherever suits best. */
  readonly to: string | undefined;
}

/** A move, and the configuration that it leads to. */
export interface MemberMove {
  readonly vswitch: Vswitch;
  readonly from?: DatapathName;
  readonly to?: DatapathName;
  readonly members: readonly DatapathName[];
  readonly partial?: readonly DatapathName[];
  readonly config: Config;
}

/** What is asked for, if nothing stands against that already; of several, the first that can be. */
export function memberMovesOf(
  snapshot: Snapshot,
  asked: AskedMember,
  now: MoveCircumstances,
): readonly MemberMove[] | Problems {
  const found = memberOf(snapshot, asked);
  if ('problems' in found) return { type: 'problems', ...found };
  const { vswitch, from, to } = found;
  if (to === undefined) {
    const leaving: LeavingMember = { vswitch: vswitch.name, from, among: [], leaves: [from] };
    return movesFor(snapshot, leaving, now);
  }
  const early = whyNoTarget(snapshot, { vswitch, to }, now);
  if (early.length > 0) return { type: 'problems', problems: early };
  return [moveOf(snapshot, vswitch, { from, to })];
}

/** The same of one whose datapath is left, or none that it could be. */
export function movesFor(
  snapshot: Snapshot,
  leaving: LeavingMember,
  now: MoveCircumstances,
): readonly MemberMove[] | Problems {
  const vswitch = snapshot.vswitches.get(leaving.vswitch);
  const places = vswitch === undefined ? [] : placesFor(snapshot, vswitch, leaving, now);
  const { from } = leaving;
  const isPlain = now.isPlainInFile?.(leaving.vswitch) === true;
  // A clone of a part comes and goes by itself; another member is replaced where that can be.
  const isLeft = isPlain && vswitch?.partial !== undefined && leaving.among.length === 0;
  const moves = isLeft
    ? []
    : places.map((to) => vswitch && moveOf(snapshot, vswitch, { from, to }));
  if (vswitch !== undefined && vswitch.members.length > 1) {
    moves.push(moveOf(snapshot, vswitch, { from }, isPlain));
  }
  const all = moves.filter((one) => one !== undefined);
  if (all.length > 0) return all;
  const why = `${leaving.vswitch} has no other member than ${from}, and no datapath for one`;
  return { type: 'problems', problems: [why] };
}

/** Of one whose datapath is away: another joins in its place, or there is none for it now. */
export function replacementsFor(
  snapshot: Snapshot,
  leaving: LeavingMember,
  now: MoveCircumstances,
): readonly MemberMove[] | Problems {
  const { from } = leaving;
  const vswitch = snapshot.vswitches.get(leaving.vswitch);
  if (vswitch === undefined || !vswitch.members.includes(from)) return [];
  const places = placesFor(snapshot, vswitch, leaving, now);
  const why = `there is no datapath that ${leaving.vswitch} could have in place of ${from}`;
  if (places.length === 0) return { type: 'problems', problems: [why] };
  return places.map((to) => moveOf(snapshot, vswitch, { from, to }));
}

/** One leaves, one joins, or both; `isPlain`: the file has it on one datapath. */
export function moveOf(
  { config }: Snapshot,
  vswitch: Vswitch,
  { from, to }: { readonly from?: DatapathName; readonly to?: DatapathName },
  isPlain = false,
): MemberMove {
  const joins = to === undefined ? [] : [to];
  const isThere = from !== undefined && vswitch.members.includes(from);
  const members = isThere
    ? vswitch.members.flatMap((one) => (one === from ? joins : one))
    : [...vswitch.members, ...joins];
  const ends = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const { name, partial: was } = vswitch;
  const [only, ...more] = members;
  if (isPlain && only !== undefined && more.length === 0) {
    return { vswitch, ...ends, members: [], config: withoutMembers(config, name, only) };
  }
  const partial = was?.flatMap((one) => (one === from ? joins : [one]));
  const as = partial === undefined ? {} : { partial };
  return { vswitch, ...ends, members, ...as, config: withMembers(config, name, members, as) };
}

/** `next`: what an apply of that configuration is. */
export function planMemberMove(
  { vswitch, from, to, members, partial }: MemberMove,
  next: Reconfiguration,
  now: MoveCircumstances,
): MemberPlan | Problems {
  const { before: snapshot } = next;
  const problems = [
    ...lostBy(snapshot, next.snapshot, (name) => now.tablesOf(name)),
    ...darkPorts(snapshot, next.snapshot, next.touched, vswitch.name, now),
  ];
  if (problems.length > 0) return { type: 'problems', problems };
  const ends = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const steps = stepsOf(next.snapshot, vswitch, ends, now);
  const all = { members, ...(partial && { partial }) };
  return { type: 'memberPlan', vswitch: vswitch.name, ...ends, ...all, steps };
}

interface Found {
  readonly vswitch: Vswitch;
  readonly from: DatapathName;
  readonly to: DatapathName | undefined;
}

function memberOf(
  { vswitches, datapaths }: Snapshot,
  { name, from, to }: AskedMember,
): Found | { readonly problems: readonly string[] } {
  const vswitch = vswitches.get(name as VswitchName);
  if (vswitch === undefined) {
    return { problems: [noSuchText('vswitch', name, vswitches.keys())] };
  }
  const { members } = vswitch;
  if (!isBig(vswitch)) {
    return { problems: [`${name} is on one datapath, and moves as a whole: leave out "--from"`] };
  }
  const on = members.join(', ');
  const leaving = members.find((one) => one === from);
  const target = datapaths.get(to as DatapathName)?.name;
  const whole = `${name} is a big switch on ${on} and does not migrate as a whole`;
  const problems = [
    ...(from === undefined ? [`${whole}; say which member moves: "--from ${members[0]}"`] : []),
    ...(from !== undefined && leaving === undefined
      ? [`${from} is no member of ${name}, whose members are ${on}`]
      : []),
    ...(target === undefined && to !== undefined
      ? [noSuchText('datapath', to, datapaths.keys())]
      : []),
    ...(target !== undefined && members.includes(target)
      ? [`${to} is a member of ${name} already`]
      : []),
  ];
  if (problems.length > 0 || leaving === undefined) return { problems };
  return { vswitch, from: leaving, to: target };
}

function stepsOf(
  after: Snapshot,
  before: Vswitch,
  { from, to }: Pick<MemberPlan, 'from' | 'to'>,
  now: MoveCircumstances,
): readonly string[] {
  const { name, ports } = before;
  const then = after.vswitches.get(name) ?? before;
  const { consistency } = then;
  const { primary, homes } = placementOf(after, name);
  const isEventual = consistency === 'eventual';
  const who = isEventual ? 'what enters at a member' : `every packet, at ${primary}`;
  const carried = [...ports].flatMap(([vport, attachment]) => {
    if (attachment.type !== 'host' || attachment.at.device !== from) return [];
    const at = endText(attachment.at);
    const home = homes.get(vport) ?? primary;
    return [`port ${vport}: its host stays at ${at}, and its frames are carried to ${home}`];
  });
  const copied = (on: DatapathName): string => copiedTo(on, then, now);
  // Those that held a part, and are to have all.
  const grows = (before.partial ?? []).filter((one) => one !== from && !isPartial(then, one));
  return [
    ...(to === undefined
      ? []
      : [`${to} joins, and gets ${copied(to)}; its groups and meters, too`]),
    ...grows.map((one) => `${one} gets what it lacks of ${copied(one)}`),
    `ways lead to it, are used, and the old ones go; processed is ${who}`,
    ...carried,
    ...(from === undefined ? [] : [`${from} leaves: what it holds of ${name} is deleted`]),
  ];
}

/** `20 rules`, or `12 of 20 rules (8 name ports by which nothing enters there)`. */
function copiedTo(on: DatapathName, then: Vswitch, now: MoveCircumstances): string {
  const rulebook = now.tablesOf(then.name)?.rulebook;
  const entering = enteringAt(then, on);
  const size = rulebook?.size ?? 0;
  if (entering === undefined || rulebook === undefined) return `${size} rules`;
  const named = [...rulesByInPort(rulebook)].filter(([port]) => !entering.has(port as Vport));
  const saved = named.reduce((sum, [, count]) => sum + count, 0);
  if (saved === 0) return `${size} rules`;
  return `${size - saved} of ${size} rules (${saved} name ports by which nothing enters there)`;
}
