/**
 * Reports about a running hypervisor, as plain values that JSON can carry.
 *
 * The command line prints these for people (report-text.ts), or as they are with `--json`.
 */

import { versionName } from '../../openflow/messages/negotiation.ts';
import type { LeftReport } from '../../slices/config/departures.ts';
import { controllerText } from '../../slices/config/target.ts';
import type { StoreSync } from '../../slices/config/values.ts';
import { type DatapathName, dpidText } from '../../slices/ids.ts';
import { heldIn } from '../../slices/network/drained-datapaths.ts';
import { isFlat, type Snapshot } from '../../slices/network/snapshot.ts';
import { carriedBy, type Through } from '../../slices/network/transit.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import type { HostMove } from '../../translation/migration/host-move.ts';
import type { MemberMigration } from '../../translation/migration/member-states.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import type { Controller } from '../controller/controller.ts';
import type { RefusedKind, RefusedRequests } from '../controller/refused-requests.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { StoreIdentity } from '../datapath/identity.ts';
import type { Acknowledging, InForce } from '../datapath/in-force.ts';
import type { StaleFlowHealing } from '../datapath/stale-flow-healing.ts';
import {
  type Count,
  type Counts,
  carriedFor,
  countOf,
  notCounted,
} from '../datapath/way-counters.ts';
import type { Departures } from '../store/departures.ts';
import type { WithVswitch } from '../tenant/configured.ts';
import type { LinksContext } from '../tenant/links.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { World } from '../world/world.ts';
import { type BigSwitchReport, bigSwitchReport } from './big-switch-report.ts';
import { type HostReport, hostReports } from './host-report.ts';
import {
  type LinkReport,
  type LinksReported,
  linkReports,
  type RefusedReport,
  refusedReports,
  type SuspicionReport,
  suspicionReports,
  type UnknownReport,
  unknownReports,
} from './link-report.ts';
import type { WayReport } from './physical-ways.ts';
import { type PortReport, type PortsReported, portReports } from './port-report.ts';
import type { Remaps } from './remaps.ts';

export interface StatusReport {
  /** Whole seconds. */
  readonly uptimeSec: number;
  readonly store: {
    /** Sixteen hex digits, and how far it is. */
    readonly id: string;
    readonly generation: number;
    readonly sync: StoreSync;
    readonly waits?: string;
  };
  readonly datapaths: readonly {
    readonly name: string;
    readonly dpid: string;
    readonly state: string;
    readonly why: string;
    readonly ack: string;
    /** What it speaks, as people write it: 1.3. Undefined while it is away. */
    readonly version: string | undefined;
    /** How tenants' rules stand there: in several tables, or in one. */
    readonly encoding: 'pipeline' | 'flat';
    readonly bodies: readonly string[];
    /** Hosts that are plugged in, and ways between others that lead through it. */
    readonly hosts: readonly string[];
    readonly through: readonly CarriedWay[];
    /** What all ways of a tenant have carried through it, where that is known. */
    readonly carried: readonly (Count & { readonly tenant: string })[];
    /** Ways are led around it (`limevisor drain`). */
    readonly isDrained: boolean;
    /** Nothing is placed there (`limevisor drain --and-hold`). */
    readonly isHeld: boolean;
    /** What somebody has to see to. */
    readonly warnings: readonly string[];
    /** What it says that it is: `Open vSwitch 3.1.0`. */
    readonly software: string;
    /** That its cached flows have to be healed, if they have. */
    readonly forgets: string;
  }[];
  /** The file's links. */
  readonly links: readonly LinkReport[];
  /** Datapaths and links that carry nothing, and were switched off (`on-idle:`). */
  readonly off?: readonly string[];
  /** What looks like a probe of ours and is none, and where it came in. */
  readonly suspicions: readonly SuspicionReport[];
  /** Connections of switches that were refused lately, and why. */
  readonly refused: readonly RefusedReport[];
  /** Where hosts are plugged in, and whether they can be reached. */
  readonly hosts: readonly HostReport[];
  /** Switches that connect and are not in the file. */
  readonly unknown: readonly UnknownReport[];
  readonly vswitches: readonly {
    readonly name: string;
    readonly dpid: string;
    readonly on: readonly string[];
    /** How its members share the work, when there are several for good. */
    readonly bigSwitch?: BigSwitchReport;
    readonly rules: number;
    readonly down: string | undefined;
    readonly ports: readonly PortReport[];
    readonly controllers: readonly {
      readonly target: string;
      readonly state: string;
      readonly why: string;
      /** Of OpenFlow, as people write it: 1.3. */
      readonly version: string;
      readonly role: 'equal' | 'master' | 'slave';
      readonly droppedPacketIns: number;
    }[];
    /** What its controllers asked for and were refused since the start, by kind. */
    readonly refusedRequests: readonly RefusedKind[];
  }[];
  /** Tenants that are at a limit of the file's, and at which; those of `top` are all numbers. */
  readonly atLimits: readonly { readonly tenant: string; readonly what: readonly string[] }[];
  readonly migrations: readonly Migration[];
  /** Several that are one, with the numbers of those that they are made of. */
  readonly ensembles: readonly Ensemble[];
  readonly hostMoves: readonly HostMove[];
  /** Members of big switches that moved, with numbers among those of migrations. */
  readonly memberMoves?: readonly MemberMigration[];
  /** Vswitches that the store keeps and the file does not have, or has others in place of. */
  readonly left: readonly LeftReport[];
  /** How often since the start, by kind: a full disk, messages that belonged to nobody. */
  readonly alarms: Readonly<Record<string, number>>;
  /** What was given up after a fault of ours that was nobody's in particular, and why. */
  readonly givenUp: Readonly<Record<string, string>>;
}

