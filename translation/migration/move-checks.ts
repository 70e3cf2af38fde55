/**
 * Checks whether some vswitches can move together: it returns every reason against it, before
 * anything changes.
 */
import type { PhysicalEnd } from '../../slices/config/config.ts';
import { type DatapathName, endText, type Vport, type VswitchName } from '../../slices/ids.ts';
import { touchedBy } from '../../slices/network/affected.ts';
import { whyClosed } from '../../slices/network/drained-datapaths.ts';
import { isBig } from '../../slices/network/members.ts';
import { changedKeys } from '../../slices/network/persistent-map.ts';
import { requiredPorts, requiredPortsOf } from '../../slices/network/required-ports.ts';
import {
  type Infeasible,
  isFlat,
  isInfeasible,
  type Placement,
  placedOn,
  placementOf,
  type Snapshot,
  type Vswitch,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { entriesPerRule } from '../datapath/entry-costs.ts';
import { misfit } from '../datapath/flat-fit.ts';
import { lostBy } from '../datapath/tag-ways.ts';
import type { TenantTables } from '../entries/tenant-tables.ts';
import { begin } from './migration.ts';
import { placementIn } from './migration-states.ts';

export interface Checked {
  readonly vswitch: Vswitch;
  readonly to: DatapathName;
}

/** What checks need to know of the moment. */
export interface MoveCircumstances {
  isReady(datapath: DatapathName): boolean;
  isUp(port: PhysicalEnd): boolean;
  /** What a tenant has made: a neighbour's rules may lose their way, too. */
  tablesOf(vswitch: VswitchName): TenantTables | undefined;
  /** Why its tenant's limits do not let it have a body there, at so many entries for a rule. */
  whyNoRoom?(vswitch: VswitchName, on: DatapathName, entriesPerRule: number): string | undefined;
  /** Whether the file has a vswitch on one datapath, whatever its members are now. */
  isPlainInFile?(vswitch: VswitchName): boolean;
  /** The id of a migration of this vswitch that is under way. */
  underWay(vswitch: VswitchName): number | undefined;
}

/** The snapshots of the moments that count: all are cloned; all are where they go. */
export interface Moments {
  readonly cloned: Snapshot;
  readonly after: Snapshot;
}

export function checkedMoves(
  snapshot: Snapshot,
  moves: readonly Checked[],
  now: MoveCircumstances,
): Moments | { readonly problems: readonly string[] } {
  const early = moves.flatMap((move) => whyNotNow(snapshot, move, now));
  if (early.length > 0) return { problems: [...new Set(early)] };
  const cloned = placedAll(snapshot, moves, ({ vswitch, to }) => {
    const { primary } = placementOf(snapshot, vswitch.name);
    return placementIn(begin(0, vswitch.name, primary, to, 'lime', 0), vswitch);
  });
  if (isInfeasible(cloned)) return { problems: [cloned.why] };
  const after = placedAll(cloned, moves, ({ vswitch, to }) => placedOn(vswitch, to));
  const misfits = moves.flatMap((move) => whyNoBody(cloned, move, now) ?? []);
  if (isInfeasible(after)) return { problems: [...misfits, after.why] };
  const [only] = moves.length === 1 ? moves : [];
  const problems = [
    ...misfits,
    ...lostBy(snapshot, after, (name) => now.tablesOf(name)),
    ...darkPorts(snapshot, after, concerned(snapshot, after, moves), only?.vswitch.name, now),
  ];
  return problems.length > 0 ? { problems } : { cloned, after };
}

/** Why loss cannot be measured there: with one table a probe is a packet of the tenant's. */
export function whyNotProbed(snapshot: Snapshot, { vswitch, to }: Checked): readonly string[] {
  const { primary } = placementOf(snapshot, vswitch.name);
  return [...new Set([primary, to])]
    .filter((on) => isFlat(snapshot, on))
    .map((on) => `${vswitch.name} cannot be probed: ${on} has one table; leave out "--probe"`);
}

function placedAll(
  snapshot: Snapshot,
  moves: readonly Checked[],
  placementOfMove: (move: Checked) => Placement,
): Snapshot | Infeasible {
  let now: Snapshot = snapshot;
  for (const move of moves) {
    const next = withPlacement(now, move.vswitch.name, placementOfMove(move));
    if (isInfeasible(next)) return next;
    now = next;
  }
  return now;
}

/** Why it does not move there now, wherever anything else stands. */
function whyNotNow(snapshot: Snapshot, move: Checked, now: MoveCircumstances): readonly string[] {
  const { vswitch, to } = move;
  const { primary: from } = placementOf(snapshot, vswitch.name);
  const why = whyNoMigration(snapshot, move, now.underWay(vswitch.name));
  const away = from !== to && !now.isReady(from) ? [whyAway(from)] : [];
  return [...(why === undefined ? [] : [why]), ...away, ...whyNotThere(snapshot, to, now)];
}

/** Why no member of a big switch moves there now. */
export function whyNoTarget(
  snapshot: Snapshot,
  { vswitch, to }: Checked,
  now: MoveCircumstances,
): readonly string[] {
  const avoided = whyAvoided(vswitch, to);
  const full = now.whyNoRoom?.(vswitch.name, to, 1);
  return [avoided, full].flatMap((one) => one ?? []).concat(whyNotThere(snapshot, to, now));
}

function whyNotThere(
  { avoiding }: Snapshot,
  to: DatapathName,
  now: MoveCircumstances,
): readonly string[] {
  return [
    ...(now.isReady(to) ? [] : [whyAway(to)]),
    ...[whyClosed(avoiding, to)].flatMap((why) => why ?? []),
  ];
}

function whyAway(datapath: DatapathName): string {
  return `datapath ${datapath} is not connected and ready`;
}

function whyAvoided({ ports }: Vswitch, to: DatapathName): string | undefined {
  for (const [vport, { wish }] of ports) {
    const next = 'apply a file in which it does not';
    if (wish.avoid.includes(to)) return `the link at port ${vport} avoids ${to}; ${next}`;
  }
  return undefined;
}

function whyNoMigration(
  snapshot: Snapshot,
  { vswitch, to }: Checked,
  underWay: number | undefined,
): string | undefined {
  const { name, members } = vswitch;
  if (underWay !== undefined) {
    return `${name} is migrating already (migration ${underWay}); wait or undo it`;
  }
  if (isBig(vswitch)) {
    const hint = `move a member: "limevisor migrate ${name} --from ${members[0]} --to ${to}"`;
    const on = members.join(', ');
    return `${name} is a big switch on ${on} and does not migrate as a whole; ${hint}`;
  }
  const avoided = whyAvoided(vswitch, to);
  if (avoided !== undefined) return avoided;
  const { bodies } = placementOf(snapshot, name);
  return bodies.includes(to) ? `${name} lives on ${to} already` : undefined;
}

/** Why a datapath cannot have what the vswitch's tenant has made, or may not. */
function whyNoBody(
  cloned: Snapshot,
  { vswitch, to }: Checked,
  now: MoveCircumstances,
): string | undefined {
  const { name } = vswitch;
  const full = now.whyNoRoom?.(name, to, entriesPerRule(cloned, name, to));
  const tables = now.tablesOf(name);
  return full ?? (tables && misfit(cloned, to, vswitch, tables));
}

/**
 * A tenant must not notice a migration: what has a link has one afterwards, too. Ports of `only`
 * are told without its name.
 */
export function darkPorts(
  before: Snapshot,
  after: Snapshot,
  whose: readonly Vswitch[],
  only: VswitchName | undefined,
  now: MoveCircumstances,
): readonly string[] {
  const isUp = (snapshot: Snapshot, of: Vswitch, vport: Vport): boolean =>
    requiredPorts(snapshot, of, vport).some((ends) => ends.every((end) => now.isUp(end)));
  return whose.flatMap(({ name }) => {
    const [was, is] = [before, after].map(({ vswitches }) => vswitches.get(name));
    if (was === undefined || is === undefined) return [];
    return [...was.ports.keys()].flatMap((vport) => {
      if (!isUp(before, was, vport) || isUp(after, is, vport)) return [];
      const end = requiredPortsOf(after, is, vport).find((needed) => !now.isUp(needed));
      if (end === undefined) return [];
      const of = name === only ? '' : ` of ${name}`;
      return [`port ${vport}${of} would lose its link: ${endText(end)} is down`];
    });
  });
}

/** Whose links may run elsewhere: others' too, when crossings change (crossings.ts). */
function concerned(
  before: Snapshot,
  after: Snapshot,
  moves: readonly Checked[],
): readonly Vswitch[] {
  const isSame = changedKeys(before.outside, after.outside).length === 0;
  return isSame ? moves.map(({ vswitch }) => vswitch) : touchedBy(before, after);
}
