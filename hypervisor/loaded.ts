/**
 * What the store remembers, from its texts (ledger.ts has the list of keys) and its rules.
 */
import type { Vport, VswitchId, VswitchName } from '../slices/ids.ts';
import type { Meter } from '../slices/meters.ts';
import { PortTally } from '../slices/port-tally.ts';
import type { StoredRule } from '../slices/rulebook.ts';
import type { Encodings, Placement, Remembered } from '../slices/snapshot.ts';
import { emptyTags } from '../slices/tags.ts';
import type { Migration } from '../translation/migration.ts';
import { readGroup, type StoredGroup } from './stored-groups.ts';
import { readMeter } from './stored-meters.ts';
import { encodingsFrom, placementFrom, tagsFrom } from './stored-places.ts';

export interface Loaded {
  readonly remembered: Remembered;
  readonly rules: ReadonlyMap<VswitchName, readonly StoredRule[]>;
  readonly groups: ReadonlyMap<VswitchName, readonly StoredGroup[]>;
  readonly meters: ReadonlyMap<VswitchName, readonly Meter[]>;
  readonly migrations: readonly Migration[];
  /** For each vswitch the first serial that no rule has had. */
  readonly serials: ReadonlyMap<VswitchName, number>;
  readonly portTallies: ReadonlyMap<VswitchName, Map<Vport, PortTally>>;
}

/** `epochMs` is the wall clock's value at the world's moment 0. */
export function loadedFrom(
  texts: ReadonlyMap<string, string>,
  rules: Loaded['rules'],
  epochMs: number,
): Loaded {
  const ids = new Map<VswitchName, VswitchId>();
  const placements = new Map<VswitchName, Placement>();
  const portConfigs = new Map<VswitchName, ReadonlyMap<Vport, number>>();
  const portTallies = new Map<VswitchName, Map<Vport, PortTally>>();
  const groups = new Map<VswitchName, StoredGroup[]>();
  const meters = new Map<VswitchName, Meter[]>();
  const migrations: Migration[] = [];
  const serials = new Map<VswitchName, number>();
  let tags = emptyTags;
  let encodings: Encodings = new Map();
  for (const [key, value] of [...texts].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const [kind, ...rest] = key.split('/');
    const parsed: unknown = JSON.parse(value);
    if (kind === 'id') ids.set(rest.join('/') as VswitchName, parsed as VswitchId);
    if (kind === 'placement') placements.set(rest.join('/') as VswitchName, placementFrom(parsed));
    if (kind === 'serial') serials.set(rest.join('/') as VswitchName, Number(value));
    if (kind === 'ports') {
      const configs = new Map(parsed as [Vport, number][]);
      portConfigs.set(rest.join('/') as VswitchName, configs);
    }
    if (kind === 'counts') {
      const name = rest.slice(0, -1).join('/') as VswitchName;
      const tallies = portTallies.get(name) ?? new Map<Vport, PortTally>();
      tallies.set(Number(rest.at(-1)) as Vport, PortTally.fromJSON(parsed));
      portTallies.set(name, tallies);
    }
    if (kind === 'tags') tags = tagsFrom(parsed);
    if (kind === 'encodings') encodings = encodingsFrom(parsed);
    if (kind === 'migration') migrations.push(parsed as Migration);
    if (kind === 'group') {
      const vswitch = rest.slice(0, -1).join('/') as VswitchName;
      const own = groups.get(vswitch) ?? [];
      groups.set(vswitch, own);
      own.push(readGroup(parsed, epochMs));
    }
    if (kind === 'meter') {
      const vswitch = rest.slice(0, -1).join('/') as VswitchName;
      meters.set(vswitch, [...(meters.get(vswitch) ?? []), readMeter(parsed, epochMs)]);
    }
  }
  for (const own of groups.values()) own.sort((a, b) => a.groupId - b.groupId);
  migrations.sort((a, b) => a.id - b.id);
  const remembered = { ids, placements, tags, portConfigs, encodings };
  return { remembered, rules, groups, meters, migrations, serials, portTallies };
}
