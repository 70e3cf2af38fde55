/**
 * One step from a serving configuration to another (translation/migration/reconfiguration.ts): the
 * next snapshot becomes active, the store gets it as one commit, and then datapaths are led to it:
 * made, changed, broken, each acknowledged by all before the next.
 */
import type { PhysicalEnd } from '../../slices/config/config.ts';
import type { DatapathName, VswitchId, VswitchName } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { Contents } from '../../slices/remedy.ts';
import { type Steps, withEach } from '../../slices/steps.ts';
import type { Body } from '../../translation/entries/body.ts';
import { difference } from '../../translation/entries/difference.ts';
import { noTables } from '../../translation/entries/physical-tables.ts';
import type { Running, Step } from '../../translation/migration/reconfiguration.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { leadVswitches, type RewiringContext } from '../datapath/rewiring.ts';
import { unionOn } from '../datapath/union.ts';
import type { Departures } from '../store/departures.ts';
import type { Journal } from '../store/journal.ts';
import type { Entry } from '../store/journal-entries.ts';
import { perform, sentOnDisk } from '../store/ready.ts';
import type { Recovered } from '../store/recovered.ts';
import { plugsEntries, toldBy } from '../store/starting.ts';
import {
  type RecoveredState,
  type Shared,
  type StoredTenantState,
  tenantStateFrom,
} from '../store/tenant-state.ts';
import { deletions } from '../tenant/bodies.ts';
import { serve } from '../tenant/service.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Executor } from './executor.ts';
import { followPunts } from './punt-changes.ts';

/** What serves, and how another snapshot takes its place. */
export interface SteppingContext extends RewiringContext {
  readonly journal: Journal;
  readonly departures: Departures;
  readonly executor: Pick<Executor, 'all' | 'left' | 'ensembles' | 'allocateId'>;
  runtime(name: VswitchName): VswitchRuntime | undefined;
  runtimes(): readonly VswitchRuntime[];
  /** Those that went are gone, those that came have these states; the store has these ways. */
  exchange(
    next: { readonly snapshot: Snapshot; readonly gone: readonly Vswitch[] },
    ways: Entry,
    states: TenantStates,
  ): void;
}

export type TenantStates = ReadonlyMap<VswitchName, StoredTenantState>;

/** What a step needs besides what it is. */
export interface Taking {
  readonly states: TenantStates;
  /** What the store is to have of the ways, where it differs from what it has. */
  readonly ways: Entry;
  /** What the store has of those that go, where that is not what their tables have. */
  readonly contents?: ReadonlyMap<VswitchName, Contents>;
  /** Done before anything is broken; a trouble ends the step there. */
  readonly beforeBreak?: (ended: Ended) => void;
  /** From where a step that was not carried out to its end has led to what serves. */
  readonly from?: Snapshot;
}

/** A body of a vswitch that goes, and how what it holds is deleted. */
interface Left {
  readonly on: DatapathName;
  /** What it was then: one that connects afterwards is compared with what is left. */
  readonly was: Pick<Datapath, 'channel' | 'flat'>;
  readonly body: Body;
  readonly stock: ReturnType<typeof deletions>;
}

/** `done` says what was refused, or the trouble before anything was broken. */
export function applyStep(
  context: SteppingContext,
  step: Step,
  { states, ways, contents = new Map(), beforeBreak, from }: Taking,
  done: Ended,
): void {
  const { before, snapshot, gone, touched } = step;
  const had = new Map<VswitchName, { readonly id: VswitchId; readonly contents: Contents }>();
  for (const { name, id } of gone) {
    had.set(name, { id, contents: contents.get(name) ?? madeBy(context, name) });
  }
  const left = gone.flatMap((vswitch) => leftBy(context, vswitch));
  const used = new Set([...snapshot.vswitches.values()].map(({ id }) => id));
  context.departures.changed(step.arrivals, had, used);
  for (const { name } of gone) context.executor.left(name);
  const were = from === undefined ? [before] : [from, before];
  const broken = context.planning.changeovers.leave(were);
  context.exchange(step, ways, states);
  const send = (): void => {
    const made = (ended: Ended): void => {
      followPunts(context, step.changed, (refused) => {
        if (refused !== undefined || beforeBreak === undefined) ended(refused);
        else beforeBreak(ended);
      });
    };
    leadVswitches(context, were, touched, made, (refused) => {
      broken();
      remove(context, left, () => done(refused));
    });
  };
  perform(context.journal, sentOnDisk(entriesOf(step), [send]));
}

function madeBy(context: SteppingContext, name: VswitchName): Contents {
  const runtime = context.runtime(name);
  return runtime === undefined ? { rules: 0, groups: 0, meters: 0 } : contentsOf(runtime);
}

export function contentsOf({ rulebook, groups, meters }: VswitchRuntime): Contents {
  return {
    rules: rulebook.size,
    groups: groups.table.groups().length,
    meters: meters.table.meters().length,
  };
}

function leftBy(context: SteppingContext, { name }: Vswitch): readonly Left[] {
  const runtime = context.runtime(name);
  if (runtime === undefined) return [];
  return runtime.placement.bodies.map((on) => {
    const { channel, flat } = context.datapath(on);
    const was = { channel, flat };
    return { on, was, body: runtime.bodyOn(on), stock: deletions(context, runtime, on) };
  });
}

