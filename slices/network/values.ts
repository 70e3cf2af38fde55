/**
 * The contents of a snapshot (snapshot.ts) as values: vswitches, placements, ways; and how they are
 * read.
 *
 * Here are the types that the files of this room have in common, so that none imports another for
 * its sake; snapshot.ts and wires.ts export theirs too.
 */
import type { Version } from '../../openflow/values/constants.ts';
import type { Queues } from '../config/queues.ts';
import type { Redial } from '../config/redial.ts';
import type { Target } from '../config/target.ts';
import type {
  Config,
  Consistency,
  DatapathConfig,
  PhysicalEnd,
  PortIdentity,
  VirtualEnd,
  VlanRange,
} from '../config/values.ts';
import type { DatapathName, Dpid, Port, Vport, VswitchId, VswitchName } from '../ids.ts';
import type { Avoiding } from './drained-datapaths.ts';
import type { Failures } from './failures.ts';
import type { PersistentMap } from './persistent-map.ts';
import type { PortConfigs } from './port-configs.ts';
import type { PortMeters } from './port-meters.ts';
import type { PuntMeter } from './punt-meters.ts';
import type { Hop, Routes, Wish } from './routes.ts';
import type { HopTags, LabelTable, TaggedWays } from './tags.ts';

/** What a vport leads to. */
export type Attachment =
  | {
      readonly type: 'host';
      readonly host: string;
      readonly at: PhysicalEnd;
      /** While it moves: the place where it will be, which takes and gives its frames, too. */
      readonly also?: PhysicalEnd;
      /** `at` is the second of two places (host-attachments.ts). */
      readonly isSecond?: true;
      /** The tag that its frames have there; without one the port is its alone. */
      readonly vlan: number | undefined;
      /** Its frames keep their tags there, and have others than these nowhere. */
      readonly vlans: VlanRange | undefined;
      readonly queues: Queues;
      /** Of its ways' paths. */
      readonly wish: Wish;
      readonly bandwidth?: PortMeters;
    }
  | {
      readonly type: 'link';
      readonly peer: VirtualEnd;
      /** Which end of a virtual cable this is, counted for each tenant. */
      readonly place: number;
      /** Of the path of frames that come by it. */
      readonly wish: Wish;
      readonly bandwidth?: PortMeters;
    };

export interface Vswitch {
  readonly name: VswitchName;
  /** Its place in the configuration. */
  readonly index: number;
  readonly tenant: string;
  readonly id: VswitchId;
  readonly dpid: Dpid;
  /** The datapaths that a big switch is made of (members.ts); none, if it is no big switch. */
  readonly members: readonly DatapathName[];
  /** What a big switch promises. */
  readonly consistency: Consistency;
  /** Members that hold a part of its rules (partial-members.ts); absent: none. */
  readonly partial?: readonly DatapathName[];
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
  readonly portIdentities: ReadonlyMap<Vport, PortIdentity>;
  /** Vports of the file that have nothing behind them now, and why: none of them is in `ports`. */
  readonly cut: ReadonlyMap<Vport, string>;
  /** By which datapaths hold its tenant to a limit of packet-ins; absent: there is none. */
  readonly puntMeter?: PuntMeter;
  /** Of a copy: whose it is; of that one, the copy (slices/config/mirrors.ts). */
  readonly copyOf?: VswitchName;
  readonly copiedTo?: VswitchName;
}

/**
 * Where a vswitch lives (DESIGN 5). `homes` says for each vport which body processes what enters
 * there; every body can, and does while frames sent to an earlier home are still on their way.
 */
export interface Placement {
  /** None while the vswitch is held (translation/migration/start.ts). */
  readonly bodies: readonly DatapathName[];
  /** The body that processes every packet; others lead theirs there (single-body.ts). */
  readonly primary: DatapathName;
  readonly homes: ReadonlyMap<Vport, DatapathName>;
  /**
   * A body is of the other side than the one beside which it was made, so that a vport's home never
   * becomes one of the same side (translation/entries/cache-eviction.ts). Those of the second;
   * absent where there are none.
   */
  readonly secondSide?: ReadonlySet<DatapathName>;
}

/** The vswitches at the other ends of a vswitch's links; itself, where a link leads back. */
export function peersOf({ ports }: Pick<Vswitch, 'ports'>): readonly VswitchName[] {
  return [...ports.values()].flatMap((one) => (one.type === 'link' ? one.peer.device : []));
}

/** Whose wiring may follow from it: those at the other ends of links, its copy, its original. */
export function concernedBy(vswitch: Vswitch): readonly VswitchName[] {
  const { copyOf, copiedTo } = vswitch;
  return [...peersOf(vswitch), ...(copyOf ? [copyOf] : []), ...(copiedTo ? [copiedTo] : [])];
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
  /** What has failed of the network below, as far as datapaths say. */
  readonly failures: Failures;
  /** Those with ways that end at them and are on a detour. */
  readonly detoured: PersistentMap<VswitchName, true>;
  /** The ways that end at each vswitch. */
  readonly wires: PersistentMap<VswitchName, readonly Wire[]>;
  readonly places: Places;
  /** Numbers of ways that cross a flat datapath, and their tags on each hop. */
  readonly taggedWays: TaggedWays;
  readonly hopTags: HopTags;
  readonly labels: LabelTable;
  readonly portConfigs: PortConfigs;
  /** By host that moves: where to. It has both places until it is there. */
  readonly moving: Moving;
  /** Those with a controller of OpenFlow 1.0 now: what misses every rule goes up to it. */
  readonly missesUp: ReadonlyMap<VswitchName, true>;
  readonly encodings: Encodings;
  /** Vswitches that live nowhere now, and why. */
  readonly held: Unplaced;
}

