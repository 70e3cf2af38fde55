/**
 * The plan of several moves that are one migration (ensemble.ts): its steps and its costs, or every
 * reason against it. Pure; nothing starts without one.
 */
import { type DatapathName, endText, tenantOf, type VswitchName } from '../../slices/ids.ts';
import { plugging } from '../../slices/network/changed-config.ts';
import { isInfeasible, placementOf, type Snapshot } from '../../slices/network/snapshot.ts';
import { plural } from '../../slices/plural.ts';
import type { Steps } from '../../slices/steps.ts';
import { type DrainCircumstances, leftByHand, planDrain, withoutMembers } from './drain-plan.ts';
import { type JoinedBody, leftBehind, type Move, type Vacating, vacatingOf } from './ensemble.ts';
import { type Cost, costOf } from './ensemble-costs.ts';
import { rateText } from './ensemble-costs-text.ts';
import { estimateOf, type Remembered } from './estimate.ts';
import { driverText, hostMoveText } from './host-move.ts';
import { type HostCircumstances, type HostPlan, planHostMove } from './host-move-plan.ts';
import { movesFor } from './member-move.ts';
import type { LeavingMember } from './member-places.ts';
import type { AskedStrategy, GuardKind, How, Strategy } from './migration.ts';
import { checkedMoves, type Moments, type MoveCircumstances, whyNotProbed } from './move-checks.ts';
import { groupsOf, type Traffic } from './move-order.ts';
import { crowdedText, type Emptied, emptiedIn, isCrowded } from './peak-room.ts';
import type { Problems } from './plan.ts';
import { placeOf, rateOf, targetOf } from './traffic.ts';
import type { Found } from './wanted-moves.ts';

/** Ways are led around what is left, when nothing lives there any more. */
export interface EnsembleOptions extends Vacating {
  /** As it was typed. */
  readonly what: string;
  readonly strategy: AskedStrategy;
  readonly portsAtOnce?: number;
  readonly guard?: GuardKind;
  /** Whether loss is measured by probes. */
  readonly probe?: boolean;
  /** How many move at once. */
  readonly groupMax: number;
}

export interface EnsemblePlan extends Vacating {
  readonly type: 'plan';
  readonly what: string;
  /** Those of one group at once, group after group. */
  readonly groups: readonly (readonly Move[])[];
  readonly cost: Cost;
  readonly steps: readonly string[];
  readonly stays: readonly string[];
  /** Members of big switches that leave when all of it is done, one after the other. */
  readonly members: readonly LeavingMember[];
  readonly byHand: readonly string[];
  /** The body that joins first, where hosts move to a clone of a part. */
  readonly joins?: JoinedBody;
}

export interface EnsembleCircumstances
  extends MoveCircumstances,
    Pick<HostCircumstances, 'whyNoDriver'> {
  /** What else moves of this host, in words. */
  hostUnderWay: HostCircumstances['underWay'];
  readonly drain: DrainCircumstances;
  /** What others took. */
  readonly remembered: Remembered;
  /** What was measured between vswitches and hosts; absent: it is not known. */
  readonly traffic?: Traffic;
  /** Names, or those of tenants, in the order in which all move, whatever flows. */
  readonly inOrder?: readonly string[];
}

