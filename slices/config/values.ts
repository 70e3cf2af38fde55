/**
 * The contents of a configuration file as values. config.ts reads them, and exports them too.
 */

import type { Version } from '../../openflow/values/constants.ts';
import type { DatapathName, Dpid, End, Port, Vport, VswitchName } from '../ids.ts';
import type { Drivers } from './drivers.ts';
import type { Queues } from './queues.ts';
import type { Quota } from './quotas.ts';
import type { Redial } from './redial.ts';
import type { DayTime, EvacuateOn, OnIdle, Optimize } from './remaps.ts';
import type { Amounts, Kbps } from './reservations.ts';
import type { Target } from './target.ts';
import type { TenantLimits } from './tenant-limits.ts';
import type { WantedCertificate } from './tls.ts';

export type { DayTime } from './remaps.ts';

/**
 * When a change on a datapath counts as done (docs/DESIGN.md, "Acknowledgements"): at the barrier
 * reply; when frames of ours show that every cached flow has been revalidated since; `settleMs`
 * after the reply; or when the Open vSwitch at this unixctl socket says so. Where the file says
 * nothing it is by such frames if there is a link, and else by a settle time.
 */
export type AckLevel =
  | { readonly type: 'automatic' }
  | { readonly type: 'barrier' }
  | { readonly type: 'canary' }
  | { readonly type: 'settle'; readonly settleMs: number }
  | { readonly type: 'proof'; readonly unixctl: string };

/**
 * How rules stand on a datapath (DESIGN 2): with several tables, metadata and groups, or in one
 * table, as the paper has it.
 */
export type EncodingName = 'pipeline' | 'flat';

export interface DatapathConfig {
  readonly name: DatapathName;
  readonly dpid: Dpid;
  readonly ack: AckLevel;
  /** The certificate that it must show, when the file says one. */
  readonly certificate?: WantedCertificate;
  /** When the file says one; else it follows from the version that the datapath speaks. */
  readonly encoding?: EncodingName;
  /** What vswitches may reserve there; all that is not named, without a limit. */
  readonly capacity?: Amounts;
  /** Where its Open vSwitch is told of ports, as ovs-vsctl's `--db` has it. */
  readonly ovsdb?: string;
}

/**
 * What a big switch promises (network/members.ts): `strict`: one member processes every packet;
 * `eventual`: each member processes what enters there, and has a change of rules when it has it.
 */
export type Consistency = 'strict' | 'eventual';

export interface VswitchConfig {
  readonly name: VswitchName;
  readonly tenant: string;
  readonly dpid: Dpid;
  /**
   * Where it lives when it is first seen; afterwards the store knows better. `nowhere` until a
   * place is chosen for one that the file does not place (slices/placement/).
   */
  readonly on: DatapathName;
  /** Whether its place is chosen for it, where the store knows none. */
  readonly place?: 'auto';
  /** What it sets aside where it lives. */
  readonly reserve?: Amounts;
  /** Of a big switch: the datapaths that it is made of, two or more; `on` is the first of them. */
  readonly members?: readonly DatapathName[];
  /** Of a big switch; absent: strict. */
  readonly consistency?: Consistency;
  /** Of an eventual one: members that hold a part of its rules (network/partial-members.ts). */
  readonly partial?: readonly DatapathName[];
  /** How many members it has, which are chosen for it (slices/placement/bodies.ts). */
  readonly bodies?: number;
  /** Of these, those that the file names. */
  readonly named?: readonly DatapathName[];
  readonly controllers: readonly Target[];
  /** What they are offered. */
  readonly versions: readonly Version[];
  /** Packets that are kept for each of its controllers; 0: packets go up whole. */
  readonly buffers: number;
  readonly redial: Redial;
  /** Where its controllers may connect by themselves. */
  readonly listen: readonly Target[];
  /** Names and MACs that the file chooses. */
  readonly portIdentities: PortIdentities;
  /** Nothing of the file: it has what that one has, and copies of its frames enter (mirrors.ts). */
  readonly copyOf?: VswitchName;
}