/** What those had made that went; a datapath that is away is corrected when it returns. */
function remove(context: SteppingContext, left: readonly Left[], done: () => void): void {
  const { departures } = context;
  const failed = new Set<DatapathName>();
  const removeOne = ({ on, was, body, stock }: Left, ended: Ended): void => {
    const { channel, flat } = context.datapath(on);
    if (channel !== was.channel || flat !== was.flat) {
      ended();
      return;
    }
    const messages = [...body.empty(), ...stock];
    context.datapath(on).writer.send('tables', messages, 'barrier', (outcome) => {
      if (outcome.type === 'lost' || outcome.refusals.length > 0) failed.add(on);
      ended();
    });
  };
  whenAll(left, removeOne, () => {
    for (const { name, isReady, config } of context.datapaths()) {
      if (isReady && !failed.has(name)) departures.cleaned(config.dpid);
    }
    done();
  });
}

/** What datapaths hold of ours that are in the configuration no more, where they are there. */
export function emptyDatapaths(context: SteppingContext, done: () => void): void {
  const { datapaths: known } = context.snapshot();
  const gone = context.datapaths().filter(({ name }) => !known.has(name));
  const empty = (datapath: Datapath, ended: Ended): void => {
    const { break: messages } = difference(unionOn(context, datapath), noTables);
    datapath.writer.send('tables', messages, 'barrier', () => ended());
  };
  whenAll(gone, empty, done);
}

/** Who is told. */
interface TellingContext extends SteppingContext {
  readonly boundary: Boundary;
  alarm(what: string): void;
}

/** In steps, all whom it concerned, of what is so when the turn of each is. */
export function* telling(
  context: TellingContext,
  log: Log,
  { changed, came, touched }: Pick<Step, 'changed' | 'came' | 'touched'>,
): Steps<void> {
  const { boundary } = context;
  for (const [was, { name }] of changed) {
    const runtime = context.runtime(name);
    boundary.run(runtime, () => runtime?.follow(was));
    yield;
  }
  for (const { name } of came) {
    const runtime = context.runtime(name);
    boundary.run(runtime, () => runtime && serve(context, log, runtime));
    yield;
  }
  const told = new Set(changed.map(([, { name }]) => name));
  yield* refreshing(
    context,
    touched.filter(({ name }) => !told.has(name)),
  );
  yield* renewing(context);
}

/** In steps, the ports of these as they are now. */
export function* refreshing(context: TellingContext, those: readonly Vswitch[]): Steps<void> {
  for (const { name } of those) {
    const runtime = context.runtime(name);
    context.boundary.run(runtime, () => runtime?.ports.refresh());
    yield;
  }
}

/** In steps, guests are listened for as the file says: TLS files may hold other keys. */
export function renewing(context: TellingContext): Steps<void> {
  return withEach(context.runtimes(), (runtime) => {
    const { name, guests } = runtime;
    const failed = (why: string): void => context.alarm(`${name}: ${why}`);
    context.boundary.run(runtime, () => guests.follow(failed));
  });
}

/** What a restart has to find. */
function entriesOf({ before, snapshot, came, changed }: Step): readonly Entry[] {
  const { failures } = snapshot;
  const ids = came.map(({ name, id }) => ({ type: 'id', vswitch: name, id }) as const);
  const placed = [...came, ...changed.map(([, is]) => is)].flatMap(({ name }) => {
    const placement = snapshot.placements.get(name);
    if (placement === undefined || placement.bodies.length === 0) return [];
    return [{ type: 'placement', vswitch: name, placement } as const];
  });
  const configured = came.flatMap(({ name }) => {
    const configs = snapshot.portConfigs.get(name);
    return configs ? [{ type: 'portConfigs', vswitch: name, configs } as const] : [];
  });
  const failed = failures === before.failures ? [] : [{ type: 'failures', failures } as const];
  return [...ids, ...placed, ...configured, ...failed, ...plugsEntries(snapshot.config)];
}

/** What serves, and what is known besides: of those that come, `brought`, or what is stored. */
export function runningOf(
  context: SteppingContext,
  recovered?: Recovered,
  brought?: Snapshot['portConfigs'],
): Running {
  const { world, departures, executor } = context;
  const snapshot = context.snapshot();
  const { freedIds } = departures.numbers;
  const ids = new Map(departures.numbers.ids);
  for (const { name, id } of snapshot.vswitches.values()) ids.set(name, id);
  const known = {
    ...{ ids, freedIds },
    placements: recovered?.remembered.placements ?? new Map(),
    portConfigs: brought ?? recovered?.remembered.portConfigs ?? new Map(),
  };
  const migrations = executor.all();
  const names = context.runtimes().map(({ name }) => name);
  const census = departures.census(names, (name) => madeBy(context, name));
  const nowMs = world.wallClockMs();
  const told = toldBy(snapshot.config, context.datapaths());
  const isDown = ({ device, port }: PhysicalEnd): boolean => {
    const datapath = context.datapaths().find(({ name }) => name === device);
    return datapath?.isReady === true && !datapath.isPortUp(port);
  };
  const departure = departures.next;
  return { snapshot, known, census, departure, migrations, nowMs, told, isDown };
}

/** Of those that come: what was recovered of those that return, and of others nothing. */
export function tenantStatesFor(
  { world, journal }: SteppingContext,
  names: readonly VswitchName[],
  recovered: Recovered | undefined,
  returned: ReadonlySet<VswitchName>,
  shared: Shared,
): TenantStates {
  const tables = names.map((name) => {
    const own =
      recovered !== undefined && returned.has(name) ? recovered : nothingOf(journal, name);
    return [name, tenantStateFrom({ world, journal }, name, own, shared)] as const;
  });
  return new Map(tables);
}

/** Of one that is new: nothing, but for serials that nobody of its name had. */
function nothingOf(journal: Journal, name: VswitchName): RecoveredState {
  const { reserved } = journal.storedRulesOf(name);
  const serials = new Map(reserved > 0 ? [[name, reserved]] : []);
  const tables = { groups: new Map(), meters: new Map(), rules: new Map() };
  return { serials, ...tables, accepted: new Map(), changes: new Map() };
}
