/**
 * Loss probes: frames of ours that take the way of a vport's frames while its vswitch migrates, so
 * that losses on that way are counted (docs/DESIGN.md, "Loss probes").
 *
 * A datapath is told to take one as if it had come in by a host's port, or to send one to where a
 * virtual link leads. From there it goes as every frame of that vport: over ways, to the home of
 * the vport, led on by a guard or dropped by a freeze. At the body that would process it an entry
 * in the table of guards, above all that is held and below a freeze, sends it up to us. So it meets
 * no rule of the tenant, and no host and no controller ever sees one: they have a source address
 * that is drawn for each migration and that nobody else knows.
 */
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { NO_BUFFER, port as ofpp } from '../../openflow/values/constants.ts';
import type { Action, Message, Oxm } from '../../openflow/values/values.ts';
import type { VswitchId } from '../../slices/ids.ts';
import { stopMaskBit } from '../entries/cache-eviction.ts';
import { frameOut } from '../entries/frame-output.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { cookieOf, inVswitch, tables } from '../entries/pipeline.ts';

/** The lower 40 bits of a source address; not 0. */
export type LossProbeSource = number & { readonly isLossProbeSource: true };

/** The second for local experiments (IEEE 802). */
const ETHERTYPE = 0x88b6;
/** Locally administered; nobody has it. */
const TO = [0x0a, 0x4c, 0x49, 0x4d, 0x45, 0x50] as const;
const FROM = 0x02;
const NUMBER_AT = 14;
const FRAME_BYTES = 60;
/** How many sources there are. */
const SOURCES = 2 ** 40;

export function lossProbeSource(random: number): LossProbeSource {
  return (1 + Math.floor(random * (SOURCES - 1))) as LossProbeSource;
}

/** What probes are like, and nothing else. */
export function isLossProbe(source: LossProbeSource): readonly Oxm[] {
  return [oxm('eth_src', FROM * SOURCES + source), oxm('eth_type', ETHERTYPE)];
}

/** Sends them up where the vswitch's packets are processed. */
export function lossProbeFlow(
  id: VswitchId,
  source: LossProbeSource,
  priority: number,
): PhysicalFlow {
  // Without a vswitch's metadata a packet that comes up is no tenant's.
  const nobodys: Action = { type: 'setField', oxm: oxm('metadata', 0) };
  const up: Action = { type: 'output', port: ofpp.controller, maxLen: 0xffff };
  return {
    tableId: tables.guard,
    priority,
    match: matchOf(inVswitch(id), ...isLossProbe(source)),
    instructions: [{ type: 'applyActions', actions: [stopMaskBit, nobodys, up] }],
    cookie: cookieOf('lossProbe', id, 0),
  };
}

/** `number` has 32 bits. */
function frameOf(source: LossProbeSource, number: number): Uint8Array {
  const data = new Uint8Array(FRAME_BYTES);
  const dv = new DataView(data.buffer);
  data.set(TO, 0);
  dv.setUint8(6, FROM);
  dv.setUint8(7, Math.floor(source / 2 ** 32));
  dv.setUint32(8, source >>> 0);
  dv.setUint16(12, ETHERTYPE);
  dv.setUint32(NUMBER_AT, number);
  return data;
}

/** A packet-out of one that is taken as if it had come in by a host's port. */
export function lossProbeFromHost(source: LossProbeSource, number: number, port: number): Message {
  return frameOut(frameOf(source, number), ofpp.table, port);
}

/** A packet-out of one that leaves by a vport of another vswitch, which has this group. */
export function lossProbeByGroup(
  source: LossProbeSource,
  number: number,
  groupId: number,
): Message {
  const data = frameOf(source, number);
  const actions = [{ type: 'group', groupId }] as const;
  return { type: 'packetOut', xid: 0, bufferId: NO_BUFFER, inPort: ofpp.controller, actions, data };
}

/** Whose a probe is, and its number; undefined for every other packet. */
export function lossProbeIn(
  data: Uint8Array,
): { readonly source: number; readonly number: number } | undefined {
  if (data.length < FRAME_BYTES || TO.some((byte, i) => data[i] !== byte)) return undefined;
  const dv = new DataView(data.buffer, data.byteOffset, data.length);
  if (dv.getUint8(6) !== FROM || dv.getUint16(12) !== ETHERTYPE) return undefined;
  const source = dv.getUint8(7) * 2 ** 32 + dv.getUint32(8);
  return { source, number: dv.getUint32(NUMBER_AT) };
}
