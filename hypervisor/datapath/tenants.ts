/**
 * Vswitches that datapaths carry, in the form in which a datapath is compared with what it should
 * hold (reconcile.ts, audit.ts): their rules, groups and meters, and whether a vswitch is closed.
 */
import type { Match } from '../../openflow/values/values.ts';
import type { GroupTable } from '../../slices/groups-meters/groups.ts';
import type { MeterTable } from '../../slices/groups-meters/meters.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { bodiesOn, type Placement, type Vswitch } from '../../slices/network/snapshot.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { chunks } from '../../slices/steps.ts';
import type { Owner } from '../../translation/datapath/contribution.ts';
import type { Body } from '../../translation/entries/body.ts';
import type { Boundary, Party } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { ConvergingContext } from './contributors.ts';
import type { StartOrder } from './start-order.ts';

/** A vswitch with bodies; what it has there stays as it is while it is closed. */
export interface HostedVswitch extends Party, Tables {
  readonly vswitch: Vswitch;
  readonly placement: Placement;
  /** Bodies that are not to hold its rules, and those that are being emptied. */
  readonly excluded: { has(body: DatapathName): boolean; isLeaving(body: DatapathName): boolean };
  /** Which rules each body is to hold. */
  readonly bodyRules: {
    has(body: DatapathName, match: Match): boolean;
    lackedOn(body: DatapathName, rulebook: Rulebook): number;
  };
  livesOn(datapath: DatapathName): boolean;
  bodyOn(datapath: DatapathName): Body;
}

interface Tables {
  readonly rulebook: Rulebook;
  readonly groups: {
    readonly table: GroupTable;
    readonly owner: Extract<Owner, { type: 'groups' }>;
    /** Another when what datapaths are to have of them may be. */
    readonly revision: number;
  };
  readonly meters: {
    readonly table: MeterTable;
    readonly owner: Extract<Owner, { type: 'meters' }>;
  };
}

/** All of them. */
export interface Tenants {
  runtime(name: VswitchName): HostedVswitch | undefined;
  /** By the number in cookies. */
  runtimeById(id: number): HostedVswitch | undefined;
  runtimes(): readonly HostedVswitch[];
}

/** Where a datapath is compared with what it should hold, for whomever it concerns, in turns. */
export interface ComparingContext extends ConvergingContext, Tenants {
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
  readonly startOrder: Pick<StartOrder, 'reached' | 'isPast'>;
  /** The migration of a vswitch that is under way. */
  readonly executor: { activeOf(vswitch: VswitchName): unknown };
}

/** Those with a body on a datapath. */
export function carriedOn(
  context: Pick<ComparingContext, 'snapshot' | 'runtime'>,
  on: DatapathName,
): readonly HostedVswitch[] {
  return bodiesOn(context.snapshot(), on).flatMap(({ name }) => context.runtime(name) ?? []);
}

/** Of these, those whose rules, groups and meters the datapath is to have. */
export function openOn(
  context: Pick<ComparingContext, 'snapshot' | 'runtime'>,
  on: DatapathName,
): readonly HostedVswitch[] {
  return carriedOn(context, on).filter((one) => !one.isClosed && !one.excluded.has(on));
}

/** As many as one step looks at. */
export function inParts<T>(all: Iterable<T>): Generator<readonly T[]> {
  return chunks(all, limits.slotsPerStep);
}
