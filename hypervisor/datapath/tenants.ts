/**
 * Vswitches that datapaths carry, as datapaths see them that are compared with what they should
 * hold (reconcile.ts, audit.ts): which rules, groups and meters are whose, and who is closed.
 */
import type { GroupBook } from '../../slices/groups-meters/groups.ts';
import type { MeterBook } from '../../slices/groups-meters/meters.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Placement, Vswitch } from '../../slices/network/snapshot.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import type { Body } from '../../translation/body.ts';
import type { Boundary, Party } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { ConvergingContext } from './contributors.ts';

/** A vswitch with bodies; what it has there stays as it is while it is closed. */
export interface Carried extends Party, Tables {
  readonly vswitch: Vswitch;
  readonly placement: Placement;
  /** Bodies that are not to hold its rules. */
  readonly excluded: { has(body: DatapathName): boolean };
  livesOn(datapath: DatapathName): boolean;
  bodyOn(datapath: DatapathName): Body;
}

interface Tables {
  readonly rulebook: Rulebook;
  readonly groups: { readonly book: GroupBook };
  readonly meters: { readonly book: MeterBook };
}

/** All of them. */
export interface Tenants {
  runtime(name: VswitchName): Carried | undefined;
  /** By the number in cookies. */
  runtimeById(id: number): Carried | undefined;
  runtimes(): readonly Carried[];
}

/** Where a datapath is compared with what it should hold, for whomever it concerns, in turns. */
export interface ComparingContext extends ConvergingContext, Tenants {
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
}
