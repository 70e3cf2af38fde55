/**
 * The bandwidth of vports (slices/network/port-meters.ts), on a datapath: a meter for each
 * direction.
 *
 *   in   what a host sends: by its classifier entry, at the datapath where it is plugged in
 *   out  what leaves by a vport: where the vswitch's primary body is, behind the egress table's
 *        decision and before what leaves is counted
 *
 *   egress --> meters: the vport's meter --> metered: counted --> the vport's group
 *
 * A meter ends what it is met in, all of it, so each output goes there as a clone: beyond the
 * bandwidth of one port of a flood the others have their copy.
 */
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { meterFlag, nicira } from '../../openflow/values/constants.ts';
import type { Action, Instruction, Match, Oxm } from '../../openflow/values/values.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { isHostOn } from '../../slices/network/host-attachments.ts';
import type { PortMeter } from '../../slices/network/port-meters.ts';
import type { Attachment, Vswitch } from '../../slices/network/snapshot.ts';
import type { PhysicalFlow, PhysicalMeter } from '../entries/physical-tables.ts';
import {
  atVport,
  cookieOf,
  egressCode,
  forgetIngress,
  inVswitch,
  resubmit,
  tables,
} from '../entries/pipeline.ts';

const PRIORITY = 10;
const OUTPUT_TRUNC = 39;

/**
 * Sends nothing anywhere: its port is the ingress port, which was forgotten. Open vSwitch carries
 * a clone out in place, where a meter would end everything, unless it sees an action in it that
 * cannot be undone, as this one (ofproto-dpif-xlate.c, `reversible_actions`; NXAST_OUTPUT_TRUNC).
 */
const nowhere: Action = {
  type: 'experimenter',
  experimenter: nicira.experimenter,
  data: Uint8Array.of(0, OUTPUT_TRUNC, 0, 0, 0, 0, 0xff, 0xff),
};

/** What an output to a metered vport does in the egress table. */
export const toMeter: readonly Action[] = [
  { type: 'clone', actions: [forgetIngress, nowhere, resubmit(tables.meters)] },
];

/** Before anything else is done with what a host sends. */
export function meterIn({ bandwidth }: Attachment): readonly Instruction[] {
  return bandwidth?.in === undefined ? [] : [{ type: 'meter', meterId: bandwidth.in.id }];
}

/** The meters of a vswitch's vports on a datapath: `isBody` says whether it has a body there. */
export function portMeters(
  { ports }: Vswitch,
  datapath: DatapathName,
  isBody: boolean,
): readonly PhysicalMeter[] {
  return [...ports.values()].flatMap((attachment) => {
    const { bandwidth } = attachment;
    if (bandwidth === undefined) return [];
    const isHere = isHostOn(attachment, datapath);
    return [
      ...(isHere && bandwidth.in !== undefined ? [physical(bandwidth.in)] : []),
      ...(isBody ? [physical(bandwidth.out)] : []),
    ];
  });
}

/** A body's entries that send what leaves by each metered vport past its meter. */
export function meterFlows({ id, ports }: Vswitch): readonly PhysicalFlow[] {
  return [...ports].flatMap(([vport, { bandwidth }]) => {
    if (bandwidth === undefined) return [];
    const entry = (match: Match): PhysicalFlow => ({
      tableId: tables.meters,
      priority: PRIORITY,
      match,
      instructions: [
        { type: 'meter', meterId: bandwidth.out.id },
        { type: 'applyActions', actions: [resubmit(tables.metered)] },
      ],
      cookie: cookieOf('wiring', id, vport),
    });
    return [entry(leavesBy(id, vport)), entry(leavesBack(id, vport))];
  });
}

function leavesBy(id: Vswitch['id'], vport: Vport): readonly Oxm[] {
  return matchOf(inVswitch(id), oxm('reg0', vport));
}

function leavesBack(id: Vswitch['id'], vport: Vport): readonly Oxm[] {
  return matchOf(atVport(id, vport), oxm('reg0', egressCode.inPort));
}

function physical({ id, kbps, burstKbit }: PortMeter): PhysicalMeter {
  const flags = meterFlag.kbps | meterFlag.burst | meterFlag.stats;
  return { meterId: id, flags, bands: [{ type: 'drop', rate: kbps, burstSize: burstKbit }] };
}
