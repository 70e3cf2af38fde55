/**
 * A frame crosses to a neighbour on the same datapath (slices/network/crossings.ts): Open vSwitch
 * recirculates it.
 *
 * A resubmit would go on in the same pass, and those may be 64 deep and 4,096 in all: after that
 * the whole pass is given up, with everything that it would have sent anywhere. A header that is
 * put on and taken off again makes Open vSwitch look at the frame anew, with metadata and registers
 * as they were, in a pass of its own. Nothing of the frame changes. On a bridge of 3.1 no cost was
 * measured (docs/DESIGN.md section 3).
 *
 * One pass may send thousands of copies, so six passes in a row could send more than any switch
 * ever ends. Therefore a meter for each vswitch counts what comes to it so: it lets pass what a
 * switch can carry, and of one turn its burst only. What is beyond that is dropped, and nothing
 * else: it is a clone.
 */

import { oxm } from '../../openflow/match/match.ts';
import { meterFlag, packetType } from '../../openflow/values/constants.ts';
import type { Action, Match } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import type { PhysicalFlow, PhysicalMeter } from '../entries/physical-tables.ts';
import { atVport, cookieOf, inVswitch, resubmit, tables } from '../entries/pipeline.ts';
import { noRegisters } from '../entries/tenant-registers.ts';
import { entranceOf } from './port-wiring.ts';

const priorities = { anew: 0, closed: 10 } as const;

/** Has Open vSwitch look at a frame as it now is. */
export const recirculate: readonly Action[] = [
  { type: 'encap', packetType: packetType.nsh, mdType: 2 },
  { type: 'decap', packetType: packetType.useNextProtocol },
];

const crossing: readonly Action[] = [
  resubmit(tables.crossing),
  // What it came with is off: from here on it counts as it is (egress.ts).
  { type: 'setField', oxm: oxm('reg2', 0) },
  ...noRegisters,
  ...recirculate,
];

export const recirculationFlow: PhysicalFlow = entry(0, priorities.anew, [], tables.guard);

/** Of vports that do not take everything: by the table that says what they take. */
export function recirculationFlows(snapshot: Snapshot, vswitch: Vswitch): readonly PhysicalFlow[] {
  return [...vswitch.ports].flatMap(([vport, { type }]) => {
    const entrance = entranceOf(snapshot, vswitch, vport);
    if (type !== 'link' || entrance === tables.guard) return [];
    return [entry(vswitch.id, priorities.closed, [atVport(vswitch.id, vport)], entrance)];
  });
}

/** Above those of tenants (slices/groups-meters/meters.ts). */
export const METERS_FROM = 0x1_0000;

/** Whether frames may come to the vswitch from a neighbour on this datapath. */
export function hasNeighbour(snapshot: Snapshot, vswitch: Vswitch, on: DatapathName): boolean {
  return [...vswitch.ports.values()].some((one) => {
    if (one.type !== 'link') return false;
    return snapshot.vswitches.has(one.peer.device)
      ? placementOf(snapshot, one.peer.device).bodies.includes(on)
      : false;
  });
}

/** What a vswitch takes of its neighbours on a datapath. */
export function crossingMeter({ id }: Vswitch): PhysicalMeter {
  const { crossingsPerSecMax: rate, crossingsBurstMax: burstSize } = limits;
  const flags = meterFlag.pktps | meterFlag.burst | meterFlag.stats;
  return { meterId: METERS_FROM + id, flags, bands: [{ type: 'drop', rate, burstSize }] };
}

export function crossingFlow({ id }: Vswitch): PhysicalFlow {
  const instructions = [{ type: 'meter', meterId: METERS_FROM + id }] as const;
  const cookie = cookieOf('wiring', id, 0);
  return { tableId: tables.crossing, priority: 0, match: [inVswitch(id)], instructions, cookie };
}

function entry(id: number, priority: number, match: Match, entrance: number): PhysicalFlow {
  const actions = [{ type: 'clone', actions: [...crossing, resubmit(entrance)] }] as const;
  const instructions = [{ type: 'applyActions', actions }] as const;
  const cookie = cookieOf('wiring', id, 0);
  return { tableId: tables.recirculation, priority, match, instructions, cookie };
}
