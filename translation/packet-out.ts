/**
 * A tenant's packet-out: which body sends it, and what it says there.
 *
 * The actions are encoded as a rule's are, behind one that says where the packet is: so OFPP_TABLE,
 * FLOOD and IN_PORT mean on a vswitch what they mean on a switch. LLDP between vswitches does not
 * touch a wire: lldp.ts.
 */
import { NO_BUFFER, ofError, port as ofpp } from '../openflow/constants.ts';
import type { Action, Message, OfError } from '../openflow/values.ts';
import type { DatapathName, Vport } from '../slices/ids.ts';
import { placementOf, type Snapshot, type Vswitch } from '../slices/snapshot.ts';
import { encodeAction } from './encoding.ts';
import { refuseActions } from './flow-mod.ts';
import { setVport } from './pipeline.ts';
import { port16, refuseIngress } from './reserved.ts';

export type PacketOut = Extract<Message, { type: 'packetOut' }>;

/** A packet-out for one datapath. */
export interface Sending {
  readonly body: DatapathName;
  readonly message: PacketOut;
}

export function refusePacketOut(out: PacketOut): OfError | undefined {
  if (out.bufferId !== NO_BUFFER) {
    const why = `buffer 0x${out.bufferId.toString(16)} is not one that you were given`;
    return ofError('badRequest', 'bufferUnknown', why);
  }
  return refuseIngress(out.inPort) ?? refuseActions(out.actions, 'packetOut');
}

/** What goes down for a packet-out that `refusePacketOut` found fine. */
export function encodePacketOut(snapshot: Snapshot, vswitch: Vswitch, out: PacketOut): Sending {
  const { homes, primary } = placementOf(snapshot, vswitch.name);
  const body = homes.get(out.inPort as Vport) ?? primary;
  return { body, message: packetOutAt(vswitch, out.inPort, out.actions, out.data) };
}

/** A packet-out at a body, of a packet that entered by `inPort` and has the tenant's `metadata`. */
export function packetOutAt(
  vswitch: Vswitch,
  inPort: number,
  actions: readonly Action[],
  data: Uint8Array,
  metadata = 0,
): PacketOut {
  return {
    type: 'packetOut',
    xid: 0,
    bufferId: NO_BUFFER,
    inPort: ofpp.controller,
    actions: [setVport(vswitch.id, port16(inPort), metadata), ...actions.flatMap(encodeAction)],
    data,
  };
}
