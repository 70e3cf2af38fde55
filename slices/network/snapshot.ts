/**
 * The configuration, compiled: everything that serves a frame, as one immutable value.
 *
 * A change (a migration's step, later an edited file) makes a new snapshot; the shell swaps one
 * reference. Placements and the ids below come from the store, so they outlive a restart.
 */
import { type Version, version } from '../../openflow/values/constants.ts';
import type { Config, EncodingName } from '../config/values.ts';
import type { DatapathName, Vport, VswitchName } from '../ids.ts';
import { atOnce } from '../steps.ts';
import { withSides } from './body-sides.ts';
import {
  allWays,
  type Computation,
  waysAround,
  waysAt,
  waysElsewhere,
  waysOfPlaced,
} from './changed-ways.ts';
import { type Avoiding, avoidingNothing } from './drained-datapaths.ts';
import { type Failures, noFailures } from './failures.ts';
import { isBig, isSameMembers, placedOver } from './members.ts';
import { PersistentMap } from './persistent-map.ts';
import { bodyNamesOn, noPlaces } from './places.ts';
import { Routes } from './routes.ts';
import { emptyLabels, noHopTags, noTaggedWays } from './tags.ts';
import {
  type Cuts,
  type Encoding,
  type Infeasible,
  isInfeasible,
  type Placement,
  type Remembered,
  type Snapshot,
  type Unplaced,
  type Vswitch,
} from './values.ts';
import { inOrder } from './vswitch-order.ts';
import { buildVswitches } from './vswitches.ts';

export type * from './values.ts';
export { isFlat, isInfeasible, peersOf, placementOf } from './values.ts';

export const nothingRemembered: Remembered = {
  ids: new Map(),
  freedIds: [],
  placements: new Map(),
  taggedWays: noTaggedWays,
  hopTags: noHopTags,
  labels: emptyLabels,
  portConfigs: new Map(),
  encodings: new Map(),
  avoiding: avoidingNothing,
  failures: noFailures,
};

/** `cuts` and `held` are left out. */
export function compile(
  config: Config,
  remembered: Remembered,
  cuts: Cuts = new Map(),
  held: Unplaced = new Map(),
): Snapshot | Infeasible {
  return atOnce(compiling(config, remembered, cuts, held));
}

/** The same in steps. */
export function* compiling(
  config: Config,
  remembered: Remembered,
  cuts: Cuts,
  held: Unplaced,
): Computation {
  const { moving = new Map() } = remembered;
  const none = [undefined, undefined] as const;
  const vswitches = yield* buildVswitches(config, remembered, cuts, ...none, moving);
  if (isInfeasible(vswitches)) return vswitches;
  const known = new Set(config.datapaths.map((d) => d.name));
  const ways = routesOf(config, remembered.avoiding, remembered.failures);
  const placements = new Map<VswitchName, Placement>();
  for (const { name, on } of config.vswitches) {
    const vswitch = vswitches.get(name);
    if (vswitch === undefined) continue;
    if (held.has(name)) {
      placements.set(name, { bodies: [], primary: on, homes: new Map() });
      continue;
    }
    const earlier = remembered.placements.get(name);
    const isKnown = earlier?.bodies.every((body) => known.has(body)) ?? false;
    const kept = isKnown ? earlier : undefined;
    if (isBig(vswitch)) placements.set(name, placedFirst(config, remembered, ways, vswitch));
    else placements.set(name, kept === undefined ? placedOn(vswitch, on) : settled(vswitch, kept));
  }
  const draft: Snapshot = {
    config,
    datapaths: new Map(config.datapaths.map((d) => [d.name, d])),
    vswitches,
    tenants: Map.groupBy(vswitches.values(), ({ tenant }) => tenant),
    placements: PersistentMap.from(placements),
    ...ways,
    detoured: PersistentMap.empty(),
    outside: PersistentMap.empty(),
    wires: PersistentMap.empty(),
    places: noPlaces,
    taggedWays: remembered.taggedWays,
    hopTags: remembered.hopTags ?? noHopTags,
    labels: remembered.labels,
    portConfigs: remembered.portConfigs,
    moving,
    missesUp: PersistentMap.empty(),
    held,
    encodings: new Map(
      config.datapaths.map(({ name, encoding }) => {
        const known = remembered.encodings.get(name) ?? 'pipeline';
        return [
          name,
          encodingFor(encoding, known === 'flat of 1.0' ? version.of10 : version.of13),
        ] as const;
      }),
    ),
  };
  return yield* allWays(draft, remembered.hopTags ? undefined : remembered.taggedWays);
}

/** The snapshot with one vswitch placed otherwise, and the numbers of ways that this needs. */
export function withPlacement(
  snapshot: Snapshot,
  name: VswitchName,
  placement: Placement,
): Snapshot | Infeasible {
  return atOnce(placing(snapshot, name, placement));
}

/** The same in steps. */
export function placing(snapshot: Snapshot, name: VswitchName, placement: Placement): Computation {
  const before = snapshot.placements.get(name);
  const all = PersistentMap.from(snapshot.placements);
  const placements = all.with(name, withSides(placement, before));
  return waysOfPlaced(snapshot, { ...snapshot, placements }, [name]);
}