/** In steps, where ways are led around a datapath: that may concern everybody. */
export function* planEnsemble(
  snapshot: Snapshot,
  { moves, hosts: wantedHosts, members, stays, byHand }: Found,
  options: EnsembleOptions,
  now: EnsembleCircumstances,
): Steps<EnsemblePlan | Problems> {
  const checked = checkedMoves(snapshot, moves, now);
  if ('problems' in checked) return { type: 'problems', problems: checked.problems };
  const { cloned, after } = checked;
  const hosts = yield* checkedHosts({ cloned, after }, wantedHosts, now);
  if ('problems' in hosts) return { type: 'problems', problems: hosts.problems };
  const { what, drains, holds } = options;
  const left = leftBehind(options);
  const possible = emptiedIn(hosts.open, moves, now.tablesOf);
  const emptied = options.strategy === 'lime' ? nobody : possible;
  const cost = costOf(snapshot, hosts.open, moves, now, emptied);
  const crowded = cost.peaks.filter(isCrowded);
  const wish = { datapaths: left, isHeld: holds === true };
  const around =
    drains === undefined ? undefined : yield* planDrain(hosts.after, drains, true, now.drain, wish);
  const problems = [
    ...(options.probe === true ? moves.flatMap((one) => whyNotProbed(snapshot, one)) : []),
    ...crowded.map(crowdedText),
    ...(crowded.length > 0 && emptied !== possible
      ? hintsOf(costOf(snapshot, hosts.open, moves, now, possible).peaks, possible)
      : []),
    ...(around?.type === 'problems' ? around.problems : []),
  ];
  if (problems.length > 0) return { type: 'problems', problems };
  const { groups, peak } = grouped(snapshot, moves, hosts.plans, options, now, emptied);
  const measured = peak === undefined ? {} : { boundaryPeak: peak };
  const rulesOf = (name: string): number => now.tablesOf(name as VswitchName)?.rulebook.size ?? 0;
  const time = estimateOf(groups, rulesOf, now.remembered);
  const whole = { ...cost, ...measured, time };
  const last = members.map((one) => memberText(movesFor(hosts.after, one, now), one));
  const steps = [...stepsOf(groups, whole, left), ...last];
  const parts = { cost: whole, steps, stays, members };
  const rest = around?.type === 'plan' ? leftByHand(withoutMembers(around)) : byHand;
  return { type: 'plan', what, groups, ...vacatingOf(options), ...parts, byHand: rest };
}

interface CheckedHosts {
  readonly plans: readonly HostPlan[];
  readonly open: Snapshot;
  readonly after: Snapshot;
}