export type PhysicalEnd = End<DatapathName, Port>;
export type VirtualEnd = End<VswitchName, Vport>;

/** VLAN ids, both ends included, 1 to 4094. */
export interface VlanRange {
  readonly first: number;
  readonly last: number;
}

export interface HostConfig {
  readonly name: string;
  readonly port: VirtualEnd;
  readonly at: PhysicalEnd;
  /** Its frames have this tag there, 1 to 4094; without one the whole port is its alone. */
  readonly vlan?: number;
  /** Its frames keep their tags there, which are of this range: a trunk. */
  readonly vlans?: VlanRange;
  /** Where it is plugged in, when that is several: `at` is the one that is used. */
  readonly offers?: readonly PhysicalEnd[];
  /** What is set aside on the cables between it and its vswitch. */
  readonly bandwidth?: Kbps;
  /** Of that port, those that the tenant may use. */
  readonly queues: Queues;
}

/** A port where hosts of owners' networks may be plugged in, or one VLAN of it. */
export interface Offer {
  readonly at: PhysicalEnd;
  readonly vlan?: number;
}

export interface Failover {
  /** Paths that are there beside each in use, for a datapath next to a failure to switch to. */
  readonly backups: number;
  /** How long a datapath may be away before nothing is led through it any more. */
  readonly awayMs: number;
  /** How long a cable that came back is used only where there is no other way; or for ever. */
  readonly revertMs: number | 'never';
  /** How long a body's datapath may be away before another takes its place, where we choose. */
  readonly replaceMs: number | 'never';
}

/** By which datapaths a virtual link leads, in that order, and through which never. */
export interface PathWish {
  readonly via: readonly DatapathName[];
  readonly avoid: readonly DatapathName[];
  /** Flows are spread over all of the equal paths; absent: all of them take one. */
  readonly spread?: 'select';
}

export type TunnelType = 'vxlan' | 'geneve' | 'gre';

