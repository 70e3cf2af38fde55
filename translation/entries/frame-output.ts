/**
 * Frames of ours (markers, probes, canaries), as packet-outs for datapaths.
 */
import { NO_BUFFER, port as ofpp } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';

/** A packet-out that sends one out of a port. */
export function frameOut(
  data: Uint8Array,
  port: number,
  inPort: number = ofpp.controller,
): Message {
  const actions = [{ type: 'output', port, maxLen: 0 }] as const;
  return { type: 'packetOut', xid: 0, bufferId: NO_BUFFER, inPort, actions, data };
}
