/**
 * Another configuration takes the place of the one that serves: who went is let go, who came is
 * there. What datapaths hold follows (migrate/applying.ts).
 */
import type { DatapathConfig } from '../slices/config/config.ts';
import { isSameValue } from '../slices/equality.ts';
import type { DatapathName, VswitchName } from '../slices/ids.ts';
import type { Snapshot } from '../slices/network/snapshot.ts';
import type { ConvergingContext } from './datapath/contributors.ts';
import { Datapath, type DatapathUser } from './datapath/datapath.ts';
import { makeIntent } from './datapath/rewiring.ts';
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
  /** Whose callbacks run for whom each part says. */
  readonly world: World;
}

/** Who has them. */
interface ExchangeContext extends ConvergingContext, DatapathUser {
  readonly boundary: Boundary;
  readonly journal: Pick<Journal, 'leave'>;
  readonly tenants: Tenants;
}

/** Before the snapshot is the next one. */
export function letGo(
  { journal, tenants }: ExchangeContext,
  { runtimes, below }: Parts,
  before: Snapshot,
  next: Snapshot,
): void {
  for (const { name, id, tenant } of before.vswitches.values()) {
    if (next.vswitches.has(name)) continue;
    runtimes.get(name)?.leave();
    runtimes.delete(name);
    below.leave(id);
    journal.leave(name);
    tenants.of(tenant).account.remove(name);
    if (!next.tenants.has(tenant)) tenants.release(tenant);
  }
  tenants.accounts.follow(next.config);
}

/** When it is. */
export function takeIn(context: ExchangeContext, { datapaths, world }: Parts): void {
  for (const one of context.snapshot().datapaths.values()) {
    const known = datapaths.get(one.name);
    if (known !== undefined) become(known, one);
    else {
      const made = new Datapath(world, one, context, context.boundary);
      datapaths.set(one.name, made);
      makeIntent(context, made);
    }
  }
}

/** Who it is, how it is spoken to and how rules stand there is settled when it connects. */
function become(datapath: Datapath, config: DatapathConfig): void {
  const was = datapath.config;
  datapath.config = config;
  const isSame = (['dpid', 'certificate', 'encoding'] as const).every((key) =>
    isSameValue(was[key], config[key]),
  );
  if (!isSame) datapath.channel?.close('the file says something else of it now');
}

/** Of datapaths that are in the configuration no more. */
export function dismiss({ datapaths }: Parts, snapshot: Snapshot, why: string): void {
  for (const [name, one] of datapaths) {
    if (snapshot.datapaths.has(name)) continue;
    one.channel?.close(why);
    datapaths.delete(name);
  }
}