/** A tunnel of Open vSwitch that is laid for a link. */
export interface Tunnel {
  readonly type: TunnelType;
  /** Absent: without one, which on the wire is 0. */
  readonly key?: number;
  /** By `endText` of the link's ends: where its datapath sends from, and is sent to. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** Of cables that cost something else than 1, by `pairText` of their ends. */
export type Costs = ReadonlyMap<string, number>;
/** Of virtual links that wish something, in the direction in which the file has them. */
export type PathWishes = ReadonlyMap<string, PathWish>;

/**
 * The cables, as `pairText` names them, of paths that were chosen because others lack bandwidth: by
 * `pairText` of a virtual link, or by a host's name.
 */
export type LedOver = ReadonlyMap<string, readonly string[]>;

/** Datapaths that have a name together. */
export type Zones = ReadonlyMap<string, readonly DatapathName[]>;

/** How a place is chosen: among all that suit, or among those with the fewest of other tenants. */
export type Choice = 'uniform' | 'least-shared' | 'least-shared-so-far';

/** Who moves hosts without a person. */
export const hostDrivers = ['exec', 'netns', 'qemu'] as const;
export type HostDriver = (typeof hostDrivers)[number];

/** What moves by itself, and when and where to (schedules.ts). */
export interface Schedule {
  readonly name: string;
  /** Vswitches, and tenants. */
  readonly moves: readonly string[];
  /** From a move to the next: so long, and by chance up to so much longer. */
  readonly everyMs: number;
  readonly jitterMs: number;
  /** Where to; none: anywhere. */
  readonly among: readonly DatapathName[];
  readonly choice: Choice;
  /** Tenants that do not live there. */
  readonly awayFrom: readonly string[];
  /** How many of its last places it does not go to. */
  readonly notLast: number;
  /** When nothing moves. */
  readonly quiet?: DayTime;
  /** Moves of vswitches in an hour. */
  readonly perHourMax?: number;
  /** Nothing moves while a cable carries more than this share of its bandwidth. */
  readonly pauseAbove?: number;
  /** Who moves the hosts of its vswitches along; absent: they stay. */
  readonly hosts?: HostDriver;
  /** Whether loss is measured by probes as it moves. */
  readonly probe?: true;
}

/**
 * What a barrier waits for: `always`: the disk; `background`: the system has what came before it,
 * and the disk a moment later (limits.syncDelayMs).
 */
export type StoreSync = 'always' | 'background';

/** When it is measured what passes. */
export type Measuring = 'when-asked' | 'always';

export interface Config {
  readonly listen: readonly Target[];
  readonly control: string;
  /** Where the API is served besides. */
  readonly api: readonly Target[];
  readonly store: string;
  readonly storeSync: StoreSync;
  readonly datapaths: readonly DatapathConfig[];
  readonly links: readonly (readonly [PhysicalEnd, PhysicalEnd])[];
  readonly linkCosts: Costs;
  /** How long frames may be there, of cables of which the file says it, by `pairText`; in bytes. */
  readonly linkMtus: ReadonlyMap<string, number>;
  /** Of links that are tunnels to be laid, by `pairText` of their ends. */
  readonly tunnels: ReadonlyMap<string, Tunnel>;
  readonly failover: Failover;
  readonly drivers: Drivers;
  readonly zones: Zones;
  /** How many migrations that are over are remembered. */
  readonly migrationsKept: number;
  readonly measuring: Measuring;
  readonly schedules: readonly Schedule[];
  readonly onIdle?: OnIdle;
  readonly evacuateOn?: EvacuateOn;
  readonly optimize?: Optimize;
  /** Of tenants: the higher, the sooner they leave a datapath that fails; 0 of those not here. */
  readonly importance: ReadonlyMap<string, number>;
  readonly vswitches: readonly VswitchConfig[];
  readonly hosts: readonly HostConfig[];
  readonly vlinks: readonly (readonly [VirtualEnd, VirtualEnd])[];
  readonly pathWishes: PathWishes;
  /** Nothing of the file: where a path was chosen for its bandwidth (slices/placement/). */
  readonly ledOver: LedOver;
  /** Nor this: what datapaths say that they have room for, which counts where it says nothing. */
  readonly told: ReadonlyMap<DatapathName, Amounts>;
  /** By tenant; those without limits are not there. */
  readonly tenantLimits: ReadonlyMap<string, TenantLimits>;
  /** What cables carry, and what is set aside for virtual ones, by `pairText` of their ends. */
  readonly linkBandwidths: ReadonlyMap<string, Kbps>;
  readonly vlinkBandwidths: ReadonlyMap<string, Kbps>;
  /** What owners may take, and how much of everything (quotas.ts); by their names. */
  readonly offers: ReadonlyMap<string, Offer>;
  readonly quotas: ReadonlyMap<string, Quota>;
}

/** What a tenant sees of a vport besides its number. */
export interface PortIdentity {
  /** 15 bytes of ASCII at most (OFP_MAX_PORT_NAME_LEN, OF1.3.5 section 7.2.1). */
  readonly name: string;
  /** Six bytes. */
  readonly hwAddr: Uint8Array;
}

export type PortIdentities = ReadonlyMap<Vport, Partial<PortIdentity>>;

/** A link and its place in the file. */
export interface ReadLink<E> {
  readonly ends: readonly [E, E];
  readonly bandwidth?: Kbps;
  readonly cost?: number | undefined;
  readonly mtu?: number | undefined;
  readonly wish?: PathWish | undefined;
  readonly tunnel?:
    | (Pick<Tunnel, 'type'> & {
        readonly key: number | undefined;
        readonly between: readonly [string, string];
      })
    | undefined;
  readonly path: string;
}
