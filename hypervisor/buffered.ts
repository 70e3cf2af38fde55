/**
 * Requests that name a buffer: the packet that was kept under that id for this connection takes
 * part in them (slices/buffers.ts).
 */
import { flowCommand, NO_BUFFER, port as ofpp } from '../openflow/constants.ts';
import { isError } from '../openflow/errors.ts';
import type { FlowMod, OfError } from '../openflow/values.ts';
import type { GroupBook } from '../slices/groups.ts';
import { type PacketOut, refuseForPacket } from '../translation/packet-out.ts';
import type { Changes } from './changes.ts';
import type { Controller } from './controller.ts';
import type { Origin } from './refusals.ts';

/**
 * The packet-out with the groups and the packet that it names; an error when one is not there, or
 * what `refuse` says of the whole: then the buffer is as it was.
 */
export function packetOf(
  groups: GroupBook,
  out: PacketOut,
  { buffers }: Controller,
  nowMs: number,
  refuse: (whole: PacketOut) => OfError | undefined,
): PacketOut | OfError {
  const { bufferId } = out;
  const isKept = bufferId !== NO_BUFFER;
  const gone = isKept ? buffers.refuse(bufferId, nowMs) : undefined;
  if (gone !== undefined) return gone;
  const data = isKept ? buffers.look(bufferId).data : out.data;
  const whole = { ...out, data };
  const actions = refuseForPacket(whole) ?? groups.bindActions(out.actions);
  if (isError(actions)) return actions;
  const sent = { ...whole, actions, bufferId: NO_BUFFER };
  const error = refuse(sent);
  if (error !== undefined) return error;
  if (isKept) buffers.take(bufferId);
  return sent;
}

/**
 * "Effectively equivalent to sending a two-message sequence of a flow mod and a packet-out
 * forwarding to the OFPP_TABLE logical port" (OF1.3.5 section 7.3.4.1). A flow-mod that is refused
 * leaves the buffer as it is; a deletion's means nothing.
 */
export function changeRules(
  changes: Changes,
  nowMs: number,
  mod: FlowMod,
  { buffers }: Controller,
  origin: Origin,
  send: (out: PacketOut) => void,
): void {
  const hasPacket = mod.bufferId !== NO_BUFFER && mod.command < flowCommand.delete;
  const wrong = hasPacket ? buffers.refuse(mod.bufferId, nowMs) : undefined;
  if (wrong !== undefined) {
    origin.refuse(wrong);
    return;
  }
  changes.flowMod(mod, origin, () => {
    // It may have gone meanwhile, with its time or its connection.
    if (!hasPacket || buffers.refuse(mod.bufferId, nowMs) !== undefined) return;
    const { inPort, data } = buffers.take(mod.bufferId);
    const actions = [{ type: 'output', port: ofpp.table, maxLen: 0 } as const];
    send({ type: 'packetOut', xid: mod.xid, bufferId: NO_BUFFER, inPort, actions, data });
  });
}
