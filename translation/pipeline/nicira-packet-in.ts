/**
 * A tenant's packet-in in Nicira's format (NXT_PACKET_IN), for controllers of OpenFlow 1.0 that
 * asked for it: it has table, cookie and metadata, which 1.0's own does not (packet-in10.ts).
 */

import type { Writer } from '../../openflow/layout/writer.ts';
import { normalMatch, oxm } from '../../openflow/match/match.ts';
import { writeNiciraMatch } from '../../openflow/match/nicira-match.ts';
import { messages10 } from '../../openflow/messages/messages.ts';
import { niciraPacketIn as layout, niciraTold } from '../../openflow/messages/nicira-messages.ts';
import { NO_BUFFER, packetInReason, version } from '../../openflow/values/constants.ts';
import { portOf16 } from '../entries/reserved.ts';
import {
  endPacketIn,
  leftIn,
  NO_COOKIE,
  type PacketInCause,
  type PacketInOwner,
  type Shown,
} from './packet-in.ts';

/** Appends the packet-in that a datapath sent. */
export function writeNiciraPacketIn(
  out: Writer,
  dv: DataView,
  at: number,
  length: number,
  owner: PacketInOwner,
  cause: PacketInCause,
  shown: Shown,
): void {
  const { bufferId, bytesMax } = shown;
  const start = writeHead(out, { ...owner, ...cause, bufferId });
  out.putFrom(dv, at + owner.dataAt, Math.min(bytesMax, length - owner.dataAt, leftIn(out, start)));
  endPacketIn(out, start);
}

/** Appends a packet-in of a packet that no datapath sent up (lldp.ts). */
export function writeNiciraPacketInOf(
  out: Writer,
  packet: Omit<Head, 'bufferId' | 'totalLen'> & { readonly data: Uint8Array },
): void {
  const { data } = packet;
  const start = writeHead(out, { ...packet, bufferId: NO_BUFFER, totalLen: data.length });
  out.put(data.subarray(0, leftIn(out, start)));
  endPacketIn(out, start);
}

const names = ['reg0', 'reg1', 'reg2', 'reg3'] as const;

interface Head extends PacketInCause {
  readonly vport: number;
  /** The tenant's bits. */
  readonly metadata: number;
  readonly registers?: readonly number[];
  readonly bufferId: number;
  readonly totalLen: number;
}

/** All before the packet; answers where the frame starts. */
function writeHead(out: Writer, { vport, metadata, registers = [], ...said }: Head): number {
  const start = out.beginFrame(layout.size);
  // What misses every rule has met one of Open vSwitch's own, without a cookie.
  const isMiss = said.cookie === NO_COOKIE && said.reason === packetInReason.noMatch;
  layout.write(out.dv, start, { xid: 0, ...said, cookie: isMiss ? 0n : said.cookie });
  layout.set.version(out.dv, start, version.of10);
  layout.set.type(out.dv, start, messages10.experimenter.number);
  layout.set.experimenter(out.dv, start, niciraTold.packetIn.experimenter);
  layout.set.expType(out.dv, start, niciraTold.packetIn.expType);
  const matchAt = out.at;
  const match = normalMatch([
    oxm('in_port', portOf16(vport)),
    ...(metadata === 0 ? [] : [oxm('metadata', metadata)]),
    ...registers.flatMap((value, i) => (value === 0 ? [] : [oxm(names[i] ?? 'reg0', value)])),
  ]);
  writeNiciraMatch(out, { match, cookie: 0n, cookieMask: 0n });
  out.putSize(start + layout.offset.matchLen, matchAt);
  out.align(matchAt);
  // Two more bytes align the packet's IP header.
  out.room(2);
  return start;
}
