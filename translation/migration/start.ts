/**
 * Computes the first snapshot of a start from the file and the store, and the remedies that were
 * needed for it (slices/remedy.ts).
 *
 * `limevisor run` and `limevisor check --store` ask this very function. Whatever the two say that
 * does not go together is the trouble of the vswitch that it is about: a port without a link, a
 * vswitch that is down, a migration that ends. A drained datapath that is needed is used again.
 * Only when there are no numbers left for a vswitch is there no start.
 *
 *   hosts -> where they were moved to             (start-hosts.ts)
 *   members of big switches, too                  (start-members.ts)
 *   names -> who left, came back, has an heir     (slices/config/departures.ts)
 *   what has no place yet -> is placed, or held   (slices/placement/admission.ts)
 *   migrations -> go on, or end                   (interrupted-migrations.ts)
 *   placements -> where they were, or where the file says
 *   drained datapaths -> are used again where there is no other way   (forced-undrain.ts)
 *   ways -> ports without one are cut
 *   encodings -> vswitches whose rules do not fit are held
 */
import type { Config, VirtualEnd } from '../../slices/config/config.ts';
import { type Arrivals, arrivalsOf, type StoredVswitches } from '../../slices/config/departures.ts';
import { type DatapathName, isSameEnd, type Vport, type VswitchName } from '../../slices/ids.ts';
import type { Computation } from '../../slices/network/changed-ways.ts';
import { noFailures } from '../../slices/network/failures.ts';
import { Routes } from '../../slices/network/routes.ts';
import {
  type Cuts,
  compiling,
  type Infeasible,
  isFlat,
  isInfeasible,
  type Lacking,
  type MovedMembers,
  type Placement,
  type Plugged,
  placementOf,
  type Remembered,
  type Snapshot,
  type Unplaced,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import { admit, type Settled } from '../../slices/placement/admission.ts';
import { placementRemedies } from '../../slices/placement/placement-remedies.ts';
import { placedAnew, type Remedy } from '../../slices/remedy.ts';
import { atOnce, type Steps } from '../../slices/steps.ts';
import { stillAvoided, undrainedRemedies } from './forced-undrain.ts';
import type { HostMove } from './host-move.ts';
import { endedBy } from './interrupted-migrations.ts';
import { isOver, type Migration } from './migration.ts';
import { hostsAtStart } from './start-hosts.ts';
import { membersAtStart } from './start-members.ts';

/** What the store knows. */
export interface Known {
  readonly remembered: Remembered;
  readonly migrations: readonly Migration[];
  readonly hostMoves: readonly HostMove[];
  readonly census: StoredVswitches;
  /** The number of the departure that this start may find. */
  readonly departure: number;
}

export interface Start extends Arrivals {
  readonly snapshot: Snapshot;
  readonly migrations: readonly Migration[];
  readonly hostMoves: readonly HostMove[];
  /** Hosts that are elsewhere than the file says. */
  readonly plugged: Plugged;
  /** Big switches that have other members than the file says. */
  readonly movedMembers: MovedMembers;
  readonly remedies: readonly Remedy[];
  /** Datapaths that were drained and are no more, and why. */
  readonly undrained: ReadonlyMap<DatapathName, string>;
}

/** Why what the tenant of a vswitch has made does not fit a datapath; undefined when it does. */
export type Fits = (
  snapshot: Snapshot,
  datapath: DatapathName,
  vswitch: Vswitch,
) => string | undefined;

/** `nowMs` is the wall clock's. */
export function startFrom(
  written: Config,
  { remembered, migrations, hostMoves, census, departure }: Known,
  misfit: Fits,
  nowMs: number,
): Start | Infeasible {
  const { plugged = new Map(), movedMembers = new Map(), told = new Map() } = remembered;
  const members = membersAtStart({ ...written, told }, movedMembers);
  const hosts = hostsAtStart(members.config, plugged, hostMoves, nowMs);
  const { config: file, moving } = hosts;
  const arrivals = atOnce(arrivalsOf(file, census, departure, nowMs));
  const admitted = admit(
    file,
    settledBy(remembered, arrivals.heirs),
    new Routes(
      ...([file.links, remembered.avoiding.now, noFailures, file.linkCosts] as const),
      file.failover.backups,
    ),
  );
  const { config, unplaced } = admitted;
  const places = placesOf(config, remembered.placements, migrations, arrivals.heirs, nowMs);
  const portConfigs = new Map(remembered.portConfigs);
  for (const name of arrivals.heirs.keys()) portConfigs.delete(name);
  const placed = { ...remembered, placements: places.placements, portConfigs, moving };
  const still = stillAvoided(config, placed);
  const known = { ...placed, avoiding: still.avoiding };
  const first = feasible(config, known, unplaced);
  if (isInfeasible(first)) return first;
  const misfitting = misfits(first.snapshot, arrivals.heirs, misfit);
  const held = new Map([...unplaced, ...misfitting]);
  const made = misfitting.size === 0 ? first : feasible(config, known, held);
  if (isInfeasible(made)) return made;
  const { snapshot } = made;
  const { undrained } = still;
  const cut = [...snapshot.vswitches.values()].flatMap(cutsOf);
  const remedies = [
    ...arrivals.remedies,
    ...places.remedies,
    ...hosts.remedies,
    ...members.remedies,
    ...undrainedRemedies(still),
    ...[...misfitting].map(([name, why]) => heldBack(name, why)),
    ...placementRemedies(admitted),
    ...cut,
  ];
  const { movedMembers: on } = members;
  const moved = { hostMoves: hosts.moves, plugged: hosts.plugged, movedMembers: on };
  return { ...arrivals, snapshot, migrations: places.migrations, ...moved, remedies, undrained };
}

/** Where things are; an heir's place is not its predecessor's. */
function settledBy(
  { placements, plugs = new Map(), avoiding }: Remembered,
  heirs: ReadonlyMap<VswitchName, string>,
): Settled {
  const own = [...placements].filter(([name]) => !heirs.has(name));
  const bodies = new Map(own.map(([name, { bodies }]) => [name, bodies]));
  return { bodies, plugs, avoiding };
}

interface Places {
  readonly placements: ReadonlyMap<VswitchName, Placement>;
  readonly migrations: readonly Migration[];
  readonly remedies: readonly Remedy[];
}

/** Where each vswitch is, as far as the store knows and the file allows. */
function placesOf(
  config: Config,
  remembered: ReadonlyMap<VswitchName, Placement>,
  migrations: readonly Migration[],
  heirs: ReadonlyMap<VswitchName, string>,
  nowMs: number,
): Places {
  const routes = new Routes(config.links);
  const has = new Set(config.datapaths.map((one) => one.name));
  const placements = new Map(remembered);
  const remedies: Remedy[] = [];
  const moving = new Map<VswitchName, Migration>();
  const settled = migrations.map((migration) => {
    const ended = endedBy(config, routes, migration, nowMs);
    if (ended === undefined) {
      if (!isOver(migration)) moving.set(migration.vswitch, migration);
      return migration;
    }
    remedies.push(ended.remedy);
    if (ended.on === undefined) placements.delete(migration.vswitch);
    else placements.set(migration.vswitch, alone(ended.on));
    return ended.migration;
  });
  for (const { name, on, members } of config.vswitches) {
    const placement = placements.get(name);
    if (placement === undefined) continue;
    const { bodies, primary } = placement;
    if (heirs.has(name)) placements.delete(name);
    // Its members are the file's (slices/network/snapshot.ts).
    else if (members !== undefined) continue;
    else if (!bodies.every((one) => has.has(one))) {
      placements.delete(name);
      remedies.push(placedAnew(name, bodies, on));
    } else if (bodies.length > 1 && !moving.has(name)) placements.set(name, alone(primary));
  }
  return { placements, migrations: settled, remedies };
}

/** Homes are made for the vports that the file has (snapshot.ts). */
function alone(on: DatapathName): Placement {
  return { bodies: [on], primary: on, homes: new Map() };
}

function feasible(
  config: Config,
  known: Remembered,
  held: Unplaced,
): { readonly snapshot: Snapshot } | Infeasible {
  return atOnce(withoutCables(config, held, (cuts) => compiling(config, known, cuts, held)));
}

/**
 * In steps, the snapshot that `make` makes without the cables that have no way, as far as they may
 * be cut. Each round cuts some, so it ends.
 */
export function* withoutCables(
  config: Config,
  held: Unplaced,
  make: (cuts: Cuts) => Computation,
  mayCut: (end: VirtualEnd) => boolean = () => true,
): Steps<{ readonly snapshot: Snapshot } | Infeasible> {
  const cuts = new Map<VswitchName, Map<Vport, string>>();
  const cut = (device: VswitchName, vport: Vport, why: string): void => {
    const own = cuts.get(device) ?? new Map<Vport, string>();
    cuts.set(device, own.set(vport, own.get(vport) ?? why));
  };
  const cutCable = ({ vport, why }: Lacking): void => {
    cut(vport.device, vport.port, why);
    for (const [one, other] of config.vlinks) {
      if (isSameEnd(one, vport)) cut(other.device, other.port, why);
      if (isSameEnd(other, vport)) cut(one.device, one.port, why);
    }
  };
  for (const name of held.keys()) {
    const why = `${name} is held`;
    const ends = [...config.hosts.map(({ port }) => port), ...config.vlinks.flat()];
    for (const end of ends) if (end.device === name) cutCable({ vport: end, why });
  }
  for (;;) {
    const snapshot = yield* make(cuts);
    if (!isInfeasible(snapshot)) return { snapshot };
    const { lacking = [] } = snapshot;
    if (lacking.length === 0 || !lacking.every(({ vport }) => mayCut(vport))) return snapshot;
    for (const one of lacking) cutCable(one);
  }
}

/** Vswitches with one body whose rules it cannot hold. One with two has a migration to undo. */
function misfits(
  snapshot: Snapshot,
  heirs: ReadonlyMap<VswitchName, string>,
  misfit: Fits,
): ReadonlyMap<VswitchName, string> {
  const held = new Map<VswitchName, string>();
  for (const vswitch of snapshot.vswitches.values()) {
    const { bodies, primary } = placementOf(snapshot, vswitch.name);
    if (bodies.length !== 1 || heirs.has(vswitch.name) || !isFlat(snapshot, primary)) continue;
    const why = misfit(snapshot, primary, vswitch);
    if (why !== undefined) held.set(vswitch.name, why);
  }
  return held;
}

function heldBack(name: VswitchName, why: string): Remedy {
  return {
    type: 'held',
    object: name,
    cause: why,
    done: 'it stays down, and the store keeps its rules',
    next: 'give the datapath its former encoding, then start again',
  };
}

function cutsOf({ name, cut }: Vswitch): readonly Remedy[] {
  return [...cut].map(([vport, why]) => ({
    type: 'cut' as const,
    object: `${name} port ${vport}`,
    cause: why,
    done: 'the port is down',
    next: why.startsWith('no way') ? `add a link, or move ${name} to where it has one` : '',
  }));
}
