/**
 * A start, up to the first snapshot: the contents of the store, and how the file changes them.
 * `limevisor check --store` ends here, `limevisor run` goes on (hypervisor.ts).
 */
import type { Config } from '../../slices/config/config.ts';
import type { Fields } from '../../slices/config/config-fields.ts';
import { arrivalsOf, type StoredVswitches } from '../../slices/config/departures.ts';
import { withNetworks } from '../../slices/config/owned.ts';
import type { Amounts } from '../../slices/config/reservations.ts';
import { isSameValue } from '../../slices/equality.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import {
  type Infeasible,
  isFlat,
  isInfeasible,
  type MovedMembers,
  type Plugged,
} from '../../slices/network/snapshot.ts';
import { TenantAccounts } from '../../slices/network/tenant-account.ts';
import { plugsOf } from '../../slices/placement/admission.ts';
import { type Contents, isTrouble, type Remedy } from '../../slices/remedy.ts';
import { atOnce } from '../../slices/steps.ts';
import { misfit, shortRuleBytes } from '../../translation/datapath/flat-fit.ts';
import { isHostMoveOver } from '../../translation/migration/host-move.ts';
import { isOver } from '../../translation/migration/migration.ts';
import { type Start, startFrom } from '../../translation/migration/start.ts';
import { Ending, exitCodes } from '../world/exit-codes.ts';
import { type Boundary, type Fault, unbounded } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import type { World } from '../world/world.ts';
import type { Found } from './departures.ts';
import type { Journal } from './journal.ts';
import { type Entry, textEntry } from './journal-entries.ts';
import { kept, perform } from './ready.ts';
import type { Recovered } from './recovered.ts';
import { loadWhole } from './recovery.ts';
import {
  emptyTenantState,
  type Shared,
  type StoredTenantState,
  sharedOf,
  tenantStateFrom,
} from './tenant-state.ts';

interface StartContext {
  readonly world: World;
  readonly journal: Journal;
  /** Absent: what throws, throws. */
  readonly boundary?: Boundary;
}

export interface Starting {
  readonly start: Start;
  /** Of every vswitch of the file. */
  readonly states: ReadonlyMap<VswitchName, StoredTenantState>;
  /** Of those whose state cannot be read: in the store they stay as they are. */
  readonly faults: ReadonlyMap<VswitchName, Fault>;
  readonly shared: Shared;
  /** Moves of members, as the store has them. */
  readonly memberMoves: Recovered['memberMoves'];
  /** The number of the departure that this start is. */
  readonly departure: number;
  /** The file's, with the networks that owners have made; and why some of those cannot be. */
  readonly config: Config;
  readonly leftOut: ReadonlyMap<string, string>;
}

/** What of the store cannot be taken is left out, in the store too (journal.ts). */
export function starting(
  context: StartContext,
  file: Config,
  recovered: Recovered,
): Starting | Infeasible {
  const { remembered, migrations, hostMoves } = recovered;
  const nowMs = context.world.wallClockMs();
  const { config, leftOut } = withNetworks(file, networksAt(recovered, nowMs));
  const shared = sharedOf(recovered, new TenantAccounts(config));
  const states = new Map<VswitchName, StoredTenantState>();
  const faults = new Map<VswitchName, Fault>();
  const own = (name: VswitchName): StoredTenantState => {
    const known = states.get(name);
    if (known !== undefined) return known;
    const made = readBooks(context, name, recovered, shared);
    if ('why' in made) faults.set(name, made);
    const used = 'why' in made ? emptyTenantState(shared) : made;
    states.set(name, used);
    return used;
  };
  const departure = departureOf(recovered);
  const known = { remembered, migrations, hostMoves, census: censusOf(recovered), departure };
  const start = startFrom(
    config,
    known,
    (snapshot, datapath, vswitch) => {
      const { rulebook, groups, meters, load } = own(vswitch.name);
      // Rules that may not fit are asked for before anything is served.
      const longest = recovered.rules.get(vswitch.name)?.longestBytes ?? 0;
      const mayNotFit = isFlat(snapshot, datapath) || longest > shortRuleBytes;
      if (load !== undefined && mayNotFit) loadWhole(load);
      const used = { rulebook, groups: { table: groups }, meters: { table: meters } };
      return misfit(snapshot, datapath, vswitch, used);
    },
    nowMs,
  );
  if (isInfeasible(start)) return start;
  // An heir begins with nothing, but for serials that nobody had.
  const nothing = {
    ...recovered,
    rules: new Map(),
    groups: new Map(),
    meters: new Map(),
    changes: new Map(),
  };
  for (const { name } of config.vswitches) {
    if (start.heirs.has(name)) states.set(name, tenantStateFrom(context, name, nothing, shared));
    else own(name);
  }
  const { memberMoves } = recovered;
  return { start, states, faults, shared, memberMoves, departure, config, leftOut };
}

/** Those that run, and whose time is not over. */
function networksAt({ networks }: Recovered, nowMs: number): ReadonlyMap<string, Fields> {
  const trees = [...networks.values()].flatMap(({ name, state, file, endsMs = Infinity }) => {
    return state === 'running' && file && endsMs > nowMs ? [[name, file] as const] : [];
  });
  return new Map(trees);
}

/** What throws is the trouble of that vswitch. */
function readBooks(
  context: StartContext,
  name: VswitchName,
  recovered: Recovered,
  shared: Shared,
): StoredTenantState | Fault {
  const { boundary = unbounded } = context;
  let fault: Fault = { why: '', stack: '', message: '' };
  const close = (found: Fault): void => {
    fault = found;
  };
  const party = { title: `vswitch ${name}`, isClosed: false, close };
  return boundary.attempt(party, () => tenantStateFrom(context, name, recovered, shared)) ?? fault;
}

