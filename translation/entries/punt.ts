/**
 * The actions by which a vswitch's packets go up to its controllers: directly, or, where the file
 * limits its tenant's packet-ins, through a meter of the datapath (slices/network/punt-meters.ts).
 *
 * Open vSwitch measures before it leaves its fast path, so what is beyond the limit costs it a look
 * at a bucket, and us nothing. Only what goes up is measured: the meter stands in the action
 * (NXAST_CONTROLLER2), and what else is done with the packet is done all the same.
 */
import { meterFlag, port as ofpp } from '../../openflow/values/constants.ts';
import type { Action } from '../../openflow/values/values.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { PhysicalMeter } from './physical-tables.ts';

/** OFPCML_NO_BUFFER: whole packets always; buffers would belong to a datapath (cloning.md, 3). */
const WHOLE_PACKET = 0xffff;

const toController: Action = { type: 'output', port: ofpp.controller, maxLen: WHOLE_PACKET };

/** What an output to the controller becomes, of a rule of this vswitch. */
export function puntOf({ puntMeter }: Pick<Vswitch, 'puntMeter'>): Action {
  if (puntMeter === undefined) return toController;
  return { type: 'controller2', meterId: puntMeter.id };
}

/** The meter that this takes on a datapath with a body of the vswitch. */
export function puntMeters({ puntMeter }: Vswitch): readonly PhysicalMeter[] {
  if (puntMeter === undefined) return [];
  const { id, perSec, burst } = puntMeter;
  const flags = meterFlag.pktps | meterFlag.burst | meterFlag.stats;
  return [{ meterId: id, flags, bands: [{ type: 'drop', rate: perSec, burstSize: burst }] }];
}
