/**
 * A migration's plan: its steps, or every reason against it (DESIGN 7). Pure; `limevisor migrate
 * --dry-run` prints it, and nothing starts without one.
 */

import type { PhysicalEnd } from '../../slices/config/config.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { datapathsTouched, touchedBy } from '../../slices/network/affected.ts';
import { placementOf, type Snapshot } from '../../slices/network/snapshot.ts';
import { plural } from '../../slices/plural.ts';
import { wiringOfThese } from '../datapath/wiring.ts';
import { difference } from '../entries/difference.ts';
import { noTables, tablesOf } from '../entries/physical-tables.ts';
import type { TenantTables } from '../entries/tenant-tables.ts';
import type { Cost } from './ensemble-costs.ts';
import type { How, Migration, Strategy } from './migration.ts';
import { checkedMoves, whyNotProbed } from './move-checks.ts';
import { crowdedText, isCrowded, peaksOf } from './peak-room.ts';
import { puntAndForward } from './punt-and-forward.ts';

/** What the plan needs to know of the moment. */
export interface Circumstances {
  /** What the vswitch's tenant has made; undefined when there is no such vswitch. */
  readonly tables: TenantTables | undefined;
  isReady(datapath: DatapathName): boolean;
  isUp(port: PhysicalEnd): boolean;
  /** Of any vswitch: a neighbour's rules may lose their way. */
  tablesOf(vswitch: VswitchName): TenantTables | undefined;
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
  /** Why that one, where it was chosen for who asked. */
  readonly whyStrategy?: string;
  readonly steps: readonly string[];
  /** Where somebody asked for it (ensemble-costs.ts). */
  readonly cost?: Cost;
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
  { portsAtOnce, guard, probe, whyStrategy }: Omit<How, 'emptiesFirst'> = {},
): Plan | Problems {
  const vswitch = snapshot.vswitches.get(name as VswitchName);
  const to = snapshot.datapaths.get(toName as DatapathName)?.name;
  const problems: string[] = [];
  if (vswitch === undefined) {
    problems.push(noSuchText('vswitch', name, snapshot.vswitches.keys()));
  }
  if (to === undefined) {
    problems.push(noSuchText('datapath', toName, snapshot.datapaths.keys()));
  }
  if (vswitch === undefined || to === undefined) return { type: 'problems', problems };
  const { primary: from } = placementOf(snapshot, vswitch.name);
  const tablesOf = (other: VswitchName): TenantTables | undefined =>
    (other === vswitch.name ? now.tables : undefined) ?? now.tablesOf(other);
  const moves = [{ vswitch, to }];
  const checked = checkedMoves(snapshot, moves, {
    ...{ ...now, tablesOf },
    whyNoRoom: (_, on, perRule) => now.whyNoRoom?.(on, perRule),
    underWay: () => now.underWay,
  });
  if ('problems' in checked) return { type: 'problems', problems: checked.problems };
  const crowded = peaksOf(checked.cloned, moves, tablesOf).filter(isCrowded);
  if (crowded.length > 0) return { type: 'problems', problems: crowded.map(crowdedText) };
  const unprobed = probe === true ? moves.flatMap((one) => whyNotProbed(snapshot, one)) : [];
  if (unprobed.length > 0) return { type: 'problems', problems: unprobed };
  const entries = entriesMade(snapshot, checked.cloned);
  const ports = vswitch.ports.size;
  return {
    type: 'plan',
    vswitch: vswitch.name,
    from,
    to,
    strategy,
    ...(whyStrategy !== undefined && { whyStrategy }),
    steps: [
      `tunnels: ${entries.map((one) => `${one.count} on ${one.datapath}`).join(', ')}`,
      ...(strategy === 'lime'
        ? limeSteps(from, to, now, portsMoving(ports, portsAtOnce), guard)
        : freezeSteps(from, to, now, ports)),
      `retire: remove it from ${from}; from here on it cannot be undone`,
    ],
  };
}

/** How many entries each datapath gets, or has changed, where there are any. */
export function entriesMade(
  before: Snapshot,
  after: Snapshot,
): readonly { readonly datapath: DatapathName; readonly count: number }[] {
  const counts = new Map<DatapathName, number>();
  for (const vswitch of touchedBy(before, after)) {
    for (const datapath of datapathsTouched(before, after, vswitch)) {
      const [have, want] = [before, after].map((one) => {
        // One whose host is plugged in elsewhere is another value.
        const own = one.vswitches.get(vswitch.name);
        const { flows, groups, meters } = wiringOfThese(one, datapath, own ? [own] : []);
        return tablesOf(flows, groups, meters);
      });
      const { make, change } = difference(have ?? noTables, want ?? noTables);
      const count = make.length + change.length;
      if (count > 0) counts.set(datapath, (counts.get(datapath) ?? 0) + count);
    }
  }
  return [...before.datapaths.keys()].flatMap((datapath) => {
    const count = counts.get(datapath);
    return count === undefined ? [] : [{ datapath, count }];
  });
}

function limeSteps(
  from: DatapathName,
  to: DatapathName,
  now: Circumstances,
  ports: string,
  guard: Migration['guard'],
): readonly string[] {
  const there = guard === 'drop' ? 'drops' : 'sends it';
  return [
    `clone: copy ${rulesIn(now)} to ${to}; from now on rules change on both`,
    `handOver: ${to} processes every packet from here on, ${from} ${there} what enters there` +
      held(now),
    `move: ${ports}, each by a switch-over where its packets enter`,
    `drain: wait until nothing reaches ${from} any more`,
  ];
}

function portsMoving(ports: number, atOnce = ports): string {
  return `${plural(ports, 'port')}${atOnce < ports ? `, ${atOnce} at a time` : ' at once'}`;
}

function held({ tables }: Circumstances): string {
  const found = tables && puntAndForward(tables);
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

function rulesIn({ tables }: Circumstances): string {
  return plural(tables?.rulebook.size ?? 0, 'rule');
}
