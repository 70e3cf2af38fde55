/**
 * The order and the strategy by which vswitches leave a datapath that is about to fail, so that the
 * most important ones are away in time. Pure: times are estimates, by earlier migrations.
 *
 * Each vswitch moves by itself, for all or nothing would be nothing. The most important go first;
 * of equally important ones those that are quick. One that cloning would not have away in time is
 * frozen and copied; what is not in time either way goes behind all others, and is frozen where
 * that is much sooner. A datapath that answers slowly takes as much longer (estimate.ts).
 */
import { type DatapathName, tenantOf, type VswitchName } from '../../slices/ids.ts';
import { isBig } from '../../slices/network/members.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Steps } from '../../slices/steps.ts';
import { awayMs, type Leaves } from './estimate.ts';
import type { LeavingMember } from './member-places.ts';
import type { Strategy } from './migration.ts';
import { movesOf, type Targets } from './wanted-moves.ts';

/** What is known of one that has to leave. */
export interface Leaving {
  readonly vswitch: VswitchName;
  readonly importance: number;
  readonly rules: number;
  readonly to: DatapathName;
  /** Until it is away, from when it begins. */
  readonly limeMs: number;
  readonly freezeMs: number;
}

export interface EvacuationStep extends Omit<Leaving, 'limeMs' | 'freezeMs'> {
  readonly strategy: Strategy;
  /** When it begins and is away, by the estimates, since the evacuation began. */
  readonly startMs: number;
  readonly endMs: number;
  readonly isInTime: boolean;
}

/** A member of a big switch that leaves beside them: these one after the other. */
export interface MemberStep extends LeavingMember {
  readonly importance: number;
  /** Where to; absent: it leaves, and the other members go on. */
  readonly to?: DatapathName;
  readonly endMs: number;
  readonly isInTime: boolean;
}

/** One that cannot leave, and why. */
export interface Stuck {
  readonly vswitch: VswitchName;
  readonly importance: number;
  readonly why: string;
}

export interface EvacuationPlan {
  readonly type: 'evacuationPlan';
  /** A datapath or a zone, as it was named. */
  readonly what: string;
  readonly datapaths: readonly DatapathName[];
  readonly withinMs: number;
  readonly steps: readonly EvacuationStep[];
  readonly members: readonly MemberStep[];
  readonly stuck: readonly Stuck[];
  /** What a person has to see to: hosts that are plugged in there. */
  readonly byHand: readonly string[];
}

/** The steps, in the order in which they begin. `atOnce` go side by side. */
export function stepsInTime(
  all: readonly Leaving[],
  withinMs: number,
  atOnce: number,
): readonly EvacuationStep[] {
  const free = Array.from({ length: Math.max(1, atOnce) }, () => 0);
  const steps: EvacuationStep[] = [];
  const late: Leaving[] = [];
  const put = (one: Leaving, strategy: Strategy, isInTime: boolean): void => {
    const lane = free.indexOf(Math.min(...free));
    const startMs = free[lane] ?? 0;
    const { limeMs, freezeMs, ...rest } = one;
    const endMs = startMs + (strategy === 'lime' ? limeMs : freezeMs);
    free[lane] = endMs;
    steps.push({ ...rest, strategy, startMs, endMs, isInTime });
  };
  for (const one of inOrder(all)) {
    const strategy = strategyIn(one, Math.min(...free), withinMs);
    if (strategy === undefined) late.push(one);
    else put(one, strategy, true);
  }
  for (const one of late) put(one, lateStrategy(one), false);
  return steps;
}

/** Which is in time, of one that begins then; undefined: neither. */
export function strategyIn(
  { limeMs, freezeMs }: Pick<Leaving, 'limeMs' | 'freezeMs'>,
  startMs: number,
  withinMs: number,
): Strategy | undefined {
  if (startMs + limeMs <= withinMs) return 'lime';
  return startMs + freezeMs <= withinMs ? 'freeze' : undefined;
}

/** Of one that is late in any case: what is frozen forwards nothing, so it has to be worth it. */
export function lateStrategy({ limeMs, freezeMs }: Pick<Leaving, 'limeMs' | 'freezeMs'>): Strategy {
  return freezeMs <= limeMs * WORTH_MAX ? 'freeze' : 'lime';
}

const WORTH_MAX = 0.8;

function inOrder(all: readonly Leaving[]): readonly Leaving[] {
  return all.toSorted(
    (a, b) =>
      b.importance - a.importance ||
      a.limeMs - b.limeMs ||
      (a.vswitch < b.vswitch ? -1 : a.vswitch > b.vswitch ? 1 : 0),
  );
}

