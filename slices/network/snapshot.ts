/**
 * The configuration, compiled: everything that serves a frame, as one immutable value.
 *
 * A change (a migration's step, later an edited file) makes a new snapshot; the shell swaps one
 * reference. Placements and the ids below come from the store, so they outlive a restart.
 */
import { type Version, version } from '../../openflow/constants.ts';
import type {
  Config,
  DatapathConfig,
  EncodingName,
  PhysicalEnd,
  VirtualEnd,
} from '../config/config.ts';
import type { Face } from '../config/port-identity.ts';
import type { Queues } from '../config/queues.ts';
import type { Redial } from '../config/redial.ts';
import type { Target } from '../config/target.ts';
import type { DatapathName, Dpid, Vport, VswitchId, VswitchName } from '../ids.ts';
import { type Avoiding, avoidingNothing } from './avoided.ts';
import { inOrder, withAllWays, withWaysAt, withWaysOf } from './changed-ways.ts';
import type { Outside } from './crossings.ts';
import { PersistentMap } from './persistent-map.ts';
import { bodyNamesOn, noPlaces, type Places } from './places.ts';
import type { PortConfigs } from './port-configs.ts';
import { Routes } from './routes.ts';
import { withSides } from './sides.ts';
import { emptyLabels, emptyTags, type LabelTable, type TagTable } from './tags.ts';
import { buildVswitches } from './vswitches.ts';
import type { Wire } from './wires.ts';

/** What a vport leads to. */
export type Attachment =
  | {
      readonly type: 'host';
      readonly host: string;
      readonly at: PhysicalEnd;
      readonly queues: Queues;
    }
  | {
      readonly type: 'link';
      readonly peer: VirtualEnd;
      /** Which end of a virtual cable this is, counted for each tenant. */
      readonly place: number;
    };

export interface Vswitch {
  readonly name: VswitchName;
  /** Its place in the configuration. */
  readonly index: number;
  readonly tenant: string;
  readonly id: VswitchId;
  readonly dpid: Dpid;
  readonly controllers: readonly Target[];
  /** What its controllers are offered. */
  readonly versions: readonly Version[];
  readonly listen: readonly Target[];
  /** Packets that are kept for each connection. */
  readonly buffers: number;
  readonly redial: Redial;
  /** By vport number, ascending. */
  readonly ports: ReadonlyMap<Vport, Attachment>;
  /** Of LOCAL, then of each vport in that order, and of those that are cut. */
  readonly faces: ReadonlyMap<Vport, Face>;
  /** Vports of the file that have nothing behind them now, and why: none of them is in `ports`. */
  readonly cut: ReadonlyMap<Vport, string>;
}

/**
 * Where a vswitch lives (DESIGN 5). `homes` says for each vport which body processes what enters
 * there; every body can, and does while frames sent to an earlier home are still on their way.
 */
export interface Placement {
  /** None while the vswitch is held (translation/start.ts). */
  readonly bodies: readonly DatapathName[];
  /** The body that processes every packet; others lead theirs there (single-body.ts). */
  readonly primary: DatapathName;
  readonly homes: ReadonlyMap<Vport, DatapathName>;
  /**
   * A body is of the other side than the one beside which it was made, so that a vport's home never
   * becomes one of the same side (translation/looks.ts). Those of the second; absent where there
   * are none.
   */
  readonly secondSide?: ReadonlySet<DatapathName>;
}

export interface Snapshot {
  readonly config: Config;
  readonly datapaths: ReadonlyMap<DatapathName, DatapathConfig>;
  readonly vswitches: ReadonlyMap<VswitchName, Vswitch>;
  /** By tenant. */
  readonly tenants: ReadonlyMap<string, readonly Vswitch[]>;
  readonly placements: ReadonlyMap<VswitchName, Placement>;
  readonly routes: Routes;
  /** Datapaths that ways are led around, and ways that are there beside those in use. */
  readonly avoiding: Avoiding;
  readonly spareRoutes: Routes | undefined;
  /** Which virtual links on one datapath lead outside (crossings.ts). */
  readonly outside: Outside;
  /** The ways that end at each vswitch. */
  readonly wires: PersistentMap<VswitchName, readonly Wire[]>;
  readonly places: Places;
  readonly tags: TagTable;
  readonly labels: LabelTable;
  readonly portConfigs: PortConfigs;
  /** Those with a controller of OpenFlow 1.0 now: what misses every rule goes up to it. */
  readonly missesUp: ReadonlyMap<VswitchName, true>;
  readonly encodings: Encodings;
  /** Vswitches that live nowhere now, and why. */
  readonly held: Held;
}

/** Vports that a start has to leave out, and why: cables without a way. */
export type Cuts = ReadonlyMap<VswitchName, ReadonlyMap<Vport, string>>;
/** Vswitches that a start has to leave out, and why. */
export type Held = ReadonlyMap<VswitchName, string>;

/** How rules stand on a datapath, and for the flat encoding what it speaks. */
export type Encoding = 'pipeline' | 'flat of 1.0' | 'flat of 1.3';

/** What each datapath has; one that never connected is expected to have the pipeline. */
export type Encodings = ReadonlyMap<DatapathName, Encoding>;

