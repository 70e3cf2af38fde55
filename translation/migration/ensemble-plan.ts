/**
 * The plan of several moves that are one migration (ensemble.ts): what it would do and what it
 * costs, or every reason against it. Pure; nothing starts without one.
 */
import type { Counted } from '../../slices/config/reservations.ts';
import { type DatapathName, endText, type VswitchName } from '../../slices/ids.ts';
import { withHostAt } from '../../slices/network/changed-config.ts';
import {
  bodiesOn,
  isInfeasible,
  placementOf,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import { plural } from '../../slices/plural.ts';
import type { Steps } from '../../slices/steps.ts';
import { entriesPerRule } from '../datapath/entry-costs.ts';
import { type DrainCircumstances, leftByHand, planDrain } from './drain-plan.ts';
import type { Move } from './ensemble.ts';
import { hostMoveText } from './host-move.ts';
import { type HostCircumstances, type HostPlan, planHostMove } from './host-move-plan.ts';
import type { Strategy } from './migration.ts';
import { checkedMoves, type Moments, type MoveCircumstances } from './move-checks.ts';
import { groupsOf, type Traffic } from './move-order.ts';
import { entriesMade, type Problems } from './plan.ts';
import type { Found } from './wanted-moves.ts';

export interface EnsembleOptions {
  /** As it was typed. */
  readonly what: string;
  readonly strategy: Strategy;
  readonly portsAtOnce?: number;
  /** How many move at once. */
  readonly groupMax: number;
  /** Ways are led around it, when nothing lives there any more. */
  readonly drains?: DatapathName;
}

/** How full a datapath is while there are two of what moves. */
export interface Peak {
  readonly datapath: DatapathName;
  readonly what: Counted;
  readonly count: number;
  /** Of the file; absent: it names none. */
  readonly capacity?: number;
}

export interface Cost {
  readonly rules: number;
  readonly groups: number;
  readonly meters: number;
  /** Of ours, that are made or changed. */
  readonly entries: readonly { readonly datapath: DatapathName; readonly count: number }[];
  /** Ways that are made beside those in use, by what names them on a frame. */
  readonly labels: number;
  readonly tags: number;
  readonly peaks: readonly Peak[];
  /** Bytes a second that cross between what has moved and what has not, at the worst moment. */
  readonly boundaryPeak?: number;
}

export interface EnsemblePlan {
  readonly type: 'plan';
  readonly what: string;
  /** Those of one group at once, group after group. */
  readonly groups: readonly (readonly Move[])[];
  readonly drains?: DatapathName;
  readonly cost: Cost;
  readonly steps: readonly string[];
  readonly stays: readonly string[];
  readonly byHand: readonly string[];
}

export interface EnsembleCircumstances
  extends MoveCircumstances,
    Pick<HostCircumstances, 'whyNoDriver'> {
  /** What else moves of this host, in words. */
  hostUnderWay: HostCircumstances['underWay'];
  readonly drain: DrainCircumstances;
  /** What was measured between vswitches; absent: it is not known. */
  readonly traffic?: Traffic;
}

/** In steps, where ways are led around a datapath: that may concern everybody. */
export function* planEnsemble(
  snapshot: Snapshot,
  { moves, hosts: wantedHosts, stays, byHand }: Found,
  options: EnsembleOptions,
  now: EnsembleCircumstances,
): Steps<EnsemblePlan | Problems> {
  const checked = checkedMoves(snapshot, moves, now);
  if ('problems' in checked) return { type: 'problems', problems: checked.problems };
  const { cloned, after } = checked;
  const hosts = checkedHosts({ cloned, after }, wantedHosts, now);
  if ('problems' in hosts) return { type: 'problems', problems: hosts.problems };
  const { what, drains } = options;
  const cost = costOf(snapshot, hosts.open, moves, now);
  const crowded = cost.peaks.filter(({ count, capacity = count }) => count > capacity);
  const around =
    drains === undefined ? undefined : yield* planDrain(hosts.after, drains, true, now.drain);
  const problems = [
    ...crowded.map(({ datapath, what, count, capacity }) => {
      return `${datapath} would have ${count} ${what} at the peak, and has room for ${capacity}`;
    }),
    ...(around?.type === 'problems' ? around.problems : []),
  ];
  if (problems.length > 0) return { type: 'problems', problems };
  const { groups, peak } = grouped(snapshot, moves, hosts.plans, options, now.traffic);
  const measured = peak === undefined ? {} : { boundaryPeak: peak };
  const whole = { ...cost, ...measured };
  const drained = drains === undefined ? {} : { drains };
  const steps = stepsOf(groups, whole, drains);
  const left = around?.type === 'plan' ? leftByHand(around) : byHand;
  return { type: 'plan', what, groups, ...drained, cost: whole, steps, stays, byHand: left };
}

/** Hosts one after the other: each finds the others where they will be. */
function checkedHosts(
  { cloned, after }: Moments,
  hosts: Found['hosts'],
  now: EnsembleCircumstances,
):
  | { readonly plans: readonly HostPlan[]; readonly open: Snapshot; readonly after: Snapshot }
  | { readonly problems: readonly string[] } {
  const plans: HostPlan[] = [];
  const problems: string[] = [];
  let [open, end] = [cloned, after];
  for (const { host, to, driver } of hosts) {
    const own = { ...now, underWay: now.hostUnderWay };
    const plan = planHostMove(open, { host, to: endText(to), driver }, own);
    if (plan.type === 'problems') {
      problems.push(...plan.problems);
      continue;
    }
    const both = withHostAt(open, host, { at: plan.from, also: to });
    const there = withHostAt(end, host, { at: to });
    if (isInfeasible(both)) problems.push(both.why);
    else if (isInfeasible(there)) problems.push(there.why);
    else {
      [open, end] = [both, there];
      plans.push(plan);
    }
  }
  if (problems.length > 0) return { problems: [...new Set(problems)] };
  return { plans, open, after: end };
}

/** Vswitches and hosts by what they say to each other, as far as that is known. */
function grouped(
  snapshot: Snapshot,
  moves: Moves,
  hosts: readonly HostPlan[],
  { strategy, portsAtOnce, groupMax }: EnsembleOptions,
  traffic: Traffic | undefined,
): { readonly groups: readonly (readonly Move[])[]; readonly peak?: number } {
  const some = portsAtOnce === undefined ? {} : { portsAtOnce };
  const vswitches = moves.map(({ vswitch: { name: vswitch }, to }): readonly [string, Move] => {
    const { primary: from } = placementOf(snapshot, vswitch);
    return [vswitch, { type: 'vswitch', vswitch, from, to, strategy, ...some }];
  });
  const all = new Map<string, Move>([
    ...vswitches,
    ...hosts.map(({ host, vswitch, vport, from, to, driver }) => {
      const move = { type: 'host', host, vswitch, vport, from, to, driver } as const;
      return [host, move] as const;
    }),
  ]);
  const targets = new Set([...all.values()].map((one) => onOf(one.to)));
  const isThere = (name: string): boolean => targets.has(placeOf(snapshot, name) ?? '');
  const kindOf = (name: string): string => all.get(name)?.type ?? '';
  const ordered = groupsOf([...all.keys()], traffic, groupMax, { kindOf, isThere });
  const groups = ordered.groups.map((names) => names.flatMap((name) => all.get(name) ?? []));
  return { groups, ...(ordered.peak !== undefined && { peak: ordered.peak }) };
}

function onOf(to: Move['to']): string {
  return typeof to === 'string' ? to : to.device;
}

/** On which datapath a vswitch lives, or a host is plugged in. */
function placeOf({ placements, config }: Snapshot, name: string): string | undefined {
  const placement = placements.get(name as VswitchName);
  return placement?.primary ?? config.hosts.find((host) => host.name === name)?.at.device;
}

type Moves = Found['moves'];

function costOf(
  before: Snapshot,
  cloned: Snapshot,
  moves: Moves,
  { booksOf }: MoveCircumstances,
): Cost {
  const books = moves.flatMap(({ vswitch: { name } }) => booksOf(name) ?? []);
  const sum = (count: (one: (typeof books)[number]) => number): number =>
    books.reduce((all, one) => all + count(one), 0);
  return {
    rules: sum(({ rulebook }) => rulebook.size),
    groups: sum(({ groups }) => groups.book.groups().length),
    meters: sum(({ meters }) => meters.book.meters().length),
    entries: entriesMade(before, cloned),
    ...waysMade(before, cloned),
    peaks: [...new Set(moves.map(({ to }) => to))].flatMap((on) => peaksOn(cloned, on, booksOf)),
  };
}

function waysMade(before: Snapshot, cloned: Snapshot): { labels: number; tags: number } {
  const known = new Set<string>();
  for (const wires of before.wires.values()) for (const { key } of wires) known.add(key);
  const made = { label: 0, tag: 0 };
  for (const wires of cloned.wires.values()) {
    for (const { key, carriage } of wires) if (!known.has(key)) made[carriage] += 1;
  }
  return { labels: made.label, tags: made.tag };
}

/** What all who live there have made, those that come among them. */
function peaksOn(
  cloned: Snapshot,
  on: DatapathName,
  booksOf: MoveCircumstances['booksOf'],
): readonly Peak[] {
  const { capacity = {} } = cloned.datapaths.get(on) ?? {};
  const there = bodiesOn(cloned, on);
  const count = (of: (one: Vswitch) => number): number =>
    there.reduce((all, one) => all + of(one), 0);
  const counts: Readonly<Record<Counted, number>> = {
    rules: count(({ name }) => {
      return (booksOf(name)?.rulebook.size ?? 0) * entriesPerRule(cloned, name, on);
    }),
    groups: count(({ name }) => booksOf(name)?.groups.book.groups().length ?? 0),
    meters: count(({ name }) => booksOf(name)?.meters.book.meters().length ?? 0),
    vswitches: there.length,
  };
  return Object.entries(counts).flatMap(([what, count]): readonly Peak[] => {
    const limit = capacity[what as Counted];
    if (limit === undefined && what !== 'rules') return [];
    const known = limit === undefined ? {} : { capacity: limit };
    return [{ datapath: on, what: what as Counted, count, ...known }];
  });
}

function stepsOf(
  groups: readonly (readonly Move[])[],
  cost: Cost,
  drains: DatapathName | undefined,
): readonly string[] {
  const books = [
    plural(cost.rules, 'rule'),
    ...(cost.groups > 0 ? [plural(cost.groups, 'group')] : []),
    ...(cost.meters > 0 ? [plural(cost.meters, 'meter')] : []),
  ];
  const ways = drains === undefined ? [] : [`ways: lead everything around ${drains}`];
  if (groups.length === 0) return ways;
  const vswitches = groups.flat().flatMap((one) => (one.type === 'vswitch' ? [one.vswitch] : []));
  const left =
    vswitches.length === 0 ? 'all hosts are there' : `remove what is left of ${few(vswitches)}`;
  return [
    ...(vswitches.length === 0
      ? []
      : [`clone: copy ${books.join(', ')}; nothing moves before all of it is there`]),
    ...groups.map((moves, i) => `move ${i + 1}: ${moves.map(moveText).join(', ')}`),
    `retire: ${left}; from here on it cannot be undone`,
    ...ways,
  ];
}

function moveText(move: Move): string {
  if (move.type === 'host') return `${hostMoveText(move)} by ${move.driver}`;
  const { vswitch, from, to, strategy } = move;
  const how = strategy === 'lime' ? '' : ' (frozen: packets are lost meanwhile)';
  return `${vswitch} ${from} -> ${to}${how}`;
}

function few(all: readonly VswitchName[]): string {
  return all.length <= 4 ? all.join(', ') : plural(all.length, 'vswitch');
}

/** What it costs, a line each. */
export function costText({
  rules,
  entries,
  labels,
  tags,
  peaks,
  ...rest
}: Cost): readonly string[] {
  const ours = entries.map(({ datapath, count }) => `${count} on ${datapath}`).join(', ');
  const ways = [
    ...(labels > 0 ? [plural(labels, 'label')] : []),
    ...(tags > 0 ? [plural(tags, 'VLAN tag')] : []),
  ];
  const room = peaks.map(({ datapath, what, count, capacity }) => {
    return `${datapath} ${count} ${what}${capacity === undefined ? '' : ` of ${capacity}`}`;
  });
  const { groups, meters, boundaryPeak } = rest;
  return [
    `copied: ${plural(rules, 'rule')}, ${plural(groups, 'group')}, ${plural(meters, 'meter')}`,
    ...(ours === '' ? [] : [`entries of ours: ${ours}`]),
    ...(ways.length === 0 ? [] : [`ways beside those in use: ${ways.join(', ')}`]),
    `room at the peak: ${room.join(', ')}`,
    ...(boundaryPeak === undefined
      ? []
      : [`between what has moved and what has not: ${rateText(boundaryPeak)} at most`]),
  ];
}

function rateText(bytesPerSec: number): string {
  const bits = bytesPerSec * 8;
  if (bits >= 1e6) return `${(bits / 1e6).toFixed(1)} Mbit/s`;
  return `${(bits / 1e3).toFixed(1)} kbit/s`;
}
