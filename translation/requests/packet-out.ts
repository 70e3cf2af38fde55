/**
 * A tenant's packet-out, in the form for the body that does the work (single-body.ts).
 *
 * The actions are encoded as a rule's are, behind one that says where the packet is: so OFPP_TABLE,
 * FLOOD and IN_PORT mean on a vswitch what they mean on a switch. LLDP between vswitches does not
 * touch a wire: lldp.ts.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { parsePacket } from '../../openflow/packet/packet.ts';
import { NO_BUFFER, port as ofpp } from '../../openflow/values/constants.ts';
import type { FieldName } from '../../openflow/values/fields.ts';
import type { Action, Message, OfError } from '../../openflow/values/values.ts';
import type { Vport } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { setVport } from '../entries/pipeline.ts';
import { port16, refuseIngress } from '../entries/reserved.ts';
import { encodeAction } from '../pipeline/encoding.ts';
import { consistencyOf } from './consistency.ts';
import { refuseActions } from './flow-mod.ts';

export type PacketOut = Extract<Message, { type: 'packetOut' }>;

/** Whether its buffer is there, the connection knows (slices/buffers.ts). */
export function refusePacketOut(out: PacketOut): OfError | undefined {
  return refuseIngress(out.inPort) ?? refuseActions(out.actions, 'packetOut');
}

/** What the packet has not that the actions need: when it is known (buffer-use.ts). */
export function refuseForPacket({ actions, data }: PacketOut): OfError | undefined {
  if (actions.every(({ type }) => type === 'output')) return undefined;
  const found = Object.entries(parsePacket(data)) as [FieldName, Uint8Array][];
  const match = matchOf(...found.map(([name, value]) => oxm(name, value)));
  const { wrong, unpromised } = consistencyOf(match, [{ type: 'applyActions', actions }]);
  return wrong ?? unpromised;
}

/** A packet-out at a body, of a packet that entered by `inPort`. */
export function packetOutAt(
  vswitch: Vswitch,
  inPort: number,
  actions: readonly Action[],
  data: Uint8Array,
): PacketOut {
  const meant = enters(vswitch, inPort) ? actions : actions.filter((one) => !isNormal(one));
  return {
    type: 'packetOut',
    xid: 0,
    bufferId: NO_BUFFER,
    inPort: ofpp.controller,
    actions: [setVport(vswitch.id, port16(inPort)), ...meant.flatMap((one) => encodeAction(one))],
    data,
  };
}

/** Whether NORMAL sends it on: Open vSwitch's drops what comes by a port that is not there. */
function enters({ ports }: Vswitch, inPort: number): boolean {
  return inPort > limits.vportMax || ports.has(inPort as Vport);
}

function isNormal(action: Action): boolean {
  return action.type === 'output' && action.port === ofpp.normal;
}