/** What cannot be away in time, or not at all, the most valuable first. */
export function lateIn({ steps, members, stuck }: EvacuationPlan): readonly Stuck[] {
  const late = [...steps, ...members].flatMap(
    ({ vswitch, importance, isInTime, endMs }): readonly Stuck[] => {
      const why = `it would be away after ${(endMs / 1_000).toFixed(1)} s`;
      return isInTime ? [] : [{ vswitch, importance, why }];
    },
  );
  return [...late, ...stuck].toSorted((a, b) => b.importance - a.importance);
}

export interface LeavingCircumstances extends Targets {
  readonly remembered: Leaves;
  rulesOf(vswitch: VswitchName): number;
  /** Where a member goes; undefined where it leaves only. */
  memberTo(leaving: LeavingMember): DatapathName | undefined;
}

/** Everything that lives there, with a place for each that has one. */
export interface Leavings {
  readonly all: readonly Leaving[];
  readonly members: readonly LeavingMember[];
  readonly stuck: readonly Stuck[];
}

/** In steps: where room is short, those that are less important have none. */
export function* leavingFrom(
  snapshot: Snapshot,
  leaves: readonly DatapathName[],
  to: readonly string[],
  now: LeavingCircumstances,
): Steps<Leavings> {
  const { importance } = snapshot.config;
  const important = (name: string): number => importance.get(tenantOf(name)) ?? 0;
  const living = [...snapshot.vswitches.keys()].filter((name) => {
    return snapshot.placements.get(name)?.bodies.some((one) => leaves.includes(one));
  });
  const inOrder = living.toSorted((a, b) => important(b) - important(a) || (a < b ? -1 : 1));
  const isBigOne = (name: VswitchName): boolean => {
    const vswitch = snapshot.vswitches.get(name);
    return vswitch !== undefined && isBig(vswitch);
  };
  const [bigs, names] = [inOrder.filter(isBigOne), inOrder.filter((one) => !isBigOne(one))];
  const left = movesOf(snapshot, { names: bigs, to, leaves }, now);
  const members = bigs.length === 0 || 'problems' in left ? [] : left.members;
  const found = yield* placesFor(names, (some) =>
    movesOf(snapshot, { names: some, to, leaves, needsRoom: true }, now),
  );
  const { moves } = found;
  const all = moves.map(({ vswitch: { name }, to: target }): Leaving => {
    const rules = now.rulesOf(name);
    const until = (one: Strategy): number => awayMs(one, rules, now.remembered);
    const times = { limeMs: until('lime'), freezeMs: until('freeze') };
    return { vswitch: name, importance: important(name), rules, to: target, ...times };
  });
  const stuck = [...found.stuck].map(([vswitch, why]) => {
    return { vswitch, importance: important(vswitch), why };
  });
  return { all, members, stuck };
}

/** One after the other, the most important first, beside all others. */
export function memberSteps(
  snapshot: Snapshot,
  members: readonly LeavingMember[],
  withinMs: number,
  now: LeavingCircumstances,
): readonly MemberStep[] {
  const important = (name: string): number => snapshot.config.importance.get(tenantOf(name)) ?? 0;
  let endMs = 0;
  return members
    .toSorted((a, b) => important(b.vswitch) - important(a.vswitch))
    .map((one) => {
      const to = now.memberTo(one);
      endMs += awayMs('lime', now.rulesOf(one.vswitch), now.remembered);
      const where = to === undefined ? {} : { to };
      const importance = important(one.vswitch);
      return { ...one, ...where, importance, endMs, isInTime: endMs <= withinMs };
    });
}

type Placed = ReturnType<typeof movesOf>;
type Places = Exclude<Placed, { readonly problems: unknown }>;
const nowhere: Pick<Places, 'moves'> = { moves: [] };

/** How often one that has no place is passed over, before all behind it are. */
const PASSED_OVER_MAX = 16;

/** As many of the first as have a place together; one that has none keeps no other from it. */
function* placesFor(
  names: readonly VswitchName[],
  placed: (some: readonly VswitchName[]) => Placed,
) {
  let kept: readonly VswitchName[] = [];
  let rest = names;
  let best = nowhere;
  const stuck = new Map<VswitchName, string>();
  const tries = (some: readonly VswitchName[]): boolean => {
    const found = placed(some);
    if (!('problems' in found)) {
      best = found;
      return true;
    }
    why = found.problems.join('; ');
    return false;
  };
  let why = '';
  while (rest.length > 0) {
    let [low, high] = [0, rest.length + 1];
    // All of them at first: mostly there is room.
    for (let next = rest.length; high - low > 1; next = (low + high) >> 1) {
      if (tries([...kept, ...rest.slice(0, next)])) low = next;
      else high = next;
      yield;
    }
    kept = [...kept, ...rest.slice(0, low)];
    const [first, ...behind] = rest.slice(low);
    if (first !== undefined) stuck.set(first, why);
    rest = behind;
    if (stuck.size <= PASSED_OVER_MAX) continue;
    for (const one of rest) stuck.set(one, why);
    break;
  }
  return { ...best, stuck };
}
