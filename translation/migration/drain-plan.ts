/**
 * Plans how to route everything around a datapath, or all of a zone, or lists all reasons why that
 * is impossible. Pure. Obstacles that routing cannot remove (vswitches that live there, hosts
 * plugged in there) are named.
 */

import type { PhysicalEnd } from '../../slices/config/config.ts';
import { type DatapathName, endText, type Vport, type VswitchName } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { touched } from '../../slices/network/affected.ts';
import { type Avoided, type Avoiding, heldIn } from '../../slices/network/drained-datapaths.ts';
import { isBig } from '../../slices/network/members.ts';
import { requiredPortsOf } from '../../slices/network/required-ports.ts';
import {
  bodiesOn,
  isInfeasible,
  led,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import { carrying } from '../../slices/network/transit.ts';
import { plural } from '../../slices/plural.ts';
import { flatMapped, type Steps } from '../../slices/steps.ts';
import { losing } from '../datapath/tag-ways.ts';
import type { TenantTables } from '../entries/tenant-tables.ts';
import type { Problems } from './plan.ts';

export interface DrainPlan {
  readonly type: 'plan';
  /** As it was named: a datapath, or a zone. */
  readonly datapath: string;
  readonly datapaths: readonly DatapathName[];
  /** Whether ways are led around it, or no longer. */
  readonly isAvoided: boolean;
  /** Whether nothing is placed there afterwards, by no file either. */
  readonly isHeld: boolean;
  /** It is so already: nothing is to be done, and what is left by hand is told again. */
  readonly isDone: boolean;
  /** Ways that lead through it now. */
  readonly through: number;
  /** Vswitches that live there, and hosts that are plugged in: they stay. */
  readonly bodies: readonly string[];
  /** Big switches with a member there. */
  readonly members: readonly string[];
  readonly hosts: readonly string[];
  /** The same of each datapath. */
  readonly parts: readonly DrainPart[];
}

interface DrainPart extends Pick<DrainPlan, 'bodies' | 'members' | 'hosts'> {
  readonly on: DatapathName;
}

/** What else is said of a drain. */
export interface DrainWish {
  /** Nothing is placed there until it is undrained. */
  readonly isHeld?: boolean;
  /** All that the name is for; absent: as the file says. */
  readonly datapaths?: readonly DatapathName[];
}

/** The datapaths that are called so: one, or those of a zone. */
export function datapathsCalled(
  { datapaths, config }: Pick<Snapshot, 'datapaths' | 'config'>,
  name: string,
): readonly DatapathName[] | undefined {
  const own = datapaths.get(name as DatapathName)?.name;
  return own === undefined ? config.zones.get(name) : [own];
}

export interface DrainCircumstances {
  isUp(port: PhysicalEnd): boolean;
  tablesOf(vswitch: VswitchName): TenantTables | undefined;
  /** Another change of ways, or a migration, that is under way. */
  underWay(): string | undefined;
}

/** In steps, for it may concern everybody. */
export function* planDrain(
  snapshot: Snapshot,
  name: string,
  isAvoided: boolean,
  now: DrainCircumstances,
  { isHeld = false, datapaths = datapathsCalled(snapshot, name) }: DrainWish = {},
): Steps<DrainPlan | Problems> {
  if (datapaths === undefined) {
    const zones = [...snapshot.config.zones.keys()];
    const kind = zones.length === 0 ? 'datapath' : 'datapath or zone';
    return problems([noSuchText(kind, name, [...snapshot.datapaths.keys(), ...zones])]);
  }
  const busy = busyBy(now);
  if (busy !== undefined) return busy;
  const avoided = avoidedAfter(snapshot.avoiding, datapaths, { isAvoided, isHeld });
  const after = yield* led(snapshot, { ...avoided, goal: avoided.now });
  if (isInfeasible(after)) {
    return problems([`the ways through ${name} cannot lead elsewhere: ${after.why}`]);
  }
  const those = yield* touched(snapshot, after);
  const lost = yield* losing(snapshot, after, those, (name) => now.tablesOf(name));
  if (lost.length > 0) return problems(lost);
  const dark = yield* darkPorts(snapshot, after, now);
  if (dark.length > 0) return problems(dark);
  const carried = yield* carrying(snapshot);
  // Something else may have begun meanwhile.
  const overtaken = busyBy(now);
  if (overtaken !== undefined) return overtaken;
  const through = datapaths.flatMap((on) => carried.get(on)?.through ?? []);
  const parts = datapaths.map((on): DrainPart => {
    const there = bodiesOn(snapshot, on);
    return {
      on,
      bodies: there.filter((one) => !isBig(one)).map((one) => one.name),
      members: there.filter(isBig).map((one) => one.name),
      hosts: carried.get(on)?.hosts ?? [],
    };
  });
  const all = (key: 'bodies' | 'members' | 'hosts') => [
    ...new Set(parts.flatMap((one) => one[key])),
  ];
  const { now: before } = snapshot.avoiding;
  const held = heldIn(snapshot.avoiding);
  const isSo = (one: DatapathName): boolean =>
    isAvoided ? before.has(one) && (held.has(one) || !isHeld) : !before.has(one) && !held.has(one);
  return {
    type: 'plan',
    datapath: name,
    datapaths,
    isAvoided,
    isHeld: datapaths.every((one) => avoided.held.has(one)),
    isDone: datapaths.every(isSo),
    through: new Set(through.map(({ key }) => key)).size,
    ...{ bodies: all('bodies'), members: all('members'), hosts: all('hosts'), parts },
  };
}

/** What ways are led around then, and where nothing is placed. */
export function avoidedAfter(
  avoiding: Avoiding,
  datapaths: readonly DatapathName[],
  { isAvoided, isHeld }: { readonly isAvoided: boolean; readonly isHeld: boolean },
): { readonly now: Avoided; readonly held: Avoided } {
  const [now, held] = [new Set(avoiding.now), new Set(heldIn(avoiding))];
  for (const one of datapaths) {
    if (isAvoided) now.add(one);
    else now.delete(one);
    if (isAvoided && isHeld) held.add(one);
    else if (!isAvoided) held.delete(one);
  }
  return { now, held };
}

function busyBy(now: DrainCircumstances): Problems | undefined {
  const underWay = now.underWay();
  return underWay === undefined ? undefined : problems([`${underWay}; wait for its end`]);
}

/** In words: what happened, and what is left to do by hand. `targets` has places for bodies. */
export function drainText(plan: DrainPlan, targets: ReadonlyMap<string, string>): string {
  const { isAvoided, isHeld, isDone, through, bodies } = plan;
  const datapath = nameText(plan);
  if (!isAvoided) return isDone ? `${datapath} is not drained` : `${datapath} carries ways again`;
  const left = [
    ...bodies.map((one) => {
      const to = targets.get(one) ?? 'DATAPATH';
      return `${one} lives there: limevisor migrate ${one} --to ${to}`;
    }),
    ...leftByHand(plan),
  ];
  const holds = isHeld ? ', and nothing is placed there' : '';
  const gone = isDone
    ? `${datapath} is already drained${holds}`
    : `${plural(through, 'way')} led around ${datapath}${holds}`;
  if (left.length === 0) return `${gone}; it carries nothing now, and its cables can be unplugged`;
  return `${gone}; what remains:\n  ${left.join('\n  ')}`;
}

/** Where somebody has members moved. */
export function withoutMembers(plan: DrainPlan): DrainPlan {
  return { ...plan, parts: plan.parts.map((one) => ({ ...one, members: [] })) };
}

/** What no migration and no way can help with. */
export function leftByHand({ parts }: DrainPlan): readonly string[] {
  return parts.flatMap(({ on, members, hosts }) => {
    const there = parts.length === 1 ? 'there' : `at ${on}`;
    return [
      ...members.map((one) => {
        return `${one} has a member ${there}: limevisor migrate ${one} --from ${on}`;
      }),
      ...hosts.map(
        (one) => `${one} is plugged in ${there}: move its cable first, or it is cut off`,
      ),
    ];
  });
}

/** A zone with its datapaths. */
function nameText({ datapath, datapaths }: Pick<DrainPlan, 'datapath' | 'datapaths'>): string {
  const isZone = !datapaths.some((one) => one === datapath);
  return isZone ? `${datapath} (${datapaths.join(', ')})` : datapath;
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