/** The snapshot whose ways are led around other datapaths, and the numbers that this needs. */
export function withAvoiding(snapshot: Snapshot, avoiding: Avoiding): Snapshot | Infeasible {
  return atOnce(led(snapshot, avoiding));
}

/** The same in steps. */
export function led(snapshot: Snapshot, avoiding: Avoiding): Computation {
  const { config, failures } = snapshot;
  return waysElsewhere(snapshot, { ...snapshot, ...routesOf(config, avoiding, failures) });
}

/**
 * The snapshot in which other cables and datapaths have failed: ways that led over them, and those
 * that were on a detour, are led elsewhere.
 */
export function withFailures(snapshot: Snapshot, failures: Failures): Snapshot | Infeasible {
  return atOnce(failing(snapshot, failures));
}

/** The same in steps. */
export function failing(snapshot: Snapshot, failures: Failures): Computation {
  const { config, avoiding } = snapshot;
  const draft = { ...snapshot, ...routesOf(config, avoiding, failures) };
  return waysAround(snapshot, draft);
}

/**
 * What was computed from `before`, for the snapshot of now; undefined when something else has
 * changed meanwhile than what tenants configure of their ports, and which misses go up.
 */
export function onto(
  now: Snapshot,
  before: Snapshot,
  next: Snapshot | Infeasible,
): Snapshot | undefined {
  if (isInfeasible(next) || !isLike(now, before)) return undefined;
  const { portConfigs, missesUp } = now;
  const isSame = next.portConfigs === portConfigs && next.missesUp === missesUp;
  return isSame ? next : { ...next, portConfigs, missesUp };
}

/** Whether nothing else is another than that. */
export function isLike(now: Snapshot, before: Snapshot): boolean {
  const names = Object.keys(before) as (keyof Snapshot)[];
  return names.every((name) => {
    return now[name] === before[name] || name === 'portConfigs' || name === 'missesUp';
  });
}

export function routesOf(
  { links, linkCosts, failover }: Pick<Config, 'links' | 'linkCosts' | 'failover'>,
  avoiding: Avoiding,
  failures: Failures,
) {
  const { now, spare } = avoiding;
  return {
    avoiding,
    failures,
    routes: new Routes(links, now, failures, linkCosts, failover.backups),
    spareRoutes: spare && new Routes(links, spare, failures, linkCosts, failover.backups),
  };
}

/** The snapshot in which what misses every rule of the vswitch goes up, or is dropped. */
export function withMisses(snapshot: Snapshot, name: VswitchName, isOn: boolean): Snapshot {
  const all = PersistentMap.from(snapshot.missesUp);
  return { ...snapshot, missesUp: isOn ? all.with(name, true) : all.without(name) };
}

/** The snapshot in which a datapath has this encoding, and the numbers of ways that this needs. */
export function withEncoding(
  snapshot: Snapshot,
  datapath: DatapathName,
  encoding: Encoding,
): Snapshot | Infeasible {
  return atOnce(recoded(snapshot, datapath, encoding));
}

/** The same in steps. */
export function recoded(
  snapshot: Snapshot,
  datapath: DatapathName,
  encoding: Encoding,
): Computation {
  const encodings = new Map(snapshot.encodings).set(datapath, encoding);
  return waysAt(snapshot, { ...snapshot, encodings }, datapath);
}

/** What a datapath has that speaks this version, and of which the file says this, or nothing. */
export function encodingFor(inFile: EncodingName | undefined, speaks: Version): Encoding {
  if (speaks === version.of10) return 'flat of 1.0';
  return inFile === 'flat' ? 'flat of 1.3' : 'pipeline';
}

/** A placement with one body. */
export function placedOn(vswitch: Vswitch, on: DatapathName): Placement {
  return {
    bodies: [on],
    primary: on,
    homes: new Map([...vswitch.ports.keys()].map((p) => [p, on])),
  };
}

/** A big switch, as it was if it has the same members, and else as if all were well. */
function placedFirst(
  config: Config,
  { placements }: Remembered,
  { routes }: Pick<Snapshot, 'routes'>,
  vswitch: Vswitch,
) {
  const earlier = placements.get(vswitch.name);
  if (earlier !== undefined && isSameMembers(earlier.bodies, vswitch.members)) {
    return settled(vswitch, earlier);
  }
  const ons = new Map(config.vswitches.map(({ name, on }) => [name, on]));
  const primaryOf = (name: VswitchName) => placements.get(name)?.primary ?? ons.get(name);
  const before = earlier && { ...earlier, homes: new Map<Vport, DatapathName>() };
  return placedOver({ routes, primaryOf }, vswitch, before);
}

/** A datapath's vswitches, in the order of the configuration. */
export function bodiesOn(snapshot: Snapshot, datapath: DatapathName): readonly Vswitch[] {
  return inOrder(snapshot, bodyNamesOn(snapshot, datapath));
}

/** A remembered placement, with homes for exactly the vports that the file has now. */
export function settled(vswitch: Vswitch, earlier: Placement): Placement {
  const homes = new Map(
    [...vswitch.ports.keys()].map((p) => [p, earlier.homes.get(p) ?? earlier.primary]),
  );
  return { ...earlier, homes };
}
