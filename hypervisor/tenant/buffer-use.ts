/**
 * Requests that name a buffer: they apply to the packet that was kept under that id for this
 * connection (slices/buffers.ts).
 */
import { flowCommand, NO_BUFFER, port as ofpp } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { FlowMod, OfError } from '../../openflow/values/values.ts';
import type { GroupTable } from '../../slices/groups-meters/groups.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import type { Origin } from '../../translation/controllers/verdict.ts';
import { type PacketOut, refuseForPacket } from '../../translation/requests/packet-out.ts';
import type { Controller } from '../controller/controller.ts';
import type { Changes } from './changes.ts';

/** Whose packet-outs they are. */
export interface PacketOwner {
  readonly rulebook: Rulebook;
  readonly groups: { readonly table: GroupTable };
  readonly packetOuts: { refusal(sent: PacketOut): OfError | undefined };
}

/**
 * The packet-out with the groups and the packet that it names; an error when one is not there, or
 * when the whole cannot be sent: then the buffer is as it was.
 */
export function packetOf(
  { rulebook, groups, packetOuts }: PacketOwner,
  out: PacketOut,
  { buffers }: Controller,
  nowMs: number,
): PacketOut | OfError {
  for (const one of out.actions) {
    if (one.type === 'output' && one.port === ofpp.table) rulebook.tables.put();
  }
  const { bufferId } = out;
  const isKept = bufferId !== NO_BUFFER;
  const gone = isKept ? buffers.refuse(bufferId, nowMs) : undefined;
  if (gone !== undefined) return gone;
  const claim = isKept ? buffers.claim(bufferId) : undefined;
  const whole = { ...out, data: claim?.packet.data ?? out.data };
  const sent = sentAs(groups.table, whole, (one) => packetOuts.refusal(one));
  if (isError(sent)) claim?.giveBack();
  else claim?.use();
  return sent;
}

function sentAs(
  groups: GroupTable,
  whole: PacketOut,
  refuse: (whole: PacketOut) => OfError | undefined,
): PacketOut | OfError {
  const actions = refuseForPacket(whole) ?? groups.bindActions(whole.actions);
  if (isError(actions)) return actions;
  const sent = { ...whole, actions, bufferId: NO_BUFFER };
  return refuse(sent) ?? sent;
}

/**
 * "Effectively equivalent to sending a two-message sequence of a flow mod and a packet-out
 * forwarding to the OFPP_TABLE logical port" (OF1.3.5 section 7.3.4.1). A flow-mod that is refused
 * leaves the buffer as it is; a deletion's means nothing. It may be decided later than it came,
 * when the buffer's time is over or its connection is gone: its packet is sent all the same.
 */
export function changeRules(
  changes: Changes,
  nowMs: number,
  mod: FlowMod,
  { buffers }: Controller,
  origin: Origin,
  send: (out: PacketOut) => void,
): void {
  if (mod.bufferId === NO_BUFFER || mod.command >= flowCommand.delete) {
    changes.flowMod(mod, origin, () => undefined);
    return;
  }
  const wrong = buffers.refuse(mod.bufferId, nowMs);
  if (wrong !== undefined) {
    origin.refuse(wrong);
    return;
  }
  const claim = buffers.claim(mod.bufferId);
  const told: Origin = {
    asker: origin.asker,
    refuse(error) {
      claim.giveBack();
      origin.refuse(error);
    },
  };
  changes.flowMod(mod, told, () => {
    claim.use();
    const { inPort, data } = claim.packet;
    const actions = [{ type: 'output', port: ofpp.table, maxLen: 0 } as const];
    send({ type: 'packetOut', xid: mod.xid, bufferId: NO_BUFFER, inPort, actions, data });
  });
}