export type Moving = ReadonlyMap<string, PhysicalEnd>;

/** Vports that a start has to leave out, and why: cables without a way. */
export type Cuts = ReadonlyMap<VswitchName, ReadonlyMap<Vport, string>>;
/** Vswitches that a start has to leave out, and why. */
export type Unplaced = ReadonlyMap<VswitchName, string>;

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
  readonly taggedWays: TaggedWays;
  /** Undefined in a store of before, where a way's number was its tag on every hop. */
  readonly hopTags: HopTags | undefined;
  readonly labels: LabelTable;
  readonly portConfigs: PortConfigs;
  readonly encodings: Encodings;
  readonly avoiding: Avoiding;
  readonly failures: Failures;
  /** By host, the port that is used of those that it is plugged in at (slices/placement/). */
  readonly plugs?: ReadonlyMap<string, string>;
  /** By host that was moved, what the file said of its place then, and where it is. */
  readonly plugged?: Plugged;
  /** Those that had two places when the last process ended. */
  readonly moving?: Moving;
  readonly movedMembers?: MovedMembers;
  /** What datapaths have said that they have room for. */
  readonly told?: Config['told'];
}

/** By big switch of which a member was moved: the file's members then, and those it has. */
export type MovedMembers = ReadonlyMap<
  VswitchName,
  {
    readonly said: readonly DatapathName[];
    readonly on: readonly DatapathName[];
    /** Of one that the file has on one datapath: it is eventual, and these hold a part. */
    readonly partial?: readonly DatapathName[];
  }
>;

export type Plugged = ReadonlyMap<string, { readonly said: string; readonly at: PhysicalEnd }>;

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

/**
 * Virtual links on datapaths, as `crossingKey` of crossings.ts names them, whose frames go outside,
 * and which vswitches each is between.
 */
export type Outside = ReadonlyMap<string, readonly [VswitchName, VswitchName]>;

/** What happens to a frame at the end of its way. */
export type WireEnd =
  /** It enters the vswitch by this vport and is processed; `isLed`: another body led it here. */
  | {
      readonly type: 'enter';
      readonly vswitch: Vswitch;
      readonly vport: Vport;
      readonly isLed: boolean;
    }
  /** It was processed; it leaves by this physical port (DESIGN 5). */
  | {
      readonly type: 'deliver';
      readonly port: Port;
      /** The other of two places there. */
      readonly also?: Port;
      readonly vlan: number | undefined;
      readonly queues: Queues;
    };

/** What names a way on a frame; a flat datapath knows nothing but VLAN tags. */
export type Carriage = 'label' | 'tag';

/**
 * Whether a way is used; shares the load of the one that is used; is made beside those, which are
 * others (drained-datapaths.ts); or is what a datapath next to a failure switches to by itself.
 */
export type WireRole = 'used' | 'shared' | 'spare' | 'backup';

/**
 * A way: who sends over which path, and what it means where it ends. What it is called says all of
 * it, so another path is another way, and no number ever changes its meaning.
 */
export interface Wire {
  readonly key: string;
  /** The part of the key that says where it ends, and what that means: several may lead there. */
  readonly goal: string;
  /** In words, for messages to people. */
  readonly what: string;
  /** The vport whose cable it is. */
  readonly of: VirtualEnd;
  readonly to: DatapathName;
  readonly end: WireEnd;
  readonly from: DatapathName;
  /** Undefined when the links offer no way. */
  readonly hops: readonly Hop[] | undefined;
  readonly carriage: Carriage;
  readonly role: WireRole;
  /** Led around what has failed, or without what would be beside it otherwise (routes.ts). */
  readonly isDetour: boolean;
}

/** Vswitches, by port and by datapath (places.ts). */
export type Names = PersistentMap<VswitchName, true>;
export type AtPorts = PersistentMap<number, Names>;
export type Places = PersistentMap<DatapathName, AtPorts>;

export function isFlat({ encodings }: Snapshot, datapath: DatapathName): boolean {
  return (encodings.get(datapath) ?? 'pipeline') !== 'pipeline';
}

/** The placement of a vswitch of this snapshot; every one has one. */
export function placementOf(snapshot: Pick<Snapshot, 'placements'>, name: VswitchName): Placement {
  const placement = snapshot.placements.get(name);
  if (placement === undefined) throw new Error(`no placement for ${name}: not in this snapshot`);
  return placement;
}

export function isInfeasible<T extends object>(value: T | Infeasible): value is Infeasible {
  return 'why' in value;
}
