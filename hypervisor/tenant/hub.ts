/**
 * The hypervisor as a vswitch sees it: what its parts need, each of which says so by itself.
 */
import type { VswitchName } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { Controller } from '../controller/controller.ts';
import type { DrainingHub } from './bodies.ts';
import type { ChangesHub } from './changes-user.ts';
import type { ExcludedBodiesHub } from './excluded-bodies.ts';
import type { FlowModsHub } from './flow-mods.ts';
import type { PacketOutsHub } from './packet-outs.ts';
import type { PortCountersHub } from './port-counters.ts';
import type { PortsHub } from './ports.ts';
import type { SingleBodyHub } from './single-body.ts';
import type { VswitchRuntime } from './vswitch.ts';

export interface Hub
  extends Omit<PacketOutsHub, 'runtime'>,
    Omit<PortsHub, 'runtime'>,
    Omit<PortCountersHub, 'runtime'>,
    ExcludedBodiesHub,
    ChangesHub,
    DrainingHub,
    FlowModsHub,
    SingleBodyHub {
  runtime(name: VswitchName): VswitchRuntime | undefined;
  /** Why a vswitch serves nobody, whatever its datapaths do; undefined when it may. */
  whyHeld(name: VswitchName): string | undefined;
  /** One that is dialled came, or went. */
  onController(vswitch: Vswitch, controller: Controller): void;
}
