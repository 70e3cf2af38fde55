/**
 * The effects of another configuration: the next snapshot, and the added, removed and changed
 * vswitches; or why nothing is changed. Pure, and computed before anything is done: a refusal
 * leaves everything as it is.
 *
 * A start comes up with what works and says what does not (start.ts). Here somebody is there who
 * can mend the file, and tenants are served by what there is: so trouble that was not there before
 * refuses the whole.
 */
import type { Config, PhysicalEnd, VirtualEnd, VswitchConfig } from '../../slices/config/config.ts';
import { type Arrivals, arrivalsOf, type StoredVswitches } from '../../slices/config/departures.ts';
import { isSameInSteps } from '../../slices/equality.ts';
import { type DatapathName, nowhere, type VswitchName } from '../../slices/ids.ts';
import { changedVswitches, touched } from '../../slices/network/affected.ts';
import { configured, configuredOnto, type Known } from '../../slices/network/changed-config.ts';
import { isSameMembers } from '../../slices/network/members.ts';
import { changedKeys } from '../../slices/network/persistent-map.ts';
import { runningConfigOf } from '../../slices/network/running-config.ts';
import {
  isInfeasible,
  placementOf,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import { type Admitted, admitting } from '../../slices/placement/admission.ts';
import type { Overbooked } from '../../slices/placement/configured-substrate.ts';
import { isEmpty } from '../../slices/remedy.ts';
import { mapped, type Steps } from '../../slices/steps.ts';
import { isOver, type Migration } from './migration.ts';
import { withoutCables } from './start.ts';

/** What serves now, and what the store knows besides. */
export interface Running {
  readonly snapshot: Snapshot;
  readonly known: Known;
  readonly census: StoredVswitches;
  readonly departure: number;
  readonly migrations: readonly Migration[];
  readonly nowMs: number;
  /** What datapaths say that they have room for. */
  readonly told: Config['told'];
  /** Whether a datapath says that a cable in this port would carry nothing. */
  isDown(end: PhysicalEnd): boolean;
}

/** From a configuration that serves to another. */
export interface Step {
  readonly before: Snapshot;
  readonly snapshot: Snapshot;
  readonly arrivals: Arrivals;
  readonly came: readonly Vswitch[];
  /** As they were. */
  readonly gone: readonly Vswitch[];
  /** As they were, and as they are. */
  readonly changed: readonly (readonly [Vswitch, Vswitch])[];
  /** All whose wiring may be another: those that went as they were. */
  readonly touched: readonly Vswitch[];
}

/** The step as a whole; it is done in two, so that those who go are there if it is taken back. */
export interface Reconfiguration extends Step {
  /** As it was read. */
  readonly file: Config;
  /** With the places that are chosen for what it leaves open. */
  readonly wanted: Config;
  /** Of `came`, those of which the store keeps what they had made. */
  readonly returned: ReadonlySet<VswitchName>;
  /**
   * All but that those who go are there still, with nothing behind their ports, and that big
   * switches have the members of before.
   */
  readonly adding: Step;
  readonly regrouped: readonly Regrouped[];
  /** Whether the configuration says what the one before it says. */
  readonly isSame: boolean;
}

/** A vswitch that is carried by other datapaths; of a big switch, its members. */
export interface Regrouped {
  readonly name: VswitchName;
  readonly before: readonly DatapathName[];
  readonly after: readonly DatapathName[];
  /** As it is to be. */
  readonly vswitch: Vswitch;
}

export interface Refusal {
  /** A line each. */
  readonly whyNot: readonly string[];
}

/** In steps. */
export function* reconfiguration(running: Running, read: Config): Steps<Reconfiguration | Refusal> {
  const { snapshot: before, census, told } = running;
  const file = { ...read, told };
  const fixed = (['control', 'store'] as const).filter((key) => before.config[key] !== file[key]);
  if (fixed.length > 0) return { whyNot: fixed.map((key) => whyFixed(key, before.config, file)) };
  const admitted = yield* admitting(yield* runningConfigOf(before), file, before.avoiding);
  const crowded = yield* whyCrowded(before, admitted);
  if (crowded.length > 0) return { whyNot: crowded };
  const config = yield* withFormerPlaces(before.config, admitted.config);
  const whole = yield* stepTo(running, config);
  if ('whyNot' in whole) return whole;
  yield;
  const { came, gone } = whole;
  const regrouped = regroupedIn(whole);
  const same = new Set(regrouped.map(({ name }) => name));
  const isWhole = gone.length + same.size === 0;
  const adding = isWhole
    ? whole
    : yield* stepTo(running, withThoseWhoGo(before.config, config, same), gone);
  if ('whyNot' in adding) return adding;
  yield;
  const whyNot = whyMoving(running.migrations, whole);
  if (whyNot.length > 0) return { whyNot };
  yield;
  const returned = came.filter(({ name }) => {
    const isKept = census.left.has(name) && !isEmpty(census.contents(name));
    return isKept && !whole.arrivals.heirs.has(name);
  });
  const names = new Set(returned.map((one) => one.name));
  const isSame = yield* isSameInSteps(before.config, whole.snapshot.config);
  return { ...whole, file, wanted: admitted.config, returned: names, adding, regrouped, isSame };
}

/** Those that are, or were, big switches, and have other members. */
function regroupedIn({ before, snapshot, changed }: Step): readonly Regrouped[] {
  const homes = new Map(snapshot.config.vswitches.map(({ name, on }) => [name, on]));
  return changed.flatMap(([was, is]): readonly Regrouped[] => {
    const isSame = isSameMembers(was.members, is.members);
    if (isSame && isSameMembers(was.partial ?? [], is.partial ?? [])) return [];
    const { name } = is;
    const after = is.members.length > 0 ? is.members : [homes.get(name) ?? nowhere];
    return [{ name, before: placementOf(before, name).bodies, after, vswitch: is }];
  });
}

/**
 * In steps, to a configuration whose places are chosen; of `leaving` nothing is left but what they
 * made.
 */
export function* stepTo(
  running: Running,
  config: Config,
  leaving: readonly Vswitch[] = [],
): Steps<Step | Refusal> {
  const { snapshot: before, known, census, isDown } = running;
  const wasCut = ({ device, port }: VirtualEnd): boolean =>
    before.vswitches.get(device)?.cut.has(port) === true;
  const names = new Set(leaving.map(({ name }) => name));
  const made = yield* withoutCables(
    config,
    before.held,
    (cuts) => configured(before, config, known, { cuts, leaving: names, isDown }),
    wasCut,
  );
  if (isInfeasible(made)) return { whyNot: [made.why] };
  const arrivals = yield* arrivalsOf(config, census, running.departure, running.nowMs);
  return yield* stepBetween(before, made.snapshot, arrivals);
}

/** In steps, what differs. */
export function* stepBetween(
  before: Snapshot,
  snapshot: Snapshot,
  arrivals: Arrivals,
): Steps<Step> {
  const names = changedVswitches(before, snapshot);
  yield;
  const gone = names.flatMap((name) => (snapshot.vswitches.has(name) ? [] : at(before, name)));
  const came = names.flatMap((name) => (before.vswitches.has(name) ? [] : at(snapshot, name)));
  const changed = names.flatMap((name) => {
    const [was, is] = [before.vswitches.get(name), snapshot.vswitches.get(name)];
    return was && is ? [[was, is] as const] : [];
  });
  const concerned = [...(yield* touched(before, snapshot)), ...gone];
  return { before, snapshot, arrivals, came, gone, changed, touched: concerned };
}

/** For the snapshot of now, where that is no other in anything that counts; else undefined. */
export function stepOnto<S extends Step>(now: Snapshot, step: S): S | undefined {
  const snapshot = configuredOnto(now, step.before, step.snapshot);
  return snapshot && { ...step, before: now, snapshot };
}

/** The same of all of it. */
export function reconfigurationOnto(
  now: Snapshot,
  { adding, ...rest }: Reconfiguration,
): Reconfiguration | undefined {
  const [whole, first] = [stepOnto(now, rest), stepOnto(now, adding)];
  return whole && first && { ...whole, adding: first };
}

/** The datapaths that carry those who go are there, too; the members of these are as before. */
function withThoseWhoGo(before: Config, config: Config, same: ReadonlySet<VswitchName>): Config {
  const former = new Map(before.vswitches.map((one) => [one.name, one]));
  const asBefore = (one: VswitchConfig): VswitchConfig => {
    const was = same.has(one.name) ? former.get(one.name) : undefined;
    if (was === undefined) return one;
    const { on, members, consistency, partial } = was;
    const { members: _, consistency: __, partial: ___, ...rest } = one;
    const parts = { ...(consistency && { consistency }), ...(partial && { partial }) };
    return { ...rest, on, ...(members && { members }), ...parts };
  };
  const names = <T extends { readonly name: string }>(all: readonly T[]) =>
    new Set<string>(all.map(({ name }) => name));
  const [datapaths, vswitches] = [names(config.datapaths), names(config.vswitches)];
  return {
    ...config,
    datapaths: [
      ...config.datapaths,
      ...before.datapaths.filter(({ name }) => !datapaths.has(name)),
    ],
    vswitches: [
      ...config.vswitches.map(asBefore),
      ...before.vswitches.filter(({ name }) => !vswitches.has(name)),
    ],
  };
}

function at({ vswitches }: Snapshot, name: VswitchName): readonly Vswitch[] {
  const vswitch = vswitches.get(name);
  return vswitch === undefined ? [] : [vswitch];
}

/**
 * A place that was chosen earlier stands in the configuration as it did, wherever the vswitch has
 * moved since: which of several equal ways are used follows from it (ranks.ts).
 */
function* withFormerPlaces(before: Config, config: Config): Steps<Config> {
  const former = new Map(before.vswitches.map((one) => [one.name, one]));
  const names = new Set(config.datapaths.map(({ name }) => name));
  const vswitches = yield* mapped(config.vswitches, (one) => {
    const { on, members = [] } = former.get(one.name) ?? {};
    const isPlaced = one.place !== undefined && !members.includes(one.on);
    const isKept = isPlaced && on !== undefined && names.has(on);
    return isKept ? { ...one, on } : one;
  });
  return { ...config, vswitches };
}

/** What has no room, and had it before, or was not there. */
function* whyCrowded(
  before: Snapshot,
  { unplaced, overbooked }: Admitted,
): Steps<readonly string[]> {
  const text = ({ object, why }: Overbooked): string => `${object}: ${why}`;
  const now = overbooked.map(text);
  const known = new Set<string>();
  if (now.length > 0) {
    const running = yield* runningConfigOf(before);
    const admitted = yield* admitting(running, running, before.avoiding);
    for (const one of admitted.overbooked) known.add(text(one));
  }
  return [
    ...[...unplaced].flatMap(([name, why]) => (before.held.has(name) ? [] : [`${name}: ${why}`])),
    ...now.filter((one) => !known.has(one)),
  ];
}

function whyFixed(key: 'control' | 'store', before: Config, config: Config): string {
  const [was, is] = [before[key], config[key]];
  return (
    `"${key}" would be ${is} and is ${was}: it cannot become another while limevisor runs; ` +
    `write "${key}: ${was}", or restart`
  );
}

/** Those that become others, or whose ways do. */
export function changingIn(step: Step): ReadonlySet<VswitchName> {
  return new Set([...otherIn(step), ...changedKeys(step.before.wires, step.snapshot.wires)]);
}

/** Those that came, went, or became others. */
function otherIn({ came, gone, changed }: Step): readonly VswitchName[] {
  return [...came, ...gone, ...changed.map(([was]) => was)].map(({ name }) => name);
}

/** Migrations that it concerns: each step of theirs rests on what was there at the one before. */
export function whyMoving(migrations: readonly Migration[], step: Step): readonly string[] {
  if (migrations.every(isOver)) return [];
  const changed = new Set(otherIn(step));
  const rewired = new Set(changedKeys(step.before.wires, step.snapshot.wires));
  return migrations.flatMap((migration) => {
    const { id, vswitch } = migration;
    if (isOver(migration)) return [];
    const what = changed.has(vswitch) ? 'it' : rewired.has(vswitch) ? 'the ways of its ports' : '';
    if (what === '') return [];
    const next = `apply again when migration ${id} is over, or "limevisor undo ${id}" first`;
    return [`${vswitch} is being migrated, and the file changes ${what}; ${next}`];
  });
}