/** What it has carried is of all that send there; absent when it is not known. */
export type CarriedWay = Omit<Through, 'key' | 'carriage'> & Partial<Count>;

export interface FlowsReport {
  readonly vswitch: string;
  readonly ports: readonly PortReport[];
  readonly flows: readonly string[];
  /** With `--physical`: their numbers; what its ports lead to below, and from there back. */
  readonly serials?: readonly number[];
  readonly ways?: readonly WayReport[];
  /** With `--physical`: of each datapath on these, as ovs-ofctl says it, or why not. */
  readonly physical: readonly {
    readonly datapath: string;
    readonly why: string;
    readonly flows: readonly string[];
    /** What each of the flows is for; the number of the rule that it is of, null of others. */
    readonly purposes?: readonly string[];
    readonly rules?: readonly (number | null)[];
    readonly groups: readonly string[];
  }[];
}

/** Datapaths, and what leads through them. */
interface DatapathsReported extends LinksContext {
  readonly heals: Pick<StaleFlowHealing, 'natureOf'>;
  readonly inForce: Pick<InForce, 'of'>;
  datapaths(): readonly Datapath[];
  snapshot(): Snapshot;
}

interface VswitchReported extends WithVswitch, PortsReported {
  readonly rulebook: Pick<Rulebook, 'size'>;
  readonly controllers: readonly Controller[];
  readonly excluded: { has(body: DatapathName): boolean };
  readonly tenant: { readonly refusedRequests: Pick<RefusedRequests, 'of'> };
  whyDown(): string | undefined;
}

/** The store, whose it is and what is left there. */
interface StoreReported {
  readonly identity: Pick<StoreIdentity, 'id' | 'generation'>;
  readonly storeWaits: string | undefined;
  readonly departures: Pick<Departures, 'all'>;
}

export interface StatusSources extends DatapathsReported, LinksReported, StoreReported {
  readonly world: World;
  readonly startedMs: number;
  readonly executor: {
    all(): readonly Migration[];
    readonly ensembles: { readonly all: ReadonlyMap<number, Ensemble> };
  };
  readonly hostMoves: { all(): readonly HostMove[] };
  readonly applying: { readonly memberMoves: { all(): readonly MemberMigration[] } };
  readonly tenants: { all(): readonly Pick<Tenant, 'name' | 'atLimits'>[] };
  readonly remaps: Remaps;
  readonly alarms: ReadonlyMap<string, number>;
  readonly boundary: Pick<Boundary, 'givenUp'>;
  runtimes(): readonly VswitchReported[];
}

