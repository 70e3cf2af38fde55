/**
 * Markers: frames of ours that follow tenants' frames over a cable, to know that those have passed.
 *
 * A cable and the queue at its end keep the order of what is sent into them, whatever tag it has.
 * So when a frame that one datapath was told to send comes up at the next, all that was sent there
 * before has been taken by its tables. Between datapaths every frame of a tenant has our tag; a
 * marker has none, so no other entry knows it, and no host can send one: it would have to enter by
 * a port of a cable.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { port as ofpp, vlan } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Port } from '../../slices/ids.ts';
import { frameOut } from './frame-output.ts';
import type { PhysicalFlow } from './physical-tables.ts';
import { cookieOf } from './pipeline.ts';

/** For local experiments (IEEE 802). */
const ETHERTYPE = 0x88b5;
/** Locally administered; nobody has it. */
const ADDRESS = [0x0a, 0x4c, 0x49, 0x4d, 0x45, 0x4d] as const;
const FRAME_BYTES = 60;
const HIGHEST = 0xffff;

/**
 * Sends markers that come in by a cable's port up to us, and not a tenant's frames of that type,
 * which have our tag there where a datapath is flat.
 */
export function markerFlow(port: Port): PhysicalFlow {
  return {
    tableId: 0,
    priority: HIGHEST,
    match: matchOf(oxm('in_port', port), oxm('eth_type', ETHERTYPE), oxm('vlan_vid', vlan.none)),
    instructions: [
      {
        type: 'applyActions',
        actions: [{ type: 'output', port: ofpp.controller, maxLen: 0xffff }],
      },
    ],
    cookie: cookieOf('marker', 0, port),
  };
}

/** A packet-out that sends a marker into a cable. `nonce` has 32 bits. */
export function markerOut(port: Port, nonce: number): Message {
  const data = new Uint8Array(FRAME_BYTES);
  const dv = new DataView(data.buffer);
  data.set(ADDRESS, 0);
  data.set(ADDRESS, 6);
  data.set([ETHERTYPE >> 8, ETHERTYPE & 0xff], 12);
  dv.setUint32(14, nonce);
  return frameOut(data, port);
}

/** The marker's nonce; undefined for every other packet. */
export function markerIn(data: Uint8Array): number | undefined {
  if (data.length < FRAME_BYTES || ADDRESS.some((byte, i) => data[i] !== byte)) return undefined;
  const dv = new DataView(data.buffer, data.byteOffset, data.length);
  return dv.getUint16(12) === ETHERTYPE ? dv.getUint32(14) : undefined;
}
