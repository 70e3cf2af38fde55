/**
 * The state that was recovered from the store besides rules, from its texts; journal.ts lists the
 * keys.
 *
 * A text that cannot be read is left out, and said; so is what two vswitches would share that may
 * be one's only: the later one gets a number of its own.
 */

import type { Config } from '../../slices/config/config.ts';
import type { Left } from '../../slices/config/departures.ts';
import type { KeptGroup } from '../../slices/groups-meters/groups.ts';
import type { Meter } from '../../slices/groups-meters/meters.ts';
import type { Vport, VswitchId, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  type Avoiding,
  avoidingNothing,
  avoidingOf,
} from '../../slices/network/drained-datapaths.ts';
import { type Failures, failuresOf, noFailures } from '../../slices/network/failures.ts';
import type {
  Encodings,
  MovedMembers,
  Placement,
  Plugged,
  Remembered,
} from '../../slices/network/snapshot.ts';
import { PortCounter } from '../../slices/port-counters.ts';
import type { StoredChange } from '../../translation/changes/stored-changes.ts';
import type { StoredOpen } from '../../translation/changes/unanswered.ts';
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import type { HostMove } from '../../translation/migration/host-move.ts';
import type { MemberMigration } from '../../translation/migration/member-states.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import {
  type DraftDepartures,
  departureReaders,
  type StoredDepartures,
} from '../../translation/stored/stored-departures.ts';
import { type GroupRecord, groupFrom } from '../../translation/stored/stored-groups.ts';
import { identityFrom, type StoredIdentity } from '../../translation/stored/stored-identity.ts';
import { type MeterRecord, meterFrom } from '../../translation/stored/stored-meters.ts';
import {
  type DraftNetworks,
  networkReaders,
  type StoredNetworks,
} from '../../translation/stored/stored-networks.ts';
import { changesFrom } from '../../translation/stored/stored-open.ts';
import {
  encodingsFrom,
  ensembleFrom,
  hostMoveFrom,
  memberMoveFrom,
  migrationFrom,
  movedMembersFrom,
  placementFrom,
  pluggedFrom,
  type ToldIdle,
  toldFrom,
  toldIdleFrom,
} from '../../translation/stored/stored-places.ts';
import { DraftWays, wayReaders } from '../../translation/stored/stored-ways.ts';
import { messageOf } from '../world/error-text.ts';
import type { LeftOut } from './skipped-records.ts';
import type { StoredRules } from './stored-rules.ts';

export interface Recovered extends Omit<StoredDepartures, 'freedIds'>, StoredNetworks {
  readonly remembered: Remembered;
  /** Where the rules are: they are loaded later, and a little at a time. */
  readonly rules: ReadonlyMap<VswitchName, StoredRules>;
  readonly groups: ReadonlyMap<VswitchName, readonly KeptGroup[]>;
  readonly meters: ReadonlyMap<VswitchName, readonly Meter[]>;
  readonly migrations: readonly Migration[];
  readonly hostMoves: readonly HostMove[];
  readonly memberMoves: readonly MemberMigration[];
  readonly ensembles: readonly Ensemble[];
  readonly identity: StoredIdentity | undefined;
  /** What the operator's command was told is idle (migrate/idle-watch.ts). */
  readonly idle: readonly ToldIdle[];
  /** Evacuations that have not ended (operator/evacuations.ts). */
  readonly evacuations: readonly unknown[];
  /** The file that was run or applied last, and since when; unknown in older stores. */
  readonly ran: { readonly file: string; readonly sinceMs: number } | undefined;
  /** For each vswitch the first serial that no rule has had. */
  readonly serials: ReadonlyMap<VswitchName, number>;
  /** For each vswitch the first serial that datapaths may not have acknowledged. */
  readonly accepted: ReadonlyMap<VswitchName, number>;
  /** For each vswitch the lists of changes that datapaths may not have acknowledged. */
  readonly changes: ReadonlyMap<VswitchName, StoredOpen['lists']>;
  readonly portCounters: ReadonlyMap<VswitchName, Map<Vport, PortCounter>>;
  /** Keys of texts that were left out. */
  readonly unreadable: readonly string[];
}

