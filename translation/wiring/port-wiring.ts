/**
 * A tenant's PORT_MOD on datapaths (OF1.3.5 section 7.2.1): entries of our own tables, never a
 * change of a datapath's port.
 *
 *   PORT_DOWN, NO_RECV   what enters goes by the table `ports` and is dropped there, but for
 *                        spanning tree frames, which have bits of their own in OpenFlow 1.0
 *   PORT_DOWN, NO_FWD    what would leave is dropped in the egress table
 *   NO_FLOOD             the vport is not on the list of FLOOD
 *   NO_PACKET_IN         hypervisor/tenant/packet-ins.ts
 *
 * These entries are beside those that count what leaves, so counters stand still meanwhile.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { portConfig } from '../../openflow/values/constants.ts';
import type { Oxm } from '../../openflow/values/values.ts';
import type { Vport } from '../../slices/ids.ts';
import { portConfigOf } from '../../slices/network/port-configs.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { atVport, cookieOf, egressCode, inVswitch, resubmit, tables } from '../entries/pipeline.ts';

const DEAF = portConfig.portDown | portConfig.noRecv;
const MUTE = portConfig.portDown | portConfig.noFwd;
const CLOSED_PRIORITY = 30;
const priorities = { spanningTree: 20, receive: 10 } as const;

/** IEEE 802.1D: its address, in frames that have a length and no ethertype (OFP_DL_TYPE_...). */
export const spanningTree: readonly Oxm[] = [
  oxm('eth_dst', '01:80:c2:00:00:00'),
  oxm('eth_type', 0x05ff),
];

/** What is taken at a vport: spanning tree frames have bits of their own. */
export type Takes = 'all' | 'nothing' | 'spanningTree' | 'allElse';

export function takenAt(snapshot: Snapshot, vswitch: Vswitch, vport: Vport): Takes {
  const config = portConfigOf(snapshot.portConfigs, vswitch.name, vport);
  if ((config & portConfig.portDown) !== 0) return 'nothing';
  const isDeaf = (config & portConfig.noRecv) !== 0;
  if ((config & portConfig.noRecvStp) !== 0) return isDeaf ? 'nothing' : 'allElse';
  return isDeaf ? 'spanningTree' : 'all';
}

/** The table where a packet that enters by the vport goes first. */
export function entranceOf(snapshot: Snapshot, vswitch: Vswitch, vport: Vport): number {
  const config = portConfigOf(snapshot.portConfigs, vswitch.name, vport);
  return (config & (DEAF | portConfig.noRecvStp)) === 0 ? tables.guard : tables.ports;
}

/** Whether FLOOD goes there. */
export function isFlooded(snapshot: Snapshot, vswitch: Vswitch, vport: Vport): boolean {
  return (portConfigOf(snapshot.portConfigs, vswitch.name, vport) & portConfig.noFlood) === 0;
}

/** A body's entries for the vports whose configuration asks for any. */
export function portFlows(snapshot: Snapshot, vswitch: Vswitch): readonly PhysicalFlow[] {
  return [...vswitch.ports.keys()].flatMap((vport) => [
    ...entranceFlows(snapshot, vswitch, vport),
    ...(cannotTransmit(snapshot, vswitch, vport) ? closedFlows(vswitch, vport) : []),
  ]);
}

/** Nothing leaves by it: as configured, or because the other end of its cable is down. */
export function cannotTransmit(snapshot: Snapshot, vswitch: Vswitch, vport: Vport): boolean {
  if ((portConfigOf(snapshot.portConfigs, vswitch.name, vport) & MUTE) !== 0) return true;
  const attachment = vswitch.ports.get(vport);
  if (attachment?.type !== 'link') return false;
  const { device, port } = attachment.peer;
  return (portConfigOf(snapshot.portConfigs, device, port) & portConfig.portDown) !== 0;
}

function entranceFlows(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
): readonly PhysicalFlow[] {
  if (entranceOf(snapshot, vswitch, vport) === tables.guard) return [];
  const config = portConfigOf(snapshot.portConfigs, vswitch.name, vport);
  if ((config & portConfig.portDown) !== 0) return [];
  const entry = (isDropped: boolean, priority: number, more: readonly Oxm[]): PhysicalFlow => ({
    tableId: tables.ports,
    priority,
    match: matchOf(atVport(vswitch.id, vport), ...more),
    instructions: isDropped ? [] : [{ type: 'applyActions', actions: [resubmit(tables.guard)] }],
    cookie: cookieOf('wiring', vswitch.id, 0),
  });
  return [
    entry((config & portConfig.noRecvStp) !== 0, priorities.spanningTree, spanningTree),
    entry((config & portConfig.noRecv) !== 0, priorities.receive, []),
  ];
}

function closedFlows(vswitch: Vswitch, vport: Vport): readonly PhysicalFlow[] {
  const entry = (where: Oxm, code: number): PhysicalFlow => ({
    tableId: tables.egress,
    priority: CLOSED_PRIORITY,
    match: matchOf(where, oxm('reg0', code)),
    instructions: [],
    cookie: cookieOf('wiring', vswitch.id, 0),
  });
  return [
    entry(inVswitch(vswitch.id), vport),
    entry(atVport(vswitch.id, vport), egressCode.inPort),
  ];
}

/** Whether a packet-out may say that its packet entered there: as Open vSwitch, NO_RECV counts. */
export function receives(config: number, data: Uint8Array): boolean {
  const isSpanningTree =
    STP_ADDRESS.every((byte, i) => data[i] === byte) && (data[12] ?? 0) << 8 < 0x0600;
  return (config & (isSpanningTree ? portConfig.noRecvStp : portConfig.noRecv)) === 0;
}

const STP_ADDRESS = [0x01, 0x80, 0xc2, 0, 0, 0];
