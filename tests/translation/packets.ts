/**
 * Packet-ins as a datapath sends them, and what a tenant's controller reads of ours.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { isError, version } from '../../openflow/values/constants.ts';
import type { Match, Message } from '../../openflow/values/values.ts';
import type { VswitchId } from '../../slices/ids.ts';
import { cookieOf, metadataOf } from '../../translation/entries/pipeline.ts';
import { viewOf } from '../openflow/hex.ts';

export type PacketIn = Extract<Message, { type: 'packetIn' }>;

export const packetBytes = Uint8Array.from({ length: 60 }, (_, i) => i);

/** From rule 9 of vswitch 3, entered by vport 2. */
export function packetIn(parts: Partial<PacketIn> = {}): Uint8Array {
  return encode(version.of13, {
    type: 'packetIn',
    xid: 0,
    bufferId: 0xffffffff,
    totalLen: packetBytes.length,
    reason: 1,
    tableId: 2,
    cookie: cookieOf('rule', 3, 9),
    match: entered(3, 2),
    data: packetBytes,
    ...parts,
  });
}

export function entered(id: number, vport: number): Match {
  return matchOf(oxm('in_port', 4), oxm('metadata', metadataOf(id as VswitchId, vport)));
}

export function messageOf(frame: Uint8Array): Message {
  const message = decode(version.of13, viewOf(frame), 0, frame.length);
  if (isError(message)) throw new Error(message.why);
  return message;
}
