/**
 * Every message of OpenFlow 1.0: its number, its fixed part, who may send it. One line each.
 *
 * The table of ../messages.ts for the older version; names are those of 1.3, so that one policy
 * serves both. Source: OpenFlow 1.0.1, section 5.
 */

import { bytes, layout, pad, size16, u8, u16, u32, u64 } from '../layout.ts';
import {
  error,
  experimenter,
  head,
  header,
  type MessageName,
  type MessageRow,
  row,
  switchConfig,
} from '../messages.ts';

export { error, experimenter, header, switchConfig };

/** Then the ports (section 5.3.1). */
export const featuresReply = layout('FeaturesReply10', {
  ...head,
  dpid: u64,
  bufferCount: u32,
  tableCount: u8,
  pad: pad(3),
  capabilities: u32,
  actions: u32,
});
/** Then the packet (section 5.4.1). */
export const packetIn = layout('PacketIn10', {
  ...head,
  bufferId: u32,
  totalLen: u16,
  inPort: u16,
  reason: u8,
  pad: pad(1),
});
/** Between the header and the cookie: the match (section 5.4.3). */
export const flowRemoved = layout('FlowRemoved10', {
  ...head,
  match: pad(40),
  cookie: u64,
  priority: u16,
  reason: u8,
  pad: pad(1),
  durationSec: u32,
  durationNsec: u32,
  idleTimeoutSec: u16,
  pad2: pad(2),
  packetCount: u64,
  byteCount: u64,
});
/** Then an ofp_phy_port (section 5.4.4). */
export const portStatus = layout('PortStatus10', { ...head, reason: u8, pad: pad(7) });
/** Then the actions, then the packet (section 5.3.6). */
export const packetOut = layout('PacketOut10', {
  ...head,
  bufferId: u32,
  inPort: u16,
  actionsLen: size16,
});
/** Between the header and the cookie: the match; then the actions (section 5.3.3). */
export const flowMod = layout('FlowMod10', {
  ...head,
  match: pad(40),
  cookie: u64,
  command: u16,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  priority: u16,
  bufferId: u32,
  outPort: u16,
  flags: u16,
});
export const portMod = layout('PortMod10', {
  ...head,
  portNo: u16,
  hwAddr: bytes(6),
  config: u32,
  mask: u32,
  advertise: u32,
  pad: pad(4),
});
/** Then the body (section 5.3.5). */
export const stats = layout('Stats', { ...head, mpType: u16, flags: u16 });
export const queueConfigRequest = layout('QueueGetConfigRequest10', {
  ...head,
  portNo: u16,
  pad: pad(2),
});
/** Then the queues (section 5.3.4). */
export const queueConfigReply = layout('QueueGetConfigReply10', {
  ...head,
  portNo: u16,
  pad: pad(6),
});

/** OFPT_* (section 5.1). */
export const messages = {
  hello: row(0, header, 'atLeast', 8, 'both'),
  error: row(1, error, 'atLeast', 12, 'both'),
  echoRequest: row(2, header, 'atLeast', 8, 'both'),
  echoReply: row(3, header, 'atLeast', 8, 'both'),
  /** 1.0's vendor message; what follows the vendor's number is the vendor's, its type first. */
  experimenter: row(4, experimenter, 'atLeast', 12, 'both'),
  featuresRequest: row(5, header, 'exactly', 8, 'controller'),
  featuresReply: row(6, featuresReply, 'atLeast', 32, 'switch'),
  getConfigRequest: row(7, header, 'exactly', 8, 'controller'),
  getConfigReply: row(8, switchConfig, 'exactly', 12, 'switch'),
  setConfig: row(9, switchConfig, 'exactly', 12, 'controller'),
  packetIn: row(10, packetIn, 'atLeast', 18, 'switch'),
  flowRemoved: row(11, flowRemoved, 'exactly', 88, 'switch'),
  portStatus: row(12, portStatus, 'exactly', 64, 'switch'),
  packetOut: row(13, packetOut, 'atLeast', 16, 'controller'),
  flowMod: row(14, flowMod, 'atLeast', 72, 'controller'),
  portMod: row(15, portMod, 'exactly', 32, 'controller'),
  multipartRequest: row(16, stats, 'atLeast', 12, 'controller'),
  multipartReply: row(17, stats, 'atLeast', 12, 'switch'),
  barrierRequest: row(18, header, 'exactly', 8, 'controller'),
  barrierReply: row(19, header, 'exactly', 8, 'switch'),
  queueGetConfigRequest: row(20, queueConfigRequest, 'exactly', 12, 'controller'),
  queueGetConfigReply: row(21, queueConfigReply, 'atLeast', 16, 'switch'),
} as const satisfies Partial<Record<MessageName, MessageRow>>;

export type MessageName10 = keyof typeof messages;

/** Names by number: `messageNames[15]` is `portMod`. */
export const messageNames: readonly MessageName10[] = Object.entries(messages)
  .sort(([, a], [, b]) => a.number - b.number)
  .map(([name]) => name as MessageName10);
