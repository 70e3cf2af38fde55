/**
 * A migration's plan: what it would do, or every reason against it (DESIGN 7). Pure;
 * `limevisor migrate --dry-run` prints it, and nothing starts without one.
 */

import type { PhysicalEnd } from '../../slices/config/config.ts';
import type { DatapathName, Vport, VswitchName } from '../../slices/ids.ts';
import { datapathsTouched, touchedBy } from '../../slices/network/affected.ts';
import { isBig } from '../../slices/network/members.ts';
import { changedKeys } from '../../slices/network/persistent-map.ts';
import { requiredPorts, requiredPortsOf } from '../../slices/network/required-ports.ts';
import {
  isFlat,
  isInfeasible,
  placedOn,
  placementOf,
  type Snapshot,
  type Vswitch,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { plural } from '../../slices/plural.ts';
import { entriesPerRule } from '../datapath/entry-costs.ts';
import { misfit } from '../datapath/flat-fit.ts';
import { lostBy } from '../datapath/tag-ways.ts';
import { wiringOfThese } from '../datapath/wiring.ts';
import { difference } from '../entries/difference.ts';
import { noTables, tablesOf } from '../entries/physical-tables.ts';
import type { TenantTables } from '../entries/tenant-tables.ts';
import { begin, placementIn, type Strategy } from './migration.ts';
import { puntAndForward } from './punt-and-forward.ts';

/** What the plan needs to know of the moment. */
export interface Circumstances {
  /** What the vswitch's tenant has made; undefined when there is no such vswitch. */
  readonly books: TenantTables | undefined;
  isReady(datapath: DatapathName): boolean;
  isUp(port: PhysicalEnd): boolean;
  /** Of any vswitch: a neighbour's rules may lose their way. */
  booksOf(vswitch: VswitchName): TenantTables | undefined;
  /** Why its tenant's limits do not let it have a body there, at so many entries for a rule. */
  whyNoRoom?(on: DatapathName, entriesPerRule: number): string | undefined;
  /** The id of a migration of this vswitch that is under way. */
  readonly underWay: number | undefined;
}

export interface Plan {
  readonly type: 'plan';
  readonly vswitch: VswitchName;
  readonly from: DatapathName;
  readonly to: DatapathName;
  readonly strategy: Strategy;
  readonly steps: readonly string[];
}

export interface Problems {
  readonly type: 'problems';
  readonly problems: readonly string[];
}

export function planMigration(
  snapshot: Snapshot,
  name: string,
  toName: string,
  strategy: Strategy,
  now: Circumstances,
): Plan | Problems {
  const vswitch = snapshot.vswitches.get(name as VswitchName);
  const to = snapshot.datapaths.get(toName as DatapathName)?.name;
  const problems: string[] = [];
  if (vswitch === undefined) {
    problems.push(`there is no vswitch "${name}"; known: ${list(snapshot.vswitches.keys())}`);
  }
  if (to === undefined) {
    problems.push(`there is no datapath "${toName}"; known: ${list(snapshot.datapaths.keys())}`);
  }
  if (vswitch === undefined || to === undefined) return { type: 'problems', problems };
  const { primary: from } = placementOf(snapshot, vswitch.name);
  const whyNotNow = whyNoMigration(snapshot, vswitch, to, now);
  if (whyNotNow !== undefined) problems.push(whyNotNow);
  for (const datapath of new Set([from, to])) {
    if (!now.isReady(datapath)) problems.push(`datapath ${datapath} is not connected and ready`);
  }
  if (snapshot.avoiding.goal.has(to)) {
    problems.push(`${to} is drained; "limevisor undrain ${to}" first`);
  }
  if (problems.length > 0) return { type: 'problems', problems };
  const draft = begin(0, vswitch.name, from, to, strategy, 0);
  const cloned = withPlacement(snapshot, vswitch.name, placementIn(draft, vswitch));
  if (isInfeasible(cloned)) return { type: 'problems', problems: [cloned.why] };
  const whyNot = whyNoBody(cloned, vswitch, to, now);
  if (whyNot !== undefined) return { type: 'problems', problems: [whyNot] };
  const lost = lostRules(snapshot, cloned, vswitch, to, now);
  if (lost.length > 0) return { type: 'problems', problems: lost };
  const dark = darkPorts(snapshot, cloned, vswitch, to, now);
  if (dark.length > 0) return { type: 'problems', problems: dark };
  const counts = madeBy(snapshot, cloned);
  const entries = [...snapshot.datapaths.keys()].flatMap((datapath) => {
    const count = counts.get(datapath);
    return count === undefined ? [] : [{ datapath, count }];
  });
  const ports = vswitch.ports.size;
  return {
    type: 'plan',
    vswitch: vswitch.name,
    from,
    to,
    strategy,
    steps: [
      `tunnels: ${entries.map((one) => `${one.count} on ${one.datapath}`).join(', ')}`,
      ...(strategy === 'lime'
        ? limeSteps(from, to, now, ports)
        : freezeSteps(from, to, now, ports)),
      `retire: remove it from ${from}; from here on it cannot be undone`,
    ],
  };
}

/** Why a datapath cannot have what the vswitch's tenant has made, or may not. */
function whyNoBody(cloned: Snapshot, vswitch: Vswitch, to: DatapathName, now: Circumstances) {
  const full = now.whyNoRoom?.(to, entriesPerRule(cloned, vswitch.name, to));
  const isMetered = [...vswitch.ports.values()].some((one) => one.bandwidth !== undefined);
  const unmetered =
    isMetered && isFlat(cloned, to)
      ? `${vswitch.name} has ports with a limited bandwidth, and ${to}, with one table, no meters`
      : undefined;
  return full ?? unmetered ?? (now.books && misfit(cloned, to, vswitch, now.books));
}

/** Why it does not migrate there now, wherever anything else stands. */
function whyNoMigration(
  snapshot: Snapshot,
  vswitch: Vswitch,
  to: DatapathName,
  { underWay }: Circumstances,
): string | undefined {
  const { name, members } = vswitch;
  if (underWay !== undefined) {
    return `${name} is migrating already (migration ${underWay}); wait or undo it`;
  }
  if (isBig(vswitch)) {
    const on = members.join(', ');
    return `${name} is a big switch on ${on} and does not migrate; change its "on" in the file`;
  }
  for (const [vport, { wish }] of vswitch.ports) {
    const next = 'apply a file in which it does not';
    if (wish.avoid.includes(to)) return `the link at port ${vport} avoids ${to}; ${next}`;
  }
  const { bodies } = placementOf(snapshot, name);
  return bodies.includes(to) ? `${name} lives on ${to} already` : undefined;
}

/** How many entries each datapath gets, or has changed, where there are any. */
function madeBy(before: Snapshot, after: Snapshot): ReadonlyMap<DatapathName, number> {
  const counts = new Map<DatapathName, number>();
  for (const vswitch of touchedBy(before, after)) {
    for (const datapath of datapathsTouched(before, after, vswitch)) {
      const [have, want] = [before, after].map((one) => {
        const { flows, groups, meters } = wiringOfThese(one, datapath, [vswitch]);
        return tablesOf(flows, groups, meters);
      });
      const { make, change } = difference(have ?? noTables, want ?? noTables);
      const count = make.length + change.length;
      if (count > 0) counts.set(datapath, (counts.get(datapath) ?? 0) + count);
    }
  }
  return counts;
}

/** Rules whose frames would not arrive any more, for a flat datapath would be on their way. */
function lostRules(
  before: Snapshot,
  cloned: Snapshot,
  moving: Vswitch,
  to: DatapathName,
  now: Circumstances,
): readonly string[] {
  const after = withPlacement(cloned, moving.name, placedOn(moving, to));
  if (isInfeasible(after)) return [after.why];
  return lostBy(before, after, (name) => now.booksOf(name));
}

/** A tenant must not notice a migration: what has a link has one afterwards, too. */
function darkPorts(
  before: Snapshot,
  cloned: Snapshot,
  vswitch: Vswitch,
  to: DatapathName,
  now: Circumstances,
): readonly string[] {
  const after = withPlacement(cloned, vswitch.name, placedOn(vswitch, to));
  if (isInfeasible(after)) return [after.why];
  const isUp = (snapshot: Snapshot, of: Vswitch, vport: Vport): boolean =>
    requiredPorts(snapshot, of, vport).some((ends) => ends.every((end) => now.isUp(end)));
  return concerned(before, after, vswitch).flatMap((one) =>
    [...one.ports.keys()].flatMap((vport) => {
      if (!isUp(before, one, vport) || isUp(after, one, vport)) return [];
      const end = requiredPortsOf(after, one, vport).find((needed) => !now.isUp(needed));
      if (end === undefined) return [];
      const whose = one === vswitch ? '' : ` of ${one.name}`;
      return [`port ${vport}${whose} would lose its link: ${end.device}:${end.port} is down`];
    }),
  );
}

/** Whose links may run elsewhere: others' too, when crossings change (crossings.ts). */
function concerned(before: Snapshot, after: Snapshot, vswitch: Vswitch): readonly Vswitch[] {
  const isSame = changedKeys(before.outside, after.outside).length === 0;
  return isSame ? [vswitch] : touchedBy(before, after);
}

function limeSteps(
  from: DatapathName,
  to: DatapathName,
  now: Circumstances,
  ports: number,
): readonly string[] {
  return [
    `clone: copy ${rulesIn(now)} to ${to}; from now on rules change on both`,
    `handOver: ${to} processes every packet from here on, ${from} sends it what enters there` +
      held(now),
    `move: ${plural(ports, 'port')}, one by one, each by a switch-over where its packets enter`,
    `drain: wait until nothing reaches ${from} any more`,
  ];
}

function held({ books }: Circumstances): string {
  const found = books && puntAndForward(books);
  if (found === undefined) return '';
  return `; ${found.why}: such packets wait for three acknowledgements, others do not`;
}

function freezeSteps(
  from: DatapathName,
  to: DatapathName,
  now: Circumstances,
  ports: number,
): readonly string[] {
  return [
    `freeze: ${from} drops what enters; packets are lost from here on`,
    `copy: ${rulesIn(now)} to ${to}`,
    `move: ${plural(ports, 'port')} at once; packets flow again`,
  ];
}

function rulesIn({ books }: Circumstances): string {
  return plural(books?.rulebook.size ?? 0, 'rule');
}

function list(names: Iterable<string>): string {
  return [...names].join(', ');
}