/** It cannot begin: with this file and this store, or as it was told to. */
export class NoStart extends Ending {
  constructor(why: string) {
    super(exitCodes.rejected, why);
  }
}

/** Throws why there is no start. */
export function mustStart(context: StartContext, config: Config, recovered: Recovered): Starting {
  const begun = starting(context, config, recovered);
  if (isInfeasible(begun)) throw new NoStart(begun.why);
  return begun;
}

/** For who decides about vswitches that left. */
export function found({ config, start, departure }: Starting): Found {
  const used = new Set([...start.snapshot.vswitches.values()].map(({ id }) => id));
  return { config, arrivals: start, departure, used };
}

/** The same when there is no number left for a vswitch of the file, and so no start. */
export function foundFull(world: World, file: Config, recovered: Recovered): Found {
  const { config } = withNetworks(file, networksAt(recovered, world.wallClockMs()));
  const departure = departureOf(recovered);
  const arrivals = atOnce(arrivalsOf(config, censusOf(recovered), departure, world.wallClockMs()));
  const { ids } = recovered.remembered;
  const used = new Set(config.vswitches.flatMap(({ name }) => ids.get(name) ?? []));
  return { config, arrivals, departure, used };
}

function departureOf({ left, cleaned }: Recovered): number {
  const all = [...[...left.values()].map((one) => one.departure), ...cleaned.values()];
  return all.reduce((high, one) => Math.max(high, one), 0) + 1;
}

function censusOf(recovered: Recovered): StoredVswitches {
  const { remembered, rules, groups, meters, left, who } = recovered;
  const names = new Set<VswitchName>();
  for (const all of [remembered.ids, rules, groups, meters, left]) {
    for (const name of all.keys()) names.add(name);
  }
  return { names, left, who, contents: (name) => contentsOf(recovered, name) };
}

/** What a vswitch has made, as the store has it. */
export function contentsOf({ rules, groups, meters }: Recovered, name: VswitchName): Contents {
  return {
    // Counted when somebody asks: all that the vswitch ever did is read for that.
    get rules() {
      return rules.get(name)?.count ?? 0;
    },
    groups: groups.get(name)?.length ?? 0,
    meters: meters.get(name)?.length ?? 0,
  };
}

/** Writes what this start has decided. */
export function putStart(journal: Journal, start: Start, before: Recovered): void {
  const { snapshot, migrations, undrained } = start;
  const ids = [...snapshot.vswitches.values()].map(({ name, id }) => {
    return { type: 'id', vswitch: name, id } as const;
  });
  const placements = [...snapshot.placements].flatMap(([vswitch, placement]) => {
    // What is held lives where it did, when it can live there again.
    return placement.bodies.length > 0 ? [{ type: 'placement', vswitch, placement } as const] : [];
  });
  const over = migrations.filter(isOver).map((migration) => {
    return { type: 'migration', migration } as const;
  });
  const { avoiding } = snapshot;
  const entries: readonly Entry[] = [
    ...(undrained.size > 0 ? [{ type: 'avoiding', avoiding } as const] : []),
    ...plugsEntries(snapshot.config),
    ...movedEntries(start, before),
    ...movedMembersEntries(start, before),
    ...[...ids, ...placements, { type: 'ways', after: snapshot } as const, ...over],
  ];
  perform(journal, kept(entries));
}

/** Where hosts were moved to, and moves that have ended, where that is not what is stored. */
function movedEntries({ plugged, hostMoves }: Start, before: Recovered): readonly Entry[] {
  const was = before.remembered.plugged ?? new Map();
  const ended = hostMoves.filter((one) => isHostMoveOver(one) && !before.hostMoves.includes(one));
  return [
    ...(isSameValue(was, plugged) ? [] : [pluggedEntry(plugged)]),
    ...ended.map((one) => textEntry(`hostMove/${one.id}`, one)),
  ];
}

/** Where members were moved to, where that is not what is stored. */
function movedMembersEntries({ movedMembers }: Start, { remembered }: Recovered): readonly Entry[] {
  const was = remembered.movedMembers ?? new Map();
  return isSameValue(was, movedMembers) ? [] : [movedMembersEntry(movedMembers)];
}

export function movedMembersEntry(moved: MovedMembers): Entry {
  return textEntry('movedMembers', Object.fromEntries(moved));
}

/** Which ports are used of hosts that are plugged in at several; of no host, nothing. */
export function plugsEntries(config: Config): readonly Entry[] {
  const plugs = plugsOf(config);
  return plugs === undefined ? [] : [textEntry('plugs', plugs)];
}

export function pluggedEntry(plugged: Plugged): Entry {
  return textEntry('plugged', Object.fromEntries(plugged));
}

/** What datapaths say now that they have room for, or have said. */
export function toldBy(
  { told }: Config,
  datapaths: readonly { readonly name: DatapathName; readonly told: Amounts }[],
): Config['told'] {
  const now = datapaths.filter((one) => Object.keys(one.told).length > 0);
  return now.length === 0
    ? told
    : new Map([...told, ...now.map((one) => [one.name, one.told] as const)]);
}

/** What a later start may find that it is given another file. */
export function ranEntry(file: string, nowMs: number): Entry {
  return textEntry('ran', { file, sinceMs: nowMs });
}

export function logRemedies(log: Log, remedies: readonly Remedy[]): void {
  for (const remedy of remedies) logRemedy(log, remedy);
}

function logRemedy(log: Log, remedy: Remedy): void {
  const { type, object, cause, done, next } = remedy;
  const about = { object, cause, done, ...(next !== '' && { next }) };
  if (isTrouble(remedy)) log.warn(about, 'the file and the store do not agree');
  else log.info({ ...about, type }, 'the file has changed since the last start');
}
