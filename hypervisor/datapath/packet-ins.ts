/**
 * Packet-ins that are no vswitch's, decoded once for all that may have sent the packet: markers,
 * canaries, probes. Packets of nobody may arrive in a flood, from a host, or before a datapath is
 * ready.
 */
import { decode } from '../../openflow/messages/codec.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Datapath } from './datapath.ts';

export type PacketIn = Extract<Message, { type: 'packetIn' }>;

/** Undefined of one that cannot be read. */
export function packetInOf(
  { version }: Datapath,
  dv: DataView,
  at: number,
  length: number,
): PacketIn | undefined {
  const message = decode(version, dv, at, length);
  return isError(message) || message.type !== 'packetIn' ? undefined : message;
}
