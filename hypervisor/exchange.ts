/**
 * Replaces the serving configuration by another: vswitches and datapaths that left are released,
 * new ones are added. The contents of datapaths follow (migrate/applying.ts).
 */
import type { DatapathConfig } from '../slices/config/config.ts';
import { isSameValue } from '../slices/equality.ts';
import type { DatapathName, VswitchName } from '../slices/ids.ts';
import type { Snapshot, Vswitch } from '../slices/network/snapshot.ts';
import type { TenantState } from '../translation/changes/tenant-state.ts';
import type { ConvergingContext } from './datapath/contributors.ts';
import { Datapath, type DatapathUser } from './datapath/datapath.ts';
import { makeIntent } from './datapath/intent-steps.ts';
import type { Journal } from './store/journal.ts';
import type { DatapathEvents } from './tenant/datapath-events.ts';
import type { Tenants } from './tenant/tenant.ts';
import type { VswitchRuntime } from './tenant/vswitch.ts';
import type { Boundary } from './world/fault-boundary.ts';
import type { World } from './world/world.ts';

/** The parts of a hypervisor, by name. */
export interface Parts {
  readonly datapaths: Map<DatapathName, Datapath>;
  readonly runtimes: Map<VswitchName, VswitchRuntime>;
  readonly below: DatapathEvents;
  /** Under which configuration datapaths connected, from an exchange on until it is certain. */
  readonly outdated: Map<DatapathName, DatapathConfig>;
  /** Whose callbacks run for whom each part says. */
  readonly world: World;
}

/** What takes the place of what serves, and who is not in it any more. */
export interface Exchanged {
  readonly snapshot: Snapshot;
  readonly gone: readonly Vswitch[];
}

/** What those that come have, and had in the store. */
export type TenantStates = ReadonlyMap<VswitchName, TenantState>;

/** Who has them. */
interface ExchangeContext extends ConvergingContext, DatapathUser {
  readonly boundary: Boundary;
  readonly journal: Pick<Journal, 'leave'>;
  readonly tenants: Tenants;
}

/** Before the snapshot is the next one, in which these are not. */
export function letGo(
  { journal, tenants }: ExchangeContext,
  { runtimes, below }: Parts,
  gone: readonly Vswitch[],
  next: Snapshot,
): void {
  for (const { name, id, tenant } of gone) {
    runtimes.get(name)?.leave();
    runtimes.delete(name);
    below.leave(id);
    journal.leave(name);
    tenants.of(tenant).account.remove(name);
    if (!next.tenants.has(tenant)) tenants.release(tenant);
  }
  tenants.accounts.follow(next.config);
}

/** Adds the datapaths of the snapshot that serves. */
export function addDatapaths(
  context: ExchangeContext,
  { datapaths, outdated, world }: Parts,
): void {
  for (const one of context.snapshot().datapaths.values()) {
    const known = datapaths.get(one.name);
    if (known !== undefined) {
      if (!outdated.has(one.name)) outdated.set(one.name, known.config);
      known.config = one;
    } else {
      const made = new Datapath(world, one, context, context.boundary);
      datapaths.set(one.name, made);
      makeIntent(context, made);
    }
  }
}

/** Who it is, how it is spoken to and how rules stand there is settled when it connects. */
function isConnectedAlike(one: DatapathConfig, other: DatapathConfig): boolean {
  const keys = ['dpid', 'certificate', 'encoding'] as const;
  return keys.every((key) => isSameValue(one[key], other[key]));
}

/** Datapaths that are in the configuration no more go, and those that are others connect anew. */
export function dismiss({ datapaths, outdated }: Parts, snapshot: Snapshot, why: string): void {
  for (const [name, one] of datapaths) {
    const was = outdated.get(name);
    if (!snapshot.datapaths.has(name)) {
      one.channel?.close(why);
      datapaths.delete(name);
    } else if (was !== undefined && !isConnectedAlike(was, one.config)) {
      one.channel?.close('its entry in the file has changed');
    }
  }
  outdated.clear();
}