/** What is put together while the texts are read. */
class Draft implements DraftDepartures, DraftNetworks {
  readonly ids = new Map<VswitchName, VswitchId>();
  /** By number, whose it is. */
  readonly nameOf = new Map<VswitchId, VswitchName>();
  readonly placements = new Map<VswitchName, Placement>();
  readonly portConfigs = new Map<VswitchName, ReadonlyMap<Vport, number>>();
  readonly portCounters = new Map<VswitchName, Map<Vport, PortCounter>>();
  readonly groups = new Map<VswitchName, KeptGroup[]>();
  readonly meters = new Map<VswitchName, Meter[]>();
  readonly migrations: Migration[] = [];
  readonly ensembles: Ensemble[] = [];
  readonly serials = new Map<VswitchName, number>();
  readonly accepted = new Map<VswitchName, number>();
  readonly changes = new Map<VswitchName, Map<number, readonly StoredChange[]>>();
  readonly left = new Map<VswitchName, Left>();
  readonly who = new Map<VswitchName, string>();
  readonly cleaned = new Map<string, number>();
  readonly networks: DraftNetworks['networks'] = new Map();
  readonly frozen: DraftNetworks['frozen'] = new Map();
  freedIds: readonly VswitchId[] = [];
  identity: StoredIdentity | undefined;
  ran: Recovered['ran'];
  idle: readonly ToldIdle[] = [];
  readonly evacuations: unknown[] = [];
  readonly ways = new DraftWays();
  encodings: Encodings = new Map();
  avoiding: Avoiding = avoidingNothing;
  failures: Failures = noFailures;
  plugs: ReadonlyMap<string, string> = new Map();
  plugged: Plugged = new Map();
  movedMembers: MovedMembers = new Map();
  told: Config['told'] = new Map();
  readonly hostMoves: HostMove[] = [];
  readonly memberMoves: MemberMigration[] = [];
  /** The wall clock's value at the world's moment 0. */
  readonly epochMs: number;

  constructor(epochMs: number) {
    this.epochMs = epochMs;
  }
}

/** A text's value, and whose it is: a vswitch, and the number of something that the vswitch has. */
interface Text {
  readonly parsed: unknown;
  readonly name: VswitchName;
  readonly number: number;
}

/** By the first word of the key. Each throws when it cannot make sense of the text. */
const readers: Readonly<Record<string, (draft: Draft, text: Text) => void>> = {
  id(draft, { parsed, name }) {
    const id = idFrom(parsed);
    const other = draft.nameOf.get(id);
    if (other !== undefined) throw new Error(`${other} has the number ${id} already`);
    draft.nameOf.set(id, name);
    draft.ids.set(name, id);
  },
  placement: (draft, { parsed, name }) => void draft.placements.set(name, placementFrom(parsed)),
  serial: (draft, { parsed, name }) => void draft.serials.set(name, wholeNumber(parsed)),
  accepted: (draft, { parsed, name }) => void draft.accepted.set(name, wholeNumber(parsed)),
  change(draft, { parsed, name, number }) {
    const lists = own(draft.changes, name, () => new Map<number, readonly StoredChange[]>());
    lists.set(number, changesFrom(parsed, draft.epochMs));
  },
  ports: (draft, { parsed, name }) => {
    draft.portConfigs.set(name, new Map(parsed as [Vport, number][]));
  },
  counts(draft, { parsed, name, number }) {
    const counter = PortCounter.fromJSON(parsed);
    own(draft.portCounters, name, () => new Map<Vport, PortCounter>()).set(
      number as Vport,
      counter,
    );
  },
  encodings: (draft, { parsed }) => {
    draft.encodings = encodingsFrom(parsed);
  },
  avoiding: (draft, { parsed }) => {
    draft.avoiding = avoidingOf(parsed);
  },
  failures: (draft, { parsed }) => {
    draft.failures = failuresOf(parsed);
  },
  plugs: (draft, { parsed }) => {
    draft.plugs = new Map(Object.entries(parsed as Record<string, string>));
  },
  plugged: (draft, { parsed }) => {
    draft.plugged = pluggedFrom(parsed);
  },
  movedMembers: (draft, { parsed }) => {
    draft.movedMembers = movedMembersFrom(parsed);
  },
  told: (draft, { parsed }) => {
    draft.told = toldFrom(parsed);
  },
  idle: (draft, { parsed }) => {
    draft.idle = toldIdleFrom(parsed);
  },
  evacuation: (draft, { parsed }) => void draft.evacuations.push(parsed),
  hostMove: (draft, { parsed }) => void draft.hostMoves.push(hostMoveFrom(parsed)),
  memberMove: (draft, { parsed }) => void draft.memberMoves.push(memberMoveFrom(parsed)),
  migration: (draft, { parsed }) => void draft.migrations.push(migrationFrom(parsed)),
  ensemble: (draft, { parsed }) => void draft.ensembles.push(ensembleFrom(parsed)),
  group: (draft, { parsed, name }) => {
    own(draft.groups, name, () => []).push(groupFrom(parsed as GroupRecord, draft.epochMs));
  },
  meter: (draft, { parsed, name }) => {
    own(draft.meters, name, () => []).push(meterFrom(parsed as MeterRecord, draft.epochMs));
  },
  identity: (draft, { parsed }) => {
    draft.identity = identityFrom(parsed);
  },
  ran: (draft, { parsed }) => {
    const { file, sinceMs } = parsed as { file: unknown; sinceMs: unknown };
    draft.ran = { file: String(file), sinceMs: wholeNumber(sinceMs) };
  },
  ...wayReaders,
  ...departureReaders,
  ...networkReaders,
};

