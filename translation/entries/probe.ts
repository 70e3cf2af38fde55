/**
 * The test whether a datapath keeps frames from our tables (Open vSwitch's in-band control).
 *
 * A bridge whose controller or manager is not `out-of-band` has entries that no controller sees or
 * can remove (in-band.c of Open vSwitch; ovs-appctl bridge/dump-flows shows them): ARP of the
 * bridge's own address and of its controller's, and TCP to and from the controller, go to NORMAL,
 * past every tenant's rules and into every other tenant's network.
 *
 * So two frames are put into the first table as if they had entered by LOCAL, where nobody is
 * plugged in: an ARP request from the bridge's own address, and one that no such entry knows. One
 * entry of ours sends both up. When the second comes and the first has not, it was taken. NORMAL
 * drops it, and learns nothing from it: its destination is one that a bridge never passes on
 * (IEEE 802.1D, table 7-10).
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { frameOut } from './frame-output.ts';
import type { PhysicalFlow } from './physical-tables.ts';
import { cookieOf } from './pipeline.ts';

const DESTINATION = [0x01, 0x80, 0xc2, 0x00, 0x00, 0x0f] as const;
const ARP = 0x0806;
/** For local experiments (IEEE 802): nothing knows it. */
const UNKNOWN = 0x88b5;
const FRAME_BYTES = 60;
/** Ethernet, IPv4, their sizes, a request (RFC 826). */
const ARP_HEAD = [0, 1, 0x08, 0, 6, 4, 0, 1] as const;
/** Behind the addresses of ARP: which probe it is. */
const NONCE_AT = 42;
const HIGHEST = 0xffff;

/** In the first table of every datapath, whatever its encoding. */
export const probeFlow: PhysicalFlow = {
  tableId: 0,
  priority: HIGHEST,
  match: matchOf(oxm('in_port', ofpp.local), oxm('eth_dst', '01:80:c2:00:00:0f')),
  instructions: [
    {
      type: 'applyActions',
      actions: [{ type: 'output', port: ofpp.controller, maxLen: 0xffff }],
    },
  ],
  cookie: cookieOf('wiring', 0, 0),
};

/** Packet-outs of the two frames, in their order. `nonce` has 32 bits, `mac` is the bridge's. */
export function probes(mac: Uint8Array, nonce: number): readonly Message[] {
  return [ARP, UNKNOWN].map((ethertype) => {
    return frameOut(frameOf(mac, ethertype, nonce), ofpp.table, ofpp.local);
  });
}

/** Which frame of the probe `nonce` came up; undefined for every other packet. */
export function probeIn(data: Uint8Array, nonce: number): 'arp' | 'other' | undefined {
  if (data.length < FRAME_BYTES || DESTINATION.some((byte, i) => data[i] !== byte)) {
    return undefined;
  }
  const dv = new DataView(data.buffer, data.byteOffset, data.length);
  if (dv.getUint32(NONCE_AT) !== nonce) return undefined;
  return dv.getUint16(12) === ARP ? 'arp' : 'other';
}

function frameOf(mac: Uint8Array, ethertype: number, nonce: number): Uint8Array {
  const frame = new Uint8Array(FRAME_BYTES);
  const dv = new DataView(frame.buffer);
  frame.set(DESTINATION, 0);
  frame.set(mac, 6);
  dv.setUint16(12, ethertype);
  frame.set(ARP_HEAD, 14);
  frame.set(mac, 22);
  dv.setUint32(NONCE_AT, nonce);
  return frame;
}