/** Hosts one after the other, in steps: each finds the others where they will be. */
function* checkedHosts(
  { cloned, after }: Moments,
  hosts: Found['hosts'],
  now: EnsembleCircumstances,
): Steps<CheckedHosts | { readonly problems: readonly string[] }> {
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
    yield;
    const both = yield* plugging(open, host, { at: plan.from, also: to });
    const there = yield* plugging(end, host, { at: to });
    yield;
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

const nobody: Emptied = new Map();

/** What would do, where cloning does not. */
function hintsOf(peaks: Cost['peaks'], possible: Emptied): readonly string[] {
  if (peaks.some(isCrowded)) return [];
  const who = few([...possible.keys()]);
  return [`with "--strategy auto" ${who} would make room first, and lose packets meanwhile`];
}

/**
 * Vswitches and hosts by what they say to each other, as far as that is known; those that make room
 * do so together, when all others have moved.
 */
function grouped(
  snapshot: Snapshot,
  moves: Found['moves'],
  hosts: readonly HostPlan[],
  { strategy, portsAtOnce, guard, probe, groupMax }: EnsembleOptions,
  { traffic, inOrder }: EnsembleCircumstances,
  emptied: Emptied,
): { readonly groups: readonly (readonly Move[])[]; readonly peak?: number } {
  const own = guard === undefined ? {} : { guard };
  const some = { ...(portsAtOnce !== undefined && { portsAtOnce }), ...own };
  const vswitches = moves.map(({ vswitch: { name: vswitch }, to }): readonly [string, Move] => {
    const { primary: from } = placementOf(snapshot, vswitch);
    const how = strategyOf(vswitch, strategy, traffic, emptied);
    // A vswitch that is frozen has no guards, and its ports move at once.
    const more = how.strategy === 'lime' ? some : {};
    const probed = probe === true ? { probe } : {};
    return [vswitch, { type: 'vswitch', vswitch, from, to, ...how, ...more, ...probed }];
  });
  const all = new Map<string, Move>([
    ...vswitches,
    ...hosts.map(({ host, vswitch, vport, from, to, driver }) => {
      const move = { type: 'host', host, vswitch, vport, from, to, driver } as const;
      return [host, move] as const;
    }),
  ]);
  const targets = new Set([...all.values()].map(targetOf));
  const isThere = (name: string): boolean => {
    const on = all.has(name) ? undefined : placeOf(snapshot, name);
    return on !== undefined && targets.has(on);
  };
  const kindOf = (name: string): string => all.get(name)?.type ?? '';
  const names = inOrder === undefined ? [...all.keys()] : sortedBy(inOrder, all.keys());
  const deciding = inOrder === undefined ? traffic : undefined;
  const first = names.filter((name) => !emptied.has(name as VswitchName));
  const last = names.filter((name) => emptied.has(name as VswitchName));
  const ordered = groupsOf(first, deciding, groupMax, { kindOf, isThere });
  const groups = [...ordered.groups, ...(last.length > 0 ? [last] : [])].map((names) =>
    names.flatMap((name) => all.get(name) ?? []),
  );
  return { groups, ...(ordered.peak !== undefined && { peak: ordered.peak }) };
}

function sortedBy(inOrder: readonly string[], names: Iterable<string>): readonly string[] {
  const place = (name: string): number => {
    const own = inOrder.indexOf(name);
    return own >= 0 ? own : inOrder.indexOf(tenantOf(name));
  };
  return [...names].sort((one, other) => place(one) - place(other));
}

/**
 * Where nothing flows, nothing is lost while it is frozen, and that takes fewer steps; where there
 * is no room for a second copy, there is no other way.
 */
export function strategyOf(
  vswitch: VswitchName,
  asked: AskedStrategy,
  traffic: Traffic | undefined,
  emptied: Emptied = nobody,
): Pick<How, 'emptiesFirst' | 'whyStrategy'> & { readonly strategy: Strategy } {
  const full = emptied.get(vswitch);
  if (full !== undefined) return { strategy: 'freeze', emptiesFirst: true, whyStrategy: full };
  if (asked !== 'auto') return { strategy: asked };
  if (traffic === undefined) return { strategy: 'lime', whyStrategy: 'what flows is not known' };
  const rate = rateOf(traffic, vswitch) ?? 0;
  if (rate === 0) return { strategy: 'freeze', whyStrategy: 'nothing flows' };
  return { strategy: 'lime', whyStrategy: `${rateText(rate)} flow` };
}

function stepsOf(
  groups: readonly (readonly Move[])[],
  cost: Cost,
  left: readonly DatapathName[],
): readonly string[] {
  const tables = [
    plural(cost.rules, 'rule'),
    ...(cost.groups > 0 ? [plural(cost.groups, 'group')] : []),
    ...(cost.meters > 0 ? [plural(cost.meters, 'meter')] : []),
  ];
  const ways = left.length === 0 ? [] : [`ways: lead everything around ${left.join(', ')}`];
  if (groups.length === 0) return ways;
  const vswitches = groups.flat().flatMap((one) => (one.type === 'vswitch' ? [one.vswitch] : []));
  const last =
    vswitches.length === 0 ? 'all hosts are there' : `remove what is left of ${few(vswitches)}`;
  return [
    ...(vswitches.length === 0
      ? []
      : [`clone: copy ${tables.join(', ')}; nothing moves before all of it is there`]),
    ...groups.map((moves, i) => `group ${i + 1}: ${moves.map(moveText).join(', ')}`),
    `retire: ${last}; from here on it cannot be undone`,
    ...ways,
  ];
}

/** The first that is tried. */
function memberText(moves: ReturnType<typeof movesFor>, { vswitch, from }: LeavingMember): string {
  if ('type' in moves) return `members: ${moves.problems.join('; ')}`;
  const to = moves[0]?.to;
  const where = to === undefined ? ', and the others go on' : ` -> ${to}`;
  return `members: ${vswitch} leaves ${from}${where}`;
}

function moveText(move: Move): string {
  if (move.type === 'host') return `${hostMoveText(move)} ${driverText(move)}`;
  const { vswitch, from, to, strategy, emptiesFirst = false, whyStrategy } = move;
  const why = whyStrategy === undefined ? '' : `, since ${whyStrategy}`;
  const what = emptiesFirst ? 'frozen, and emptied before it is filled' : 'frozen';
  const how = strategy === 'lime' ? '' : ` (${what}${why}: packets are lost meanwhile)`;
  return `${vswitch} ${from} -> ${to}${how}`;
}

function few(all: readonly VswitchName[]): string {
  return all.length <= 4 ? all.join(', ') : plural(all.length, 'vswitch');
}