/** Kinds of texts that a vswitch may have several of: the key ends with a number. */
const numbered: ReadonlySet<string> = new Set([
  ...['counts', 'group', 'meter', 'change', 'freedHopTags'],
]);
/** Those that are no vswitch's. */
const shared: ReadonlySet<string> = new Set([
  ...['tags', 'labels', 'wayNumbers', 'freedTags', 'freedLabels', 'hopTags', 'freedHopTags'],
  ...['encodings', 'avoiding', 'failures', 'plugs', 'plugged', 'migration', 'ensemble', 'hostMove'],
  ...['movedMembers', 'memberMove', 'told'],
  ...['cleaned', 'freed', 'identity', 'ran', 'idle', 'evacuation'],
  ...['network', 'frozen'],
]);

/** `epochMs` is the wall clock's value at the world's moment 0. */
export function recoveredFrom(
  texts: ReadonlyMap<string, string>,
  rules: Recovered['rules'],
  leftOut: LeftOut,
  epochMs: number,
): Recovered {
  const draft = new Draft(epochMs);
  const unreadable: string[] = [];
  for (const [key, value] of [...texts].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const [kind = '', ...rest] = key.split('/');
    const words = numbered.has(kind) ? rest.slice(0, -1) : rest;
    const name = words.join('/') as VswitchName;
    try {
      const text = { parsed: JSON.parse(value) as unknown, name, number: Number(rest.at(-1)) };
      readers[kind]?.(draft, text);
    } catch (error) {
      const why = messageOf(error);
      leftOut.add(shared.has(kind) ? undefined : name, key, why);
      unreadable.push(key);
    }
  }
  for (const all of draft.groups.values()) all.sort((a, b) => a.groupId - b.groupId);
  for (const [name, lists] of draft.changes) draft.changes.set(name, inOrder(lists));
  draft.migrations.sort((a, b) => a.id - b.id);
  draft.hostMoves.sort((a, b) => a.id - b.id);
  draft.memberMoves.sort((a, b) => a.id - b.id);
  draft.ensembles.sort((a, b) => a.id - b.id);
  const { ids, freedIds, placements, ways, portConfigs, encodings, ...rest } = draft;
  const { avoiding, failures, plugs, plugged, movedMembers, told, nameOf: _, ...more } = rest;
  const base = { ids, freedIds, placements, portConfigs, encodings, avoiding, failures, plugs };
  const remembered = { ...base, plugged, movedMembers, told, ...ways.tables() };
  return { ...more, rules, remembered, unreadable };
}

/** What a map has for a vswitch, made when it is not there yet. */
function own<T>(map: Map<VswitchName, T>, name: VswitchName, make: () => T): T {
  const known = map.get(name);
  if (known !== undefined) return known;
  const made = make();
  map.set(name, made);
  return made;
}

/** As they were made: keys were in the order of letters. */
function inOrder<T>(lists: ReadonlyMap<number, T>): Map<number, T> {
  return new Map([...lists].sort(([one], [other]) => one - other));
}

function idFrom(parsed: unknown): VswitchId {
  const id = wholeNumber(parsed);
  if (id < 1 || id > limits.vswitchesMax) throw new Error(`${id} is not a vswitch id`);
  return id as VswitchId;
}

function wholeNumber(parsed: unknown): number {
  if (Number.isSafeInteger(parsed)) return parsed as number;
  throw new Error(`${JSON.stringify(parsed)} is not a whole number`);
}
