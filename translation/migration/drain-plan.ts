/**
 * Plans how to route everything around a datapath, or lists all reasons why that is impossible.
 * Pure. What no route can help with (vswitches that live there, hosts plugged in there) is named.
 */

import type { PhysicalEnd } from '../../slices/config/config.ts';
import { type DatapathName, endText, type Vport, type VswitchName } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { touched } from '../../slices/network/affected.ts';
import { isBig } from '../../slices/network/members.ts';
import { requiredPortsOf } from '../../slices/network/required-ports.ts';
import {
  bodiesOn,
  isInfeasible,
  led,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import { carriedBy } from '../../slices/network/transit.ts';
import { plural } from '../../slices/plural.ts';
import { flatMapped, type Steps } from '../../slices/steps.ts';
import { losing } from '../datapath/tag-ways.ts';
import type { TenantTables } from '../entries/tenant-tables.ts';
import type { Problems } from './plan.ts';

export interface DrainPlan {
  readonly type: 'plan';
  readonly datapath: DatapathName;
  /** Whether ways are led around it, or no longer. */
  readonly isAvoided: boolean;
  /** It is so already: nothing is to be done, and what is left by hand is told again. */
  readonly isDone: boolean;
  /** Ways that lead through it now. */
  readonly through: number;
  /** Vswitches that live there, and hosts that are plugged in: they stay. */
  readonly bodies: readonly string[];
  /** Big switches with a member there. */
  readonly members: readonly string[];
  readonly hosts: readonly string[];
}

export interface DrainCircumstances {
  isUp(port: PhysicalEnd): boolean;
  booksOf(vswitch: VswitchName): TenantTables | undefined;
  /** Another change of ways, or a migration, that is under way. */
  underWay(): string | undefined;
}

/** In steps, for it may concern everybody. */
export function* planDrain(
  snapshot: Snapshot,
  name: string,
  isAvoided: boolean,
  now: DrainCircumstances,
): Steps<DrainPlan | Problems> {
  const datapath = snapshot.datapaths.get(name as DatapathName)?.name;
  if (datapath === undefined) {
    return problems([noSuchText('datapath', name, snapshot.datapaths.keys())]);
  }
  const busy = busyBy(now);
  if (busy !== undefined) return busy;
  const before = snapshot.avoiding.now;
  const avoided = new Set(before);
  if (isAvoided) avoided.add(datapath);
  else avoided.delete(datapath);
  const after = yield* led(snapshot, { now: avoided, goal: avoided });
  if (isInfeasible(after)) {
    return problems([`the ways through ${datapath} cannot lead elsewhere: ${after.why}`]);
  }
  const those = yield* touched(snapshot, after);
  const lost = yield* losing(snapshot, after, those, (name) => now.booksOf(name));
  if (lost.length > 0) return problems(lost);
  const dark = yield* darkPorts(snapshot, after, now);
  if (dark.length > 0) return problems(dark);
  // Something else may have begun meanwhile.
  const overtaken = busyBy(now);
  if (overtaken !== undefined) return overtaken;
  const carried = carriedBy(snapshot).get(datapath);
  const there = bodiesOn(snapshot, datapath);
  return {
    type: 'plan',
    datapath,
    isAvoided,
    isDone: before.has(datapath) === isAvoided,
    through: carried?.through.length ?? 0,
    bodies: there.filter((one) => !isBig(one)).map((one) => one.name),
    members: there.filter(isBig).map((one) => one.name),
    hosts: carried?.hosts ?? [],
  };
}

function busyBy(now: DrainCircumstances): Problems | undefined {
  const underWay = now.underWay();
  return underWay === undefined ? undefined : problems([`${underWay}; wait for its end`]);
}

/** In words: what happened, and what is left to do by hand. `targets` has places for bodies. */
export function drainText(plan: DrainPlan, targets: ReadonlyMap<string, string>): string {
  const { datapath, isAvoided, isDone, through, bodies } = plan;
  if (!isAvoided) return isDone ? `${datapath} is not drained` : `${datapath} carries ways again`;
  const left = [
    ...bodies.map((one) => {
      const to = targets.get(one) ?? 'DATAPATH';
      return `${one} lives there: limevisor migrate ${one} --to ${to}`;
    }),
    ...leftByHand(plan),
  ];
  const gone = isDone
    ? `${datapath} is already drained`
    : `${plural(through, 'way')} led around ${datapath}`;
  if (left.length === 0) return `${gone}; it carries nothing now, and its cables can be unplugged`;
  return `${gone}; what remains:\n  ${left.join('\n  ')}`;
}

/** What no migration and no way can help with. */
export function leftByHand({ datapath, members, hosts }: DrainPlan): readonly string[] {
  return [
    ...members.map((one) => {
      const move = `limevisor migrate ${one} --from ${datapath} --to DATAPATH`;
      return `${one} has a member there: ${move}, or take it out of its "on"`;
    }),
    ...hosts.map((one) => `${one} is plugged in there: move its cable first, or it is cut off`),
  ];
}

function problems(list: readonly string[]): Problems {
  return { type: 'problems', problems: list };
}

/** No tenant may notice: what has a link has one afterwards, too. */
function darkPorts(
  before: Snapshot,
  after: Snapshot,
  { isUp }: DrainCircumstances,
): Steps<readonly string[]> {
  const down = (snapshot: Snapshot, of: Vswitch, vport: Vport): PhysicalEnd | undefined =>
    requiredPortsOf(snapshot, of, vport).find((end) => !isUp(end));
  return flatMapped(after.vswitches.values(), (one) =>
    [...one.ports.keys()].flatMap((vport) => {
      const end = down(after, one, vport);
      if (end === undefined || down(before, one, vport) !== undefined) return [];
      return [`port ${vport} of ${one.name} would lose its link: ${endText(end)} is down`];
    }),
  );
}
