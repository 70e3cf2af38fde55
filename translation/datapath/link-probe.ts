/**
 * Probes: frames of ours that show where cables lead (docs/DESIGN.md, "Where cables lead").
 *
 * One is sent out of a port by a packet-out, and comes up wherever the cable ends. It says a number
 * and a seal: the MAC of that number, of the port that it left by and of the moment, with a key
 * that nobody else has. Which port that was is not in it: what a stranger sees is of no use to him.
 *
 * It travels under the addresses of tenants' wrapped frames (ways.ts), so what carries those
 * carries it. The entry that sends probes up is below all entries of tenants: between datapaths
 * these are wrapped or have a tag, and what enters by a host's port is the tenant's, whatever it
 * looks like.
 */
import { matchOf, oxm, withField } from '../../openflow/match/match.ts';
import { port as ofpp, vlan } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Dpid, Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { frameOut } from '../entries/frame-output.ts';
import { addFlow, type PhysicalFlow } from '../entries/physical-tables.ts';
import { cookieOf } from '../entries/pipeline.ts';
import { levels } from '../flat/priority-map.ts';

/** The second for local experiments (IEEE 802); markers have the first. */
export const PROBE_ETHERTYPE = 0x88b6;
/** As those of wrapped frames: a local group, which a switch in the middle of a cable floods. */
const [TO, FROM] = [0x03, 0x02];
const NUMBER_AT = 14;
const SEAL_AT = 18;
export const SEAL_BYTES = 16;
const SMALL_BYTES = 60;

/** A small one finds where a cable leads, a full one whether tenants' full-size frames fit. */
export type ProbeSize = 'small' | 'full';

/** Sends probes up, and whatever else looks like one and is no tenant's. */
export const linkProbeFlow: PhysicalFlow = {
  tableId: 0,
  priority: levels.probe,
  match: matchOf(
    oxm('eth_dst', '03:00:00:00:00:00'),
    oxm('eth_type', PROBE_ETHERTYPE),
    oxm('vlan_vid', vlan.none),
  ),
  instructions: [
    {
      type: 'applyActions',
      actions: [{ type: 'output', port: ofpp.controller, maxLen: 0xffff }],
    },
  ],
  cookie: cookieOf('probe', 0, 0),
};

/** The lower 40 bits of a source address, of probes that come up from hosts' ports too; not 0. */
export type ProbeSource = number & { readonly isSource: true };

/**
 * Sends up, above all entries of tenants, probes from a source that nobody else knows, while
 * somebody looks for cables that end in hosts' ports (hypervisor/datapath/host-ports.ts).
 */
export function hostProbeFlows(source: ProbeSource | undefined): readonly PhysicalFlow[] {
  if (source === undefined) return [];
  const from = oxm('eth_src', FROM * SOURCES + source);
  const match = withField(linkProbeFlow.match, from);
  return [{ ...linkProbeFlow, priority: levels.inner, match, cookie: cookieOf('probe', 0, 1) }];
}

/** How many there are. */
const SOURCES = 2 ** 40;

/** Drops by a port what looks like a probe. */
export function deafFlow(port: Port): PhysicalFlow {
  return {
    ...linkProbeFlow,
    priority: levels.noProbe,
    match: withField(linkProbeFlow.match, oxm('in_port', port)),
    instructions: [],
    cookie: cookieOf('deaf', 0, port),
  };
}

/** The same on a switch that is not in the file: above all that is there, and it goes by itself. */
export const strangerFlow: Message = {
  ...addFlow({ ...linkProbeFlow, priority: 0xffff }, false),
  hardTimeoutSec: limits.strangerEntrySec,
};

export interface Probe {
  /** 32 bits. */
  readonly number: number;
  readonly seal: Uint8Array;
}

/** Where and when a probe was sent: what its seal speaks for. */
export interface Sending {
  readonly number: number;
  readonly dpid: Dpid;
  readonly port: Port;
  readonly size: ProbeSize;
  readonly sentMs: number;
}

/** The bytes of which the seal is the MAC. */
export function sealedBytes({ number, dpid, port, size, sentMs }: Sending): Uint8Array {
  const bytes = new Uint8Array(28);
  const dv = new DataView(bytes.buffer);
  dv.setUint32(0, number);
  dv.setBigUint64(4, dpid);
  dv.setUint32(12, port);
  dv.setUint32(16, size === 'full' ? 1 : 0);
  dv.setFloat64(20, sentMs);
  return bytes;
}

/**
 * How long a full one is: as a tenant's full-size frame between these datapaths, wrapped, or with
 * no more than a tag, for which an Ethernet device has room besides.
 */
export function probeBytes(size: ProbeSize, isWrapped: boolean): number {
  if (size === 'small') return SMALL_BYTES;
  return limits.fullFrameBytes + (isWrapped ? limits.wrappingBytes : 0);
}

/** A packet-out that sends a probe out of a port. */
export function probeOut(
  { number, seal }: Probe,
  port: number,
  bytes: number,
  source = 0,
): Message {
  const data = new Uint8Array(bytes);
  const dv = new DataView(data.buffer);
  data[0] = TO;
  data[6] = FROM;
  dv.setUint8(7, Math.floor(source / 2 ** 32));
  dv.setUint32(8, source >>> 0);
  dv.setUint16(12, PROBE_ETHERTYPE);
  dv.setUint32(NUMBER_AT, number);
  data.set(seal, SEAL_AT);
  return frameOut(data, port);
}

/** What looks like a probe; undefined for every other packet. */
export function probeIn(data: Uint8Array): Probe | undefined {
  if (data.length < SMALL_BYTES || data[0] !== TO || data[6] !== FROM) return undefined;
  const dv = new DataView(data.buffer, data.byteOffset, data.length);
  if (dv.getUint16(12) !== PROBE_ETHERTYPE) return undefined;
  return { number: dv.getUint32(NUMBER_AT), seal: data.slice(SEAL_AT, SEAL_AT + SEAL_BYTES) };
}
