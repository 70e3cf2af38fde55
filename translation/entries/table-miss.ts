/**
 * The entry for packets that miss every rule, for tenants with a controller of OpenFlow 1.0.
 *
 * pipeline.ts leaves priority 0 of the first table for it; who hears of it is
 * hypervisor/tenant/packet-ins.ts's affair.
 */
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { PhysicalFlow } from './physical-tables.ts';
import { cookieOf, inVswitch, tables } from './pipeline.ts';
import { puntOf } from './punt.ts';

/**
 * What misses every rule of the first table goes up, as on a switch that has a controller of
 * OpenFlow 1.0 (OF1.0.1 section 3.4; Open vSwitch sends it to no other).
 */
export function missFlow(vswitch: Vswitch): PhysicalFlow {
  return {
    tableId: tables.tenant,
    priority: 0,
    match: [inVswitch(vswitch.id)],
    instructions: [{ type: 'applyActions', actions: [puntOf(vswitch)] }],
    cookie: cookieOf('miss', vswitch.id, 0),
  };
}