/** Without what the datapaths were asked for (way-counters.ts) that is not known. */
export function statusReport(context: StatusSources, counts: Counts = notCounted): StatusReport {
  const { world, startedMs, identity, storeWaits } = context;
  const runtimes = context.runtimes();
  const vswitches = runtimes.map((one) => vswitchReport(context, one));
  return {
    uptimeSec: Math.floor((world.nowMs() - startedMs) / 1000),
    store: {
      ...{ id: identity.id, generation: identity.generation },
      sync: context.snapshot().config.storeSync,
      ...(storeWaits !== undefined && { waits: storeWaits }),
    },
    datapaths: datapathReports(context, counts),
    links: linkReports(context),
    off: context.remaps.idle.off,
    vswitches,
    hosts: runtimes.flatMap(({ vswitch }, i) => hostReports(vswitch, vswitches[i]?.ports ?? [])),
    suspicions: suspicionReports(context),
    unknown: unknownReports(context, context.snapshot()),
    refused: refusedReports(context),
    atLimits: context.tenants.all().flatMap((one) => {
      const what = one.atLimits(world.nowMs());
      return what.length === 0 ? [] : [{ tenant: one.name, what }];
    }),
    migrations: context.executor.all(),
    ensembles: [...context.executor.ensembles.all.values()],
    hostMoves: context.hostMoves.all(),
    memberMoves: context.applying.memberMoves.all(),
    left: context.departures.all(),
    alarms: Object.fromEntries(context.alarms),
    givenUp: Object.fromEntries(context.boundary.givenUp),
  };
}

function datapathReports(context: DatapathsReported, counts: Counts): StatusReport['datapaths'] {
  const snapshot = context.snapshot();
  const carried = carriedBy(snapshot);
  const bodies = (name: string): readonly string[] =>
    [...snapshot.placements].flatMap(([vswitch, placement]) =>
      placement.bodies.some((body) => body === name) ? [vswitch as string] : [],
    );
  return context.datapaths().map((datapath) => ({
    name: datapath.name,
    dpid: dpidText(datapath.config.dpid),
    state: datapath.state.type,
    why: 'why' in datapath.state ? datapath.state.why : '',
    ack: ackText(context.inForce.of(datapath)),
    version: datapath.channel && versionName(datapath.version),
    encoding: isFlat(snapshot, datapath.name) ? 'flat' : 'pipeline',
    bodies: bodies(datapath.name),
    hosts: carried.get(datapath.name)?.hosts ?? [],
    ...throughOf(snapshot, datapath.name, carried.get(datapath.name)?.through ?? [], counts),
    isDrained: snapshot.avoiding.goal.has(datapath.name),
    isHeld: heldIn(snapshot.avoiding).has(datapath.name),
    warnings: [...datapath.warnings.values()],
    ...context.heals.natureOf(datapath.name),
  }));
}

function vswitchReport(
  context: DatapathsReported,
  runtime: VswitchReported,
): StatusReport['vswitches'][number] {
  const down = runtime.whyDown();
  return {
    name: runtime.vswitch.name,
    dpid: dpidText(runtime.vswitch.dpid),
    on: runtime.placement.bodies,
    ...bigSwitchReport(context, runtime),
    rules: runtime.rulebook.size,
    down,
    ports: portReports(context, runtime),
    controllers: runtime.controllers.map((one) => ({
      target: controllerText(one),
      state: one.state.type,
      why: whyNotUp(one, down),
      version: versionName(one.version),
      role: roleNames[one.connectionState.role] ?? 'equal',
      droppedPacketIns: one.droppedPacketIns,
    })),
    refusedRequests: runtime.tenant.refusedRequests.of(runtime.vswitch.name),
  };
}

/** Why a controller is away, or is not dialled: it must not see a switch that is not there. */
function whyNotUp({ state, kind }: Controller, down: string | undefined): string {
  if (state.type === 'waiting') return state.why;
  return state.type === 'idle' && kind === 'dialled' ? (down ?? '') : '';
}

function throughOf(
  snapshot: Snapshot,
  on: DatapathName,
  all: readonly Through[],
  counts: Counts,
): Pick<StatusReport['datapaths'][number], 'through' | 'carried'> {
  const through = all.map((one) => {
    const { tenant, what, from, to } = one;
    return { tenant, what, from, to, ...countOf(snapshot, counts, on, one) };
  });
  return { through, carried: carriedFor(snapshot, counts, on, all) };
}

/** By OFPCR_ROLE_*. */
const roleNames = ['equal', 'equal', 'master', 'slave'] as const;

function ackText({ level, why }: Acknowledging): string {
  return why === '' ? level : `${level}: ${why}`;
}
