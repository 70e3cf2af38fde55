/**
 * Every message of OpenFlow 1.3: its number, its fixed part, who may send it. One line each.
 *
 * The hot path reads fields in place with these layouts; codec.ts decodes and encodes with them;
 * translation's policy table and the fuzzers walk `messages`. A message missing here does not
 * compile. `minimum` is the shortest valid frame in bytes: the layout's size, and what must follow
 * it (a match is 8 bytes at least).
 */

import { type AnyLayout, bytes, layout, pad, size16, u8, u16, u32, u64 } from './layout.ts';
import type { Message } from './values.ts';

/** ofp_header (OF1.3.5 section 7.1). */
export const head = { version: u8, type: u8, length: size16, xid: u32 };
export const header = layout('Header', head);

export const experimenter = layout('Experimenter', { ...head, experimenter: u32, expType: u32 });
export const error = layout('Error', { ...head, errorType: u16, errorCode: u16 });
export const featuresReply = layout('FeaturesReply', {
  ...head,
  dpid: u64,
  bufferCount: u32,
  tableCount: u8,
  auxiliaryId: u8,
  pad: pad(2),
  capabilities: u32,
  reserved: pad(4),
});
export const switchConfig = layout('SwitchConfig', { ...head, flags: u16, missSendLen: u16 });
/** Then the match, two bytes of padding, the packet (section 7.4.1). */
export const packetIn = layout('PacketIn', {
  ...head,
  bufferId: u32,
  totalLen: u16,
  reason: u8,
  tableId: u8,
  cookie: u64,
});
/** Then the match (section 7.4.2). */
export const flowRemoved = layout('FlowRemoved', {
  ...head,
  cookie: u64,
  priority: u16,
  reason: u8,
  tableId: u8,
  durationSec: u32,
  durationNsec: u32,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  packetCount: u64,
  byteCount: u64,
});
/** Then an ofp_port (section 7.4.3). */
export const portStatus = layout('PortStatus', { ...head, reason: u8, pad: pad(7) });
/** Then the actions, then the packet (section 7.3.7). */
export const packetOut = layout('PacketOut', {
  ...head,
  bufferId: u32,
  inPort: u32,
  actionsLen: size16,
  pad: pad(6),
});
/** Then the match, then the instructions (section 7.3.4.1). */
export const flowMod = layout('FlowMod', {
  ...head,
  cookie: u64,
  cookieMask: u64,
  tableId: u8,
  command: u8,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  priority: u16,
  bufferId: u32,
  outPort: u32,
  outGroup: u32,
  flags: u16,
  pad: pad(2),
});
/** Then the buckets (section 7.3.4.2). */
export const groupMod = layout('GroupMod', {
  ...head,
  command: u16,
  groupType: u8,
  pad: pad(1),
  groupId: u32,
});
export const portMod = layout('PortMod', {
  ...head,
  portNo: u32,
  pad: pad(4),
  hwAddr: bytes(6),
  pad2: pad(2),
  config: u32,
  mask: u32,
  advertise: u32,
  pad3: pad(4),
});
export const tableMod = layout('TableMod', { ...head, tableId: u8, pad: pad(3), config: u32 });
/** Then the body (section 7.3.5). Requests and replies have the same shape. */
export const multipart = layout('Multipart', { ...head, mpType: u16, flags: u16, pad: pad(4) });
/** In a reply, then the queues (section 7.3.6). */
export const queueConfig = layout('QueueGetConfig', { ...head, portNo: u32, pad: pad(4) });
export const role = layout('Role', { ...head, role: u32, pad: pad(4), generationId: u64 });
/** Masks come in pairs: as master or equal, then as slave (section 7.3.10). */
export const asyncConfig = layout('AsyncConfig', {
  ...head,
  packetIn: u32,
  packetInSlave: u32,
  portStatus: u32,
  portStatusSlave: u32,
  flowRemoved: u32,
  flowRemovedSlave: u32,
});
/** Then the bands (section 7.3.4.4). */
export const meterMod = layout('MeterMod', { ...head, command: u16, flags: u16, meterId: u32 });

/** Who sends it: the controller (southward), the switch (northward), or both. */
export type Sender = 'controller' | 'switch' | 'both';

export interface MessageRow {
  readonly number: number;
  readonly layout: AnyLayout;
  /** Bytes; a frame is exactly that long, or at least. */
  readonly minimum: number;
  readonly exact: boolean;
  readonly from: Sender;
}

export function row(
  number: number,
  of: AnyLayout,
  length: 'exactly' | 'atLeast',
  minimum: number,
  from: Sender,
): MessageRow {
  return { number, layout: of, minimum, exact: length === 'exactly', from };
}

export type MessageName = Message['type'];

/** OFPT_* (section 7.1). */
export const messages = {
  hello: row(0, header, 'atLeast', 8, 'both'),
  error: row(1, error, 'atLeast', 12, 'both'),
  echoRequest: row(2, header, 'atLeast', 8, 'both'),
  echoReply: row(3, header, 'atLeast', 8, 'both'),
  experimenter: row(4, experimenter, 'atLeast', 16, 'both'),
  featuresRequest: row(5, header, 'exactly', 8, 'controller'),
  featuresReply: row(6, featuresReply, 'exactly', 32, 'switch'),
  getConfigRequest: row(7, header, 'exactly', 8, 'controller'),
  getConfigReply: row(8, switchConfig, 'exactly', 12, 'switch'),
  setConfig: row(9, switchConfig, 'exactly', 12, 'controller'),
  packetIn: row(10, packetIn, 'atLeast', 34, 'switch'),
  flowRemoved: row(11, flowRemoved, 'atLeast', 56, 'switch'),
  portStatus: row(12, portStatus, 'exactly', 80, 'switch'),
  packetOut: row(13, packetOut, 'atLeast', 24, 'controller'),
  flowMod: row(14, flowMod, 'atLeast', 56, 'controller'),
  groupMod: row(15, groupMod, 'atLeast', 16, 'controller'),
  portMod: row(16, portMod, 'exactly', 40, 'controller'),
  tableMod: row(17, tableMod, 'exactly', 16, 'controller'),
  multipartRequest: row(18, multipart, 'atLeast', 16, 'controller'),
  multipartReply: row(19, multipart, 'atLeast', 16, 'switch'),
  barrierRequest: row(20, header, 'exactly', 8, 'controller'),
  barrierReply: row(21, header, 'exactly', 8, 'switch'),
  queueGetConfigRequest: row(22, queueConfig, 'exactly', 16, 'controller'),
  queueGetConfigReply: row(23, queueConfig, 'atLeast', 16, 'switch'),
  roleRequest: row(24, role, 'exactly', 24, 'controller'),
  roleReply: row(25, role, 'exactly', 24, 'switch'),
  getAsyncRequest: row(26, header, 'exactly', 8, 'controller'),
  getAsyncReply: row(27, asyncConfig, 'exactly', 32, 'switch'),
  setAsync: row(28, asyncConfig, 'exactly', 32, 'controller'),
  meterMod: row(29, meterMod, 'atLeast', 16, 'controller'),
} as const satisfies Record<MessageName, MessageRow>;

/** Names by number: `messageNames[14]` is `flowMod`. */
export const messageNames: readonly MessageName[] = Object.entries(messages)
  .sort(([, a], [, b]) => a.number - b.number)
  .map(([name]) => name as MessageName);