/** What the store knows from earlier runs. */
export interface Remembered {
  readonly ids: ReadonlyMap<VswitchName, VswitchId>;
  /** Ids that vswitches had which have left, the longest free first (vswitch-ids.ts). */
  readonly freedIds: readonly VswitchId[];
  readonly placements: ReadonlyMap<VswitchName, Placement>;
  readonly tags: TagTable;
  readonly labels: LabelTable;
  readonly portConfigs: PortConfigs;
  readonly encodings: Encodings;
  readonly avoiding: Avoiding;
}

export const nothingRemembered: Remembered = {
  ids: new Map(),
  freedIds: [],
  placements: new Map(),
  tags: emptyTags,
  labels: emptyLabels,
  portConfigs: new Map(),
  encodings: new Map(),
  avoiding: avoidingNothing,
};

/** Why a configuration that reads well still cannot be carried out. */
export interface Infeasible {
  readonly why: string;
  /** The tagged ways that cannot be: without the cables that need them it would be feasible. */
  readonly lacking?: readonly Lacking[];
}

/** A cable's tagged way that cannot be. */
export interface Lacking {
  readonly vport: VirtualEnd;
  readonly why: string;
}

/** `cuts` and `held` are left out. */
export function compile(
  config: Config,
  remembered: Remembered,
  cuts: Cuts = new Map(),
  held: Held = new Map(),
): Snapshot | Infeasible {
  const vswitches = buildVswitches(config, remembered, cuts);
  if (isInfeasible(vswitches)) return vswitches;
  const known = new Set(config.datapaths.map((d) => d.name));
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
    placements.set(name, kept === undefined ? placedOn(vswitch, on) : settled(vswitch, kept));
  }
  const draft: Snapshot = {
    config,
    datapaths: new Map(config.datapaths.map((d) => [d.name, d])),
    vswitches,
    tenants: Map.groupBy(vswitches.values(), ({ tenant }) => tenant),
    placements: PersistentMap.from(placements),
    ...routesOf(config, remembered.avoiding),
    outside: PersistentMap.empty(),
    wires: PersistentMap.empty(),
    places: noPlaces,
    tags: remembered.tags,
    labels: remembered.labels,
    portConfigs: remembered.portConfigs,
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
  return withAllWays(draft);
}

/** The snapshot with one vswitch placed otherwise, and the numbers of ways that this needs. */
export function withPlacement(
  snapshot: Snapshot,
  name: VswitchName,
  placement: Placement,
): Snapshot | Infeasible {
  const before = snapshot.placements.get(name);
  const all = PersistentMap.from(snapshot.placements);
  const placements = all.with(name, withSides(placement, before));
  return withWaysOf(snapshot, { ...snapshot, placements }, [name]);
}

/** The snapshot whose ways are led around other datapaths, and the numbers that this needs. */
export function withAvoiding(snapshot: Snapshot, avoiding: Avoiding): Snapshot | Infeasible {
  return withAllWays({ ...snapshot, ...routesOf(snapshot.config, avoiding) });
}

function routesOf({ links }: Config, avoiding: Avoiding) {
  const { now, spare } = avoiding;
  return {
    avoiding,
    routes: new Routes(links, now),
    spareRoutes: spare && new Routes(links, spare),
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
  const encodings = new Map(snapshot.encodings).set(datapath, encoding);
  return withWaysAt(snapshot, { ...snapshot, encodings }, datapath);
}

/** What a datapath has that speaks this version, and of which the file says this, or nothing. */
export function encodingFor(inFile: EncodingName | undefined, speaks: Version): Encoding {
  if (speaks === version.of10) return 'flat of 1.0';
  return inFile === 'flat' ? 'flat of 1.3' : 'pipeline';
}

export function isFlat({ encodings }: Snapshot, datapath: DatapathName): boolean {
  return (encodings.get(datapath) ?? 'pipeline') !== 'pipeline';
}

/** A placement with one body. */
export function placedOn(vswitch: Vswitch, on: DatapathName): Placement {
  return {
    bodies: [on],
    primary: on,
    homes: new Map([...vswitch.ports.keys()].map((p) => [p, on])),
  };
}

export function isInfeasible<T extends object>(value: T | Infeasible): value is Infeasible {
  return 'why' in value;
}

/** A datapath's vswitches, in the order of the configuration. */
export function bodiesOn(snapshot: Snapshot, datapath: DatapathName): readonly Vswitch[] {
  return inOrder(snapshot, bodyNamesOn(snapshot, datapath));
}

/** The placement of a vswitch of this snapshot; every one has one. */
export function placementOf(snapshot: Pick<Snapshot, 'placements'>, name: VswitchName): Placement {
  const placement = snapshot.placements.get(name);
  if (placement === undefined) throw new Error(`no placement for ${name}: not in this snapshot`);
  return placement;
}

/** A remembered placement, with homes for exactly the vports that the file has now. */
function settled(vswitch: Vswitch, earlier: Placement): Placement {
  const homes = new Map(
    [...vswitch.ports.keys()].map((p) => [p, earlier.homes.get(p) ?? earlier.primary]),
  );
  return { ...earlier, homes };
}
