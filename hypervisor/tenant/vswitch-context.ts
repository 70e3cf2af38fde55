/**
 * The hypervisor as a vswitch sees it: the interfaces that its parts declare, together.
 */
import type { VswitchName } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { Controller } from '../controller/controller.ts';
import type { InForce } from '../datapath/in-force.ts';
import type { ChangesContext } from './changes-user.ts';
import type { DrainingContext } from './drain.ts';
import type { ExcludedBodiesContext } from './excluded-bodies.ts';
import type { FlowModsContext } from './flow-mods-user.ts';
import type { PacketOutsContext } from './packet-outs.ts';
import type { PortCountersContext } from './port-counters.ts';
import type { PortsContext } from './ports.ts';
import type { SingleBodyContext } from './single-body.ts';
import type { Tenants } from './tenant.ts';
import type { VswitchRuntime } from './vswitch.ts';

export interface VswitchContext
  extends Omit<PacketOutsContext, 'runtime'>,
    Omit<PortsContext, 'runtime'>,
    Omit<PortCountersContext, 'runtime'>,
    ExcludedBodiesContext,
    ChangesContext,
    DrainingContext,
    FlowModsContext,
    SingleBodyContext {
  readonly inForce: Pick<InForce, 'isOnlyCached' | 'prove'>;
  readonly tenants: Tenants;
  runtime(name: VswitchName): VswitchRuntime | undefined;
  /** Why a vswitch serves nobody, whatever its datapaths do; undefined when it may. */
  whyHeld(name: VswitchName): string | undefined;
  /** One that is dialled came, or went. */
  onController(vswitch: Vswitch, controller: Controller): void;
}
