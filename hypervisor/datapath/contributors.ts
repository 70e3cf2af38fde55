/**
 * The interface through which converge (converge.ts) and its callers see vswitches: who wants
 * which entries of a datapath.
 */

import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { Owner, OwnerKey } from '../../translation/datapath/contribution.ts';
import type { FlatDatapath } from '../../translation/flat/datapath.ts';
import type { World } from '../world/world.ts';
import type { Datapath } from './datapath.ts';
import type { Datapaths } from './datapaths.ts';

/** Whoever has datapaths led to what they should hold. */
export interface DatapathContext extends Datapaths {
  readonly world: World;
  snapshot(): Snapshot;
}

/** Of which it is known who wants what of them. */
export interface ConvergingContext extends DatapathContext {
  readonly contributors: Contributors;
  datapaths(): readonly Datapath[];
}

/** Who wants something of a datapath (translation/datapath/contribution.ts). */
export interface Contributors {
  /** Of every datapath, whoever lives there. */
  readonly common: readonly Owner[];
  /** Whose wiring may be another since this was asked last: placements or ways are. */
  collectTouched(): ReadonlySet<VswitchName>;
  /** Of one vswitch: its wiring; and what overrides its rules, if it lives there and is open. */
  of(vswitch: Vswitch, on: DatapathName): readonly Owner[];
  /** The tables of groups and meters of those that live there and are open. */
  tables(on: DatapathName): readonly Owner[];
  /** What of those that are closed stays there as it is. */
  left(on: DatapathName): ReadonlySet<OwnerKey>;
  /** A flat datapath's bodies as they should be now, with their rules and what overrides them. */
  flat(on: DatapathName): FlatDatapath;
}
