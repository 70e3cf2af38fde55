/**
 * The frames that the load is made of, encoded once: what a switch, or a controller, sends.
 *
 * A packet's last four bytes name the lane (sandwich.ts) that it belongs to, so that the receiver
 * can tell that it came to the right place; a flow-mod has its lane in the cookie.
 */

import { canonicalMatch, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import {
  flowCommand,
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import type { FlowMod, Match, Message } from '../../openflow/values/values.ts';
import type { VswitchId } from '../../slices/ids.ts';
import { cookieOf, metadataOf, readCookie } from '../../translation/entries/pipeline.ts';

const PACKET_BYTES = 64;
const VPORT = 1;
/** Of the one tenant that is measured alone; others have no such port. */
const OUT = 2;
/** eth_dst of a flow-mod: its last four bytes are the rule's number, patched in the outbox. */
const MAC = Uint8Array.of(0x02, 0x4c, 0x5a, 0x5a, 0x5a, 0x5a);

/** A frame to be sent often; `ruleAt` is where 32 bits of it change from one to the next, or -1. */
export interface Template {
  readonly bytes: Uint8Array;
  readonly ruleAt: number;
}

/** A Limevisor's vswitches have numbers from 1, in the order of its configuration. */
export function vswitchIdOf(lane: number): VswitchId {
  return (lane + 1) as VswitchId;
}

function packet(lane: number): Uint8Array {
  const data = new Uint8Array(PACKET_BYTES);
  data.set(MAC);
  data.set([0x02, 0x4c, 0, 0, 0, 1, 0x08, 0x00], 6);
  new DataView(data.buffer).setUint32(PACKET_BYTES - 4, lane);
  return data;
}

function matching(...oxms: Parameters<typeof canonicalMatch>[0]): Match {
  const match = canonicalMatch(oxms);
  if ('type' in match) throw new Error(match.why);
  return match;
}

function plain(speaks: Version, message: Message): Template {
  return { bytes: encode(speaks, message), ruleAt: -1 };
}

/**
 * From a switch. Below Limevisor it says whose it is: metadata, and the cookie of the rule; in
 * OpenFlow 1.0 its port does.
 */
export function packetIn(
  speaks: Version,
  lane: number,
  datapathPort: number,
  isBelow: boolean,
): Template {
  const id = vswitchIdOf(lane);
  const inPort = oxm('in_port', datapathPort);
  return plain(speaks, {
    type: 'packetIn',
    xid: 0,
    bufferId: NO_BUFFER,
    totalLen: PACKET_BYTES,
    reason: 0,
    tableId: isBelow ? 2 : 0,
    cookie: isBelow ? cookieOf('rule', id, 1) : 0n,
    match:
      isBelow && speaks === version.of13
        ? matching(inPort, oxm('metadata', metadataOf(id, VPORT)))
        : matching(inPort),
    data: packet(lane),
  });
}

/** From a controller. */
export function packetOut(speaks: Version, lane: number): Template {
  return plain(speaks, {
    type: 'packetOut',
    xid: 7,
    bufferId: NO_BUFFER,
    inPort: ofpp.controller,
    actions: [{ type: 'output', port: VPORT, maxLen: 0 }],
    data: packet(lane),
  });
}

/** From a controller: a learning switch's rule. */
export function flowMod(speaks: Version, lane: number): Template {
  return ruleTemplate(speaks, ruleOf(lane, 10, match, OUT));
}

/** The same, and it writes an address before it sends. */
export function setField(speaks: Version, lane: number): Template {
  const rule = ruleOf(lane, 10, match, OUT);
  const address = { type: 'setField', oxm: oxm('eth_src', 9) } as const;
  const actions = [address, { type: 'output', port: OUT, maxLen: 0xffff }] as const;
  return ruleTemplate(speaks, { ...rule, instructions: [{ type: 'applyActions', actions }] });
}

/** A rule does what it did at first, or this. */
export function modify(
  speaks: Version,
  lane: number,
  instructions: FlowMod['instructions'] = ruleOf(lane, 10, match, OUT).instructions,
): Template {
  const rule = ruleOf(lane, 10, match, OUT);
  return ruleTemplate(speaks, { ...rule, command: flowCommand.modifyStrict, instructions });
}

const match = matching(oxm('in_port', VPORT), { oxmClass: 0x8000, field: 3, value: MAC });

function ruleTemplate(speaks: Version, rule: FlowMod): Template {
  const bytes = encode(speaks, rule);
  const macAt = Buffer.from(bytes).indexOf(MAC);
  if (macAt < 0) throw new Error('the flow-mod has no eth_dst to patch');
  return { bytes, ruleAt: macAt + 2 };
}

/** From a controller: what every controller installs first, so that packets come up. */
export function tableMiss(speaks: Version, lane: number): Template {
  return plain(speaks, ruleOf(lane, 0, [], ofpp.controller));
}

function ruleOf(lane: number, priority: number, match: Match, port: number): FlowMod {
  return {
    type: 'flowMod',
    xid: 7,
    cookie: cookieOf('rule', vswitchIdOf(lane), 0),
    cookieMask: 0n,
    tableId: 0,
    command: 0,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    priority,
    bufferId: NO_BUFFER,
    outPort: ofpp.any,
    outGroup: ofpg.any,
    flags: 0,
    match,
    instructions: [{ type: 'applyActions', actions: [{ type: 'output', port, maxLen: 0xffff }] }],
  };
}

export const echoRequest = (speaks: Version): Template =>
  plain(speaks, { type: 'echoRequest', xid: 7, data: new Uint8Array(8) });
export const barrierRequest = (speaks: Version): Template =>
  plain(speaks, { type: 'barrierRequest', xid: 7 });
export const hello = (speaks: Version): Template =>
  plain(speaks, { type: 'hello', xid: 1, versions: [speaks] });
export const featuresRequest = (speaks: Version): Template =>
  plain(speaks, { type: 'featuresRequest', xid: 2 });

/** The lane that a packet-in or packet-out belongs to. */
export function laneOfPacket(dv: DataView, at: number, length: number): number {
  return dv.getUint32(at + length - 4);
}

/** The lane that a flow-mod belongs to; -1 for what is nobody's rule (wiring). */
export function laneOfRule(dv: DataView, at: number): number {
  const cookieAt = at + (dv.getUint8(at) === version.of10 ? 48 : 8);
  // 'L', then the kind of cookie (translation/entries/pipeline.ts): read in place, as this is
  // counted.
  if (dv.getUint16(cookieAt) !== RULE_COOKIE) return -1;
  return dv.getUint16(cookieAt + 2) - 1;
}

const RULE_COOKIE = Number(cookieOf('rule', 0, 0) >> 48n);
if (readCookie(cookieOf('rule', 5, 6))?.id !== 5) throw new Error('cookies are read otherwise now');
